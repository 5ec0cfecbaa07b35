"""Run as a program: imports killed at each step they take on the file system, one process a step.

``python killing.py WORKSPACE BEFORE AFTER FILE…``: WORKSPACE is made again from BEFORE for every step; each import of
the FILEs is killed (SIGKILL) just before its n-th step, n from 1 until one is not killed. After each, ``check`` runs
as the next command, and the workspace must then be BEFORE or AFTER. One line of JSON a step is printed.

Children are forks of this process, which has imported everything and computed nothing: a start costs a few
milliseconds instead of half a second, and no thread of Polars is alive yet to be lost by the fork.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import polars  # noqa: F401  (for the forks)

import inventory.commands
import inventory.importing  # noqa: F401
from francecloud.main import run

STEPS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "os.truncate", "os.link", "os.symlink"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def kill_before(step: int, root: str) -> None:
    """Have this process killed just before its *step*-th change below *root*."""
    left = [step]

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, words: tuple[object, ...]) -> None:
        touched = event in STEPS or (event == "open" and isinstance(words[2], int) and words[2] & WRITES)
        if touched and (event != "open" or str(words[0]).startswith(root)):
            count()

    sync = os.fsync

    def synced(handle: int) -> None:
        count()
        sync(handle)

    os.fsync = synced
    sys.addaudithook(hook)


def tree(root: Path) -> dict[str, bytes]:
    """Every file that counts and its bytes."""
    found = (p for p in sorted(root.rglob("*")) if p.is_file() and ".francecloud" not in p.parts)
    return {str(p.relative_to(root)): p.read_bytes() for p in found}


def dataset(files: dict[str, bytes]) -> dict[str, bytes]:
    """The dataset's own files among those of a workspace."""
    return {name: body for name, body in files.items() if name.startswith("dataset/") and ".next" not in name}


def in_a_fork(words: list[str], kill_at: int, root: Path) -> int:
    """Run the command in a process of its own; its status, negative where a signal ended it."""
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if kill_at:
            kill_before(kill_at, str(root))
        os._exit(run(words))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(root: Path, before: Path, after: Path, files: list[str]) -> None:
    """Kill at every step."""
    old, new = tree(before), tree(after)
    step, killed = 0, True
    while killed:
        step += 1
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(before, root)
        status = in_a_fork(["import", *files, "--workspace", str(root)], step, root)
        killed = status == -signal.SIGKILL
        raw = tree(root)
        # a mapping may never be newer than the dataset, even before the next command
        early = {n for n, b in raw.items() if n.startswith("sources/") and b != old.get(n)}
        moved = dataset(old) != dataset(new) and dataset(raw) == dataset(old)
        ahead = early if moved else set()
        code = in_a_fork(["check", "--workspace", str(root)], 0, root)
        found = tree(root)
        state = "old" if found == old else "new" if found == new else "mixture"
        wrong = sorted(n for n in {*found, *new} if found.get(n) != new.get(n)) if state == "mixture" else []
        told = {"step": step, "status": status, "next": code, "state": state, "ahead": sorted(ahead), "wrong": wrong}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
