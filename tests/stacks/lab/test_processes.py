"""Only what was started here, and still is what was started, is ever ended."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from stacks.lab.processes import alive, complete, launch, memory, read_record, send, start_ticks, stop, strays


@pytest.fixture
def sleeper(tmp_path: Path):
    record = tmp_path / "sleeper.record"
    launch(record, tmp_path / "log", ["sleep", "300"], dict(os.environ), tmp_path)
    yield record
    stop([record], grace=2)


def _wait(condition) -> bool:
    limit = time.monotonic() + 10
    while not condition() and time.monotonic() < limit:
        time.sleep(0.02)
    return condition()


def test_a_started_process_is_found_by_its_record_and_ended(sleeper: Path) -> None:
    kept = read_record(sleeper)
    assert kept is not None
    assert alive(sleeper)
    assert os.getsid(kept.pid) == kept.pid
    assert memory(sleeper) > 0
    assert stop([sleeper]) == []
    assert start_ticks(kept.pid) is None
    assert not sleeper.exists()


def test_a_process_id_given_to_another_is_left_alone(sleeper: Path, tmp_path: Path) -> None:
    # the record of a dead process whose id now belongs to the sleeper: all but the start time fits
    kept = read_record(sleeper)
    assert kept is not None
    stale = tmp_path / "stale.record"
    stale.write_text(sleeper.read_text().replace(f" {kept.ticks} ", f" {kept.ticks - 1} "))
    assert read_record(stale) is not None
    assert not alive(stale)
    assert not send(stale, signal.SIGKILL)
    stop([stale])
    assert alive(sleeper)
    assert not stale.exists()


def test_a_record_of_another_boot_is_of_nobody_here(sleeper: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.record"
    old.write_text("\n".join(["0" * 36, *sleeper.read_text().splitlines()[1:]]))
    assert not alive(old)
    stop([old])
    assert alive(sleeper)


def test_what_a_killed_process_left_running_is_ended_too(tmp_path: Path) -> None:
    record = tmp_path / "parent.record"
    launch(record, tmp_path / "log", ["sh", "-c", "sleep 300 & sleep 301; true"], dict(os.environ), tmp_path)
    kept = read_record(record)
    assert kept is not None
    assert _wait(lambda: len(strays(record)) == 3)
    os.kill(kept.pid, signal.SIGKILL)
    assert _wait(lambda: not alive(record))
    left = strays(record)
    assert len(left) == 2
    stop([record])
    assert all(start_ticks(pid) is None for pid in left)


def test_a_process_of_the_same_session_without_the_mark_is_no_stray(tmp_path: Path) -> None:
    record = tmp_path / "parent.record"
    script = "env -u FRANCECLOUD_LAB_RECORD sleep 302 & echo $! >other; sleep 303; true"
    launch(record, tmp_path / "log", ["sh", "-c", script], dict(os.environ), tmp_path)
    kept = read_record(record)
    assert kept is not None
    other = tmp_path / "other"
    assert _wait(lambda: other.exists() and other.read_text().strip() != "")
    foreign = int(other.read_text())
    os.kill(kept.pid, signal.SIGKILL)
    assert _wait(lambda: not alive(record))
    try:
        assert _wait(lambda: foreign not in strays(record))
        stop([record])
        assert start_ticks(foreign) is not None
    finally:
        os.kill(foreign, signal.SIGKILL)


def test_a_process_deaf_to_requests_is_forced(tmp_path: Path) -> None:
    record = tmp_path / "deaf.record"
    launch(record, tmp_path / "log", ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"],
           dict(os.environ), tmp_path)  # fmt: skip
    assert _wait(lambda: "deaf" in (tmp_path / "log").read_text())
    assert stop([record], grace=0.3) == [record]
    assert not alive(record)


def test_a_command_run_to_its_end_gives_its_status_and_leaves_no_record(tmp_path: Path) -> None:
    record = tmp_path / "setup.record"
    assert complete(record, tmp_path / "log", ["sh", "-c", "echo said; exit 3"], dict(os.environ), tmp_path) == 3
    assert (tmp_path / "log").read_text() == "said\n"
    assert not record.exists()


def test_a_launcher_killed_at_once_leaves_a_recorded_process(tmp_path: Path) -> None:
    record = tmp_path / "orphan.record"
    program = (
        "import os, pathlib, stacks.lab.processes as p\n"
        f"p.launch(pathlib.Path({str(record)!r}), pathlib.Path({str(tmp_path / 'log')!r}), ['sleep', '304'],"
        f" dict(os.environ), pathlib.Path({str(tmp_path)!r}))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    import sys

    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    assert alive(record)
    stop([record])


@pytest.mark.parametrize("text", ["", "boot\n", "boot\nnot a stat line\n", "boot\n12 (x) S 1\n"])
def test_a_broken_record_is_no_record(tmp_path: Path, text: str) -> None:
    record = tmp_path / "broken.record"
    record.write_text(text)
    assert read_record(record) is None
    assert not alive(record)
    assert stop([record]) == []
