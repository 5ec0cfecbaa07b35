"""What is written down before an operation, and what it is good for afterwards."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from stacks.run import journal

ORPHANING = """
import os, subprocess, sys
child = subprocess.Popen([sys.argv[1], "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
"""


def test_it_says_who_where_and_since_when(tmp_path: Path) -> None:
    path = tmp_path / "operations" / "landing_zone.zone.json"
    before = datetime.now(UTC).replace(microsecond=0)
    journal.begin(path, "up", {"type": ["a"]})
    journal.engine_started(path, 42)
    operation = journal.read(path)
    assert operation is not None
    assert before <= operation.started <= datetime.now(UTC)
    assert (operation.verb, operation.driver_pid, operation.engine_pid) == ("up", os.getpid(), 42)
    assert operation.present == {"type": ["a"]}
    journal.end(path)
    assert journal.read(path) is None


def test_the_engine_of_somebody_else_s_operation_is_not_ours_to_note(tmp_path: Path) -> None:
    path = tmp_path / "o.json"
    journal._write(path, replace(journal.begin(path, "up"), driver_pid=1, engine_pid=7))
    journal.engine_started(path, 42)
    operation = journal.read(path)
    assert operation is not None
    assert operation.engine_pid == 7


def test_a_journal_cut_in_half_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "o.json"
    path.write_text('{"verb": "up", "start')
    assert journal.read(path) is None


def test_plugins_that_a_killed_engine_left_are_found_by_its_session(tmp_path: Path) -> None:
    plugin = tmp_path / "pulumi-resource-essai"
    plugin.symlink_to(sys.executable)
    engine = subprocess.Popen([sys.executable, "-c", ORPHANING, str(plugin)], stdout=subprocess.PIPE, text=True,
                              start_new_session=True)  # fmt: skip
    assert engine.stdout is not None
    child = int(engine.stdout.readline())
    engine.wait()
    engine.stdout.close()
    operation = replace(journal.begin(tmp_path / "o.json", "up"), engine_pid=engine.pid)
    try:
        assert journal.orphans(operation) == [child]
        assert journal.orphans(replace(operation, engine_pid=os.getsid(0))) == []
        assert journal.orphans(replace(operation, host="ailleurs", driver_pid=1)) == []
    finally:
        os.kill(child, signal.SIGKILL)
    for _attempt in range(100):
        if not journal.alive(child):
            break
        time.sleep(0.05)
    assert journal.orphans(operation) == []
