"""What the tests need beyond Python, found once; absent, the test is skipped with the reason said.

With ``FRANCECLOUD_TESTS_REQUIRE_ALL=1`` (set by ``.ci/run``) an absence is a failure.
"""

import fcntl
import os
import shutil
from pathlib import Path
from typing import TextIO

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("FRANCECLOUD_SHARED", ROOT.parent / "shared"))
REQUIRE_ALL = os.environ.get("FRANCECLOUD_TESTS_REQUIRE_ALL") == "1"


def _shared() -> str | None:
    return None if SHARED.is_dir() else f"the shared samples are not at {SHARED}"


def _engine() -> str | None:
    from stacks.engine import find_engine

    return None if find_engine() else "no Pulumi engine: francecloud engine install"


_held: list[TextIO] = []


def _lab() -> str | None:
    from stacks.lab import lab_base, lab_is_up

    if not lab_is_up():
        return "the OpenStack lab is not up: francecloud lab up"
    # Two runs on one lab make objects of the same names and count each other's.
    _held.append((lab_base() / "tests.lock").open("w"))
    try:
        fcntl.flock(_held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return "another run of the tests is using the OpenStack lab"
    return None


def _browser() -> str | None:
    return None if shutil.which("chromium") else "no chromium on PATH"


def _postgresql() -> str | None:
    import importlib.util

    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed"
    return (
        None
        if list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        else "no PostgreSQL server: apt install postgresql"
    )


PROBES = {"postgresql": _postgresql, "shared": _shared, "engine": _engine, "lab": _lab, "browser": _browser}
_answers: dict[str, str | None] = {}


def absent(what: str) -> str | None:
    """Why *what* cannot be used here, or None when it can."""
    if what not in _answers:
        _answers[what] = PROBES[what]()
    return _answers[what]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for what in mark.args:
            reason = absent(what)
            if reason and REQUIRE_ALL:
                pytest.fail(f"needed here and absent: {reason}", pytrace=False)
            if reason:
                pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the shared samples; use with ``@pytest.mark.needs("shared")``."""
    return SHARED


@pytest.fixture(autouse=True)
def french() -> None:
    """Every test starts in French, whatever the machine's locale or the test before."""
    from inventory.language import set_language

    set_language("fr")
