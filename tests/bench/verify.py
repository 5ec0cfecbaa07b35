"""The proof of the shipped catalogue: how long, how much memory, and twice the same bytes.

``python -m tests.bench.verify`` runs ``francecloud doctrine verify --json`` twice, each in a process of its own with a
different hash seed, and compares what they print. Then, on a sample it can bear, the same verdicts one raw profile at
a time, without classes: the ratio says what the quotient is worth.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time

import polars as pl

from rationalise import load_doctrine
from rationalise.doctrine.proof.tables import judge, verdicts

RAW = 50_000
"""Raw profiles judged without the quotient."""


def proof(seed: int) -> tuple[bytes, float, float]:
    """What verify prints, in how many seconds of wall clock, with how many GB at most."""
    started = time.perf_counter()
    command = [sys.executable, "-c", "from francecloud.main import main; main(['doctrine', 'verify', '--json'])"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": str(seed)})
    out, _err = child.communicate()
    seconds = time.perf_counter() - started
    assert child.returncode == 0, f"the proof fails: exit code {child.returncode}"
    return out, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


def main() -> None:
    """Print the figures."""
    (first, seconds, memory), (second, again, _memory) = proof(1), proof(2)
    document = json.loads(first)
    print(f"profiles covered at each of {len(document['dates'])} dates: {document['profiles']:,} "
          f"in {sum(document['classes'].values()):,} classes; {document['verdicts']:,} verdicts checked")  # fmt: skip
    print(f"francecloud doctrine verify --json: {seconds:.1f} s, then {again:.1f} s; at most {memory:.2f} GB")
    print(f"same bytes twice: {first == second} (sha256 {hashlib.sha256(first).hexdigest()[:16]})")
    doctrine = load_doctrine()
    started = time.perf_counter()
    found = verdicts(doctrine)
    quotient = time.perf_counter() - started
    raw = pl.DataFrame(
        list(found.whole.sample(RAW)), schema=dict.fromkeys(doctrine.attributes, pl.String), orient="row"
    )
    days = [day for epoch in found.epochs for day in epoch.days]
    started = time.perf_counter()
    for _name, _frame in judge(doctrine, raw, days[-1], list(doctrine.offers)):
        pass
    naive = (time.perf_counter() - started) * found.whole.raw / RAW * len(days)
    print(f"verdicts of the whole domain by classes: {quotient:.1f} s; without classes, from {RAW:,} raw profiles on one "
          f"date: {naive:,.0f} s, {naive / quotient:,.0f} times more")  # fmt: skip


if __name__ == "__main__":
    main()
