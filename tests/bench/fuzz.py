"""Imports of damaged and hostile files for as long as asked: ``python -m tests.bench.fuzz --seconds N [--seed S]``.

Each is run by the command itself, in this process (bombs in one of their own); what breaks a rule is printed, its
file kept in ``--keep``. The samples beside the project are damaged where they are there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from itertools import chain
from pathlib import Path

from tests.inventory.fuzz.attempts import apart, attempt, faults, tree, workspace
from tests.inventory.fuzz.hostile import BOMBS, mutations
from tests.inventory.fuzz.seeds import made, real

SAMPLES = Path(os.environ.get("FRANCECLOUD_SHARED", Path(__file__).resolve().parents[2].parent / "shared")) / "samples"


def main() -> int:
    """1 where a file broke a rule."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bombs", action="store_true", help="the bombs first, each in a process of its own")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    codes: Counter[int] = Counter()
    broken, slowest = 0, (0.0, "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = workspace(folder / "base")
        seeds = {**made(), **(real(SAMPLES) if SAMPLES.is_dir() else {})}
        work = [(n, make, True) for n, make in BOMBS.items()] if options.bombs else []
        damaged = ((n, lambda c=c: c, False) for n, c in mutations(seeds, options.seed))
        begun = time.perf_counter()
        for what, make, separately in chain(work, damaged):
            if not separately and time.perf_counter() - begun > options.seconds:
                break
            here = folder / "ws"
            shutil.rmtree(here, ignore_errors=True)
            shutil.copytree(base, here)
            path = folder / what
            path.write_bytes(make())
            before = tree(here)
            done = apart(path, here) if separately else attempt(path, here)
            codes[done.code] += 1
            slowest = max(slowest, (done.seconds, what))
            if found := faults(done, before, tree(here)):
                broken += 1
                print(what, *found, sep="\n  ", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, options.keep / what)
            path.unlink()
    print(
        f"{sum(codes.values())} files, exit codes {dict(codes)}, {broken} broke a rule, slowest {slowest[0]:.1f} s ({slowest[1]})"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
