"""What the driver's tests share: a workspace, the engine, the lab's clouds."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

DAY = date(2026, 11, 23)


@pytest.fixture
def target(tmp_path: Path) -> Any:
    """A stack of a bare workspace."""
    from inventory.workspace import open_workspace
    from stacks.run.target import Target

    (tmp_path / "francecloud.toml").write_text('[workspace]\nname = "essai"\n', encoding="utf-8")
    return Target(open_workspace(tmp_path), "landing_zone", "essai", DAY)


@pytest.fixture(scope="session")
def engine() -> Any:
    """The engine of this machine; use with ``@pytest.mark.needs("engine")``."""
    from stacks.engine import find_engine

    return find_engine()


@pytest.fixture
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "essai")


@pytest.fixture
def said() -> list[str]:
    """What the driver says, as a list to look into; its ``append`` is the way to say."""
    return []


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Connections to the lab as its administrator; the provider finds the same cloud."""
    from stacks.lab import lab_clouds_file
    from stacks.run.recovery.cloud import connect

    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab_clouds_file()))
    return lambda: connect({"cloud": "lab"})
