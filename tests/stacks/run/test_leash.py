"""An engine never outlives its driver, and the shell's OpenStack variables never reach it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.automation import CommandError

from stacks.run import leash
from stacks.run.engine_process import LeashedCommand, attended, environment
from stacks.run.journal import alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")

ENGINE = """#!{python}
import signal, sys, time
print("prêt", *sys.argv[1:], flush=True)
def stop(*_):
    print("arrêt", flush=True)
    sys.exit(3)
signal.signal(signal.SIGINT, stop)
time.sleep({seconds})
"""


def engine(folder: Path, seconds: float) -> Path:
    path = folder / "pulumi"
    path.write_text(ENGINE.format(python=sys.executable, seconds=seconds), encoding="utf-8")
    path.chmod(0o755)
    return path


def test_it_runs_non_interactive_and_gives_back_what_was_said(tmp_path: Path) -> None:
    result = LeashedCommand(engine(tmp_path, 0), "v3.259.0").run(["stack", "ls"], str(tmp_path), {})
    assert result.stdout.split() == ["prêt", "--non-interactive", "stack", "ls"]


@pytest.fixture
def attentive() -> Iterator[None]:
    """Ctrl-C is heard, even where the tests run in the background, deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("attentive")
def test_one_interrupt_is_handed_on_and_waited_for(tmp_path: Path) -> None:
    command = LeashedCommand(engine(tmp_path, 30), "3.259.0")
    told: list[str] = []
    started: list[int] = []

    def interrupt_soon(pid: int) -> None:
        started.append(pid)
        subprocess.Popen(["sh", "-c", f"sleep 0.7; kill -INT {os.getpid()}"])

    command.started = interrupt_soon
    with pytest.raises(InterruptedError) as caught:
        attended(lambda: command.run(["up"], str(tmp_path), {}), command, lambda: told.append("interrompu"))
    assert told == ["interrompu"]
    assert isinstance(caught.value.__cause__, CommandError)
    assert "arrêt" in str(caught.value.__cause__)
    assert not alive(started[0])


def test_it_is_interrupted_when_its_driver_is_killed(tmp_path: Path) -> None:
    marker = tmp_path / "dit"
    script = tmp_path / "driver.py"
    script.write_text(
        "import os, subprocess, sys\n"
        "leash, engine, said = sys.argv[1:]\n"
        "command = [sys.executable, leash, str(os.getpid()), engine]\n"
        "subprocess.run(command, stdout=open(said, 'w'), start_new_session=True)\n",
        encoding="utf-8",
    )
    words = [str(script), leash.__file__, str(engine(tmp_path, 60)), str(marker)]
    driver = subprocess.Popen([sys.executable, *words])
    _until(lambda: marker.exists() and "prêt" in marker.read_text())
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    _until(lambda: "arrêt" in marker.read_text())


def test_it_does_not_start_for_a_driver_that_is_gone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, leash.__file__, "1", str(engine(tmp_path, 0))], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (130, b"")


def test_the_shell_does_not_choose_the_cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OS_CLOUD", "production")
    monkeypatch.setenv("OS_PASSWORD", "secret")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "/ici/clouds.yaml")
    seen = environment({"PULUMI_HOME": "/là"}, tmp_path / "pulumi")
    assert {name for name in seen if name.startswith("OS_")} == {"OS_CLIENT_CONFIG_FILE"}
    assert seen["PULUMI_HOME"] == "/là"
    assert seen["PATH"].split(os.pathsep)[0] == str(tmp_path)


def _until(true: object, patience: float = 20) -> None:
    limit = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.05)
