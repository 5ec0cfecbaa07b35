"""Imports at the sizes of issue 4, each in a process of its own: time, memory, and what reading alone costs others.

``python -m tests.bench.imports [--size SHARE] [--json]``; SHARE scales every count (1 by default). Side by side in
the same run, pandas (in an environment made for it, where ``uv`` can) and openpyxl do the reading only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

OURS = "import sys; from francecloud.main import main; main(sys.argv[1:])"
PANDAS = (
    "import sys, pandas\n"
    "for f in sys.argv[1:]:\n"
    "    if f.endswith('.csv'): pandas.read_csv(f, sep=';', dtype=str, keep_default_na=False)\n"
    "    else: pandas.read_excel(f, sheet_name=None, header=None, dtype=str)\n"
)
OPENPYXL = (
    "import sys, openpyxl\n"
    "for f in sys.argv[1:]:\n"
    "    for sheet in openpyxl.load_workbook(f, read_only=True).worksheets:\n"
    "        for row in sheet.iter_rows(values_only=True): pass\n"
)
GIB = 2**30


@dataclass(frozen=True)
class Case:
    """Files to import, and what issue 4 allows: seconds and bytes."""

    name: str
    files: tuple[Path, ...]
    seconds: float
    memory: float


@dataclass(frozen=True)
class Measure:
    """A process: what it did, seconds of wall clock and of processor, peak memory in bytes; ``ratio`` to the import of the same files."""

    case: str
    what: str
    seconds: float
    cpu: float
    memory: int
    within: bool | None = None
    ratio: float | None = None


def cases(folder: Path, share: float) -> list[Case]:
    """The three of issue 4, their files written in *folder*, and the last with every cell in quotes."""
    # Made by another process: what a parent ever held counts in the peak of its children.
    words = [sys.executable, "-m", "tests.bench.made", str(folder), str(share)]
    subprocess.run(words, check=True, cwd=Path(__file__).resolve().parents[2])
    apps, many, links, rows = (int(n * share) for n in (5_000, 50_000, 30_000, 1_000_000))
    some, few = int(20_000 * share), int(2_000 * share)
    ministry = tuple(folder / f"{n}.csv" for n in ("applications", "serveurs", "flux"))
    books = (folder / "rvtools.xlsx", folder / "applications.xlsx")
    return [
        Case(f"{apps} applications, {many} servers, {links} flows, CSV", ministry, 10, 2 * GIB),
        Case(f"{some} servers, {few} applications, XLSX", books, 3, 0.5 * GIB),
        Case(f"{rows} rows, CSV", (folder / "million.csv",), 10, 2 * GIB),
        Case(f"{rows} rows, CSV, all in quotes", (folder / "quoted.csv",), 10, 2 * GIB),
    ]


def timed(words: list[str]) -> tuple[float, float, int]:
    """Seconds of wall clock, of processor, and peak bytes of a process, its start included.

    Raises:
        RuntimeError: it failed.
    """
    begun = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr
    said = child.stderr.read()
    _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{words[:3]}… left with {child.returncode}: {said.decode()[-500:]}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def with_pandas(folder: Path) -> str | None:
    """A Python that has pandas: this one, else one made in *folder*; None where neither can be."""
    if subprocess.run([sys.executable, "-c", "import pandas"], capture_output=True, check=False).returncode == 0:
        return sys.executable
    uv = shutil.which("uv")
    if uv is None:
        return None
    made = folder / "pandas"
    for words in (["venv", "--quiet", "--python", sys.executable, made],
                  ["pip", "install", "--quiet", "--python", made / "bin/python", "pandas", "openpyxl"]):  # fmt: skip
        if subprocess.run([uv, *words], capture_output=True, check=False).returncode:
            return None
    return str(made / "bin/python")


def measure(case: Case, folder: Path, pandas: str | None) -> list[Measure]:
    """The import, the same again with nothing changed, hashing alone, and what others need to read."""
    workspace = folder / f"ws-{case.files[0].stem}"
    files = [str(f) for f in case.files]
    command = [sys.executable, "-c", OURS, "import", *files, "--workspace", str(workspace)]
    seconds, cpu, memory = timed(command)
    found = [Measure(case.name, "import", seconds, cpu, memory, seconds < case.seconds and memory < case.memory)]
    others = [
        ("again, nothing changed", command),
        ("(the same command doing nothing)", [sys.executable, "-c", OURS, "import", "--help"]),
    ]
    if pandas:
        others.append(("pandas, reading only", [pandas, "-c", PANDAS, *files]))
    if files[0].endswith(".xlsx"):
        others.append(("openpyxl, reading only", [sys.executable, "-c", OPENPYXL, *files]))
    for what, words in others:
        other, cpu, peak = timed(words)
        found.append(Measure(case.name, what, other, cpu, peak, ratio=other / seconds))
    hashed = time.perf_counter()
    for file in case.files:
        hashlib.sha256(file.read_bytes()).digest()
    hashed = time.perf_counter() - hashed
    return [*found, Measure(case.name, "(hashing the sources)", hashed, hashed, 0, ratio=hashed / seconds)]


def main() -> int:
    """Print the measures; 1 where a bar of issue 4 is missed at full size."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.imports")
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pandas = with_pandas(folder)
        if pandas is None:
            print("pandas cannot be had here: skipped", file=sys.stderr)
        found = [m for case in cases(folder, options.size) for m in measure(case, folder, pandas)]
    if options.json:
        print(json.dumps([asdict(m) for m in found], ensure_ascii=False, indent=1))
    else:
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for m in found:
            if m.what == "import":
                print(f"\n{m.case}")
            bar = {True: "within the bar", False: "MISSED", None: f"{m.ratio or 0:.2f} × the import"}[m.within]
            print(f"  {m.what:34} {m.seconds:7.2f} s (cpu {m.cpu:5.2f} s) {m.memory / 2**20:7.0f} MiB  {bar}")
    return 1 if options.size >= 1 and any(m.within is False for m in found) else 0


if __name__ == "__main__":
    sys.exit(main())
