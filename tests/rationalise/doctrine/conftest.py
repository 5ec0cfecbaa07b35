"""The doctrine, and profiles written in one line."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from rationalise import Doctrine, evaluate, load_doctrine

DAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def doctrine() -> Doctrine:
    """The shipped catalogue."""
    return load_doctrine()


@pytest.fixture(scope="session")
def verdict(doctrine: Doctrine) -> Callable[..., dict[str, tuple[str, list[str]]]]:
    """``verdict(classification="dr", offers=["pi-dr"])`` → tier or offer → (verdict, rules)."""

    def judge(as_of: date = DAY, offers: list[str] | None = None, **said: str) -> dict[str, tuple[str, list[str]]]:
        frame = pl.DataFrame(
            {n: [said.get(n)] for n in doctrine.attributes}, schema=dict.fromkeys(doctrine.attributes, pl.String)
        )
        found = evaluate(doctrine, frame, as_of, offers=offers)
        rows = (
            found.offers.select("offer", "verdict", "rules")
            if offers
            else found.tiers.select("tier", "verdict", "rules")
        )
        return {name: (word, rules.split("|") if rules else []) for name, word, rules in rows.iter_rows()}

    return judge


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, on a socket; use with ``@pytest.mark.needs("postgresql")``."""
    folders = [
        *map(Path, os.environ.get("PATH", "").split(os.pathsep)),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin")),
    ]
    programs = next(f for f in folders if (f / "initdb").exists())
    # The server refuses to run as root; what it is given to own is short, for a socket's path has a limit.
    owner = (
        next((u for u in ("postgres", "nobody") if u in {p.pw_name for p in pwd.getpwall()}), None)
        if os.geteuid() == 0
        else None
    )
    folder = Path(tempfile.mkdtemp(prefix="fc-pg-"))
    if owner:
        shutil.chown(folder, owner)

    def call(*line: str) -> None:
        subprocess.run(line, check=True, user=owner, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)

    try:
        call(str(programs / "initdb"), "-D", f"{folder}/data", "-U", "tests", "-A", "trust", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        call(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"host={folder} user=tests dbname=postgres"
        finally:
            call(str(programs / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
