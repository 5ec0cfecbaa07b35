"""Deploy every kind, in a process of its own that a test can kill: ``run_every_kind.py FOLDER IMAGE``."""

import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import every_kind

from inventory.workspace import open_workspace
from stacks.engine import find_engine
from stacks.run.changes import deploy
from stacks.run.target import Target


def main(folder: str, image: str) -> None:
    """Deploy, telling each step as it begins."""
    engine = find_engine()
    if engine is None:
        raise SystemExit("no engine")
    target = Target(open_workspace(Path(folder)), "landing_zone", every_kind.NAME, date(2026, 11, 23))
    deploy(
        target, engine, f"francecloud:zone={every_kind.NAME}", lambda text: print(text, flush=True), parallel=4,
        progress=lambda step: print(step.op, step.name, flush=True),
        program=lambda: every_kind.program({"image": image}),
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
