"""What people are told: help, refusals, states, and what to do next."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from francecloud.main import run
from inventory.language import in_language
from inventory.problems import UserError
from stacks.lab import debian, environment, ports, snapshot
from stacks.lab.explanations import EXPLANATIONS
from stacks.lab.health import record_of
from stacks.lab.lifecycle import destroy, down, up
from stacks.lab.ports import is_free, next_free_base, require_free
from stacks.lab.processes import alive, launch
from stacks.lab.settings import PORTS, Lab, recorded_lab, remember

SOURCE = Path(debian.__file__).parent


def quiet(_line: str) -> None:
    """Nobody listens."""


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Lab:
    monkeypatch.setenv("FRANCECLOUD_LAB_BASE", str(tmp_path / "lab"))
    monkeypatch.delenv("FRANCECLOUD_LAB_PORT_BASE", raising=False)
    return Lab(tmp_path / "lab", next_free_base(20000))


@pytest.fixture
def debian_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "is_debian", lambda: True)


def made(lab: Lab, made_by: str | None = None) -> Lab:
    """A lab whose first boot was carried through, as far as its folder tells."""
    remember(lab)
    lab.snapshot.mkdir(parents=True)
    (lab.snapshot / "made-by").write_text(made_by or snapshot.stamp(lab))
    return lab


@pytest.mark.parametrize("command", ["up", "down", "reset", "status", "clouds", "destroy"])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", command, "--help"]) == 0
    assert "--base" in capsys.readouterr().out


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys, stacks.lab, stacks.lab.commands;"
        "print(sorted({'yaml', 'openstack', 'pulumi', 'polars', 'stacks.lab.lifecycle'} & set(sys.modules)))"
    )
    import sys

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_a_lab_each_command_says_so(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    assert run(["lab", "status"]) == 4
    assert str(lab.base) in capsys.readouterr().out
    assert run(["lab", "down"]) == 0
    for command in ("reset", "clouds", "destroy"):
        assert run(["lab", command]) == 4
        assert "LAB-010" in capsys.readouterr().err
    assert not lab.base.exists()


def test_status_in_json_is_one_document(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    assert run(["lab", "status", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["up"] is False
    remember(lab)
    assert run(["lab", "status", "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert document["port_base"] == lab.port_base
    assert {service["state"] for service in document["services"]} == {"down"}


def test_clouds_prints_what_reaches_the_lab(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    import yaml

    remember(lab)
    assert run(["lab", "clouds"]) == 0
    text = capsys.readouterr().out
    assert run(["lab", "clouds", "--json"]) == 0
    assert yaml.safe_load(text) == json.loads(capsys.readouterr().out)


def test_elsewhere_than_debian_one_sentence_says_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = tmp_path / "os-release"
    release.write_text('NAME="Fedora Linux"\nID=fedora\n')
    monkeypatch.setattr(debian, "OS_RELEASE", release)
    assert run(["lab", "up"]) == 4
    said = capsys.readouterr().err.strip()
    assert "LAB-001" in said
    assert "mariadb-server" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("release", "fits"),
    [("ID=debian\n", True), ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True), ("ID=arch\n", False), ("", False)],
)
def test_debian_and_its_kin_are_told_from_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, release: str, fits: bool
) -> None:
    (tmp_path / "os-release").write_text(release)
    monkeypatch.setattr(debian, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.setattr(debian.shutil, "which", lambda _name: "/usr/bin/apt-get")
    assert debian.is_debian() is fits


def test_without_rights_the_command_to_run_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "missing", lambda packages: list(packages))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UserError) as caught:
        debian.install(["mariadb-server", "memcached"], quiet)
    [problem] = caught.value.problems
    assert problem.code == "LAB-002"
    assert "apt-get install --no-install-recommends mariadb-server memcached" in str(problem.hint)


def test_daemons_are_held_back_only_while_packages_are_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(debian, "POLICY", policy)
    with debian.daemons_held():
        assert subprocess.run([policy], check=False).returncode == 101
        left_by_a_killed_run = policy.read_text()
    assert not policy.exists()
    policy.write_text(left_by_a_killed_run)
    with debian.daemons_held():
        pass
    assert not policy.exists()
    policy.write_text("#!/bin/sh\n# the administrator's\nexit 0\n")
    with debian.daemons_held():
        pass
    assert "administrator" in policy.read_text()


@pytest.mark.usefixtures("debian_here")
def test_a_taken_port_is_named_with_a_way_out_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, lab: Lab
) -> None:
    monkeypatch.setattr(debian, "install", lambda *_: pytest.fail("ports are asked for first"))
    taken = [lab.port("keystone"), lab.port("mariadb")]
    sockets = [socket.create_server(("127.0.0.1", port)) for port in taken]
    try:
        with pytest.raises(UserError) as caught:
            up(lab, quiet)
    finally:
        for one in sockets:
            one.close()
    assert {problem.value for problem in caught.value.problems} == {str(port) for port in taken}
    [free] = {int(re.findall(r"--port-base (\d+)", str(problem.hint))[0]) for problem in caught.value.problems}
    assert all(is_free(free + offset) for offset in range(len(PORTS)))


def test_free_ports_are_no_problem(lab: Lab) -> None:
    require_free(lab, PORTS, made=False)


def test_no_room_for_all_ports_gives_back_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _port: False)
    assert next_free_base(15000) == 15000


@pytest.mark.usefixtures("debian_here")
@pytest.mark.parametrize(
    ("asked", "stated", "word"),
    [({"port_base": 21000}, True, "20100"), ({"extras": ("dns", "lb")}, False, "lb")],
)
def test_a_lab_made_otherwise_is_not_changed_in_silence(
    lab: Lab, asked: dict[str, object], stated: bool, word: str
) -> None:
    kept = made(Lab(lab.base, 20100, ("dns",)))
    with pytest.raises(UserError) as caught:
        up(Lab(**{"base": kept.base, "port_base": 20100, "extras": (), **asked}), quiet, ports_stated=stated)  # type: ignore[arg-type]
    [problem] = caught.value.problems
    assert problem.code == "LAB-006"
    assert word in problem.message
    assert "destroy" in str(problem.hint)
    assert recorded_lab(kept.base) == kept


@pytest.mark.usefixtures("debian_here")
def test_a_lab_of_other_versions_is_refused(lab: Lab) -> None:
    made(lab, made_by="0 of another release")
    with pytest.raises(UserError) as caught:
        up(lab, quiet)
    assert caught.value.problems[0].code == "LAB-006"


@pytest.mark.usefixtures("debian_here")
def test_one_command_at_a_time(lab: Lab) -> None:
    import fcntl

    lab.base.mkdir(parents=True)
    with (lab.base / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for act in (up, down, destroy):
            with pytest.raises(UserError) as caught:
                act(lab, quiet)
            assert caught.value.problems[0].code == "LAB-009"
    down(lab, quiet)


def test_down_ends_what_is_recorded_and_destroy_keeps_the_environment(lab: Lab, tmp_path: Path) -> None:
    remember(lab)
    for folder in (lab.run, lab.log, lab.data, lab.venv):
        folder.mkdir()
    record = record_of(lab, "setup-nova")
    launch(record, tmp_path / "log", ["sleep", "305"], dict(os.environ), tmp_path)
    foreign = subprocess.Popen(["sleep", "306"])
    try:
        assert alive(record)
        lines: list[str] = []
        down(lab, lines.append)
        assert not alive(record)
        assert len(lines) == 1
        destroy(lab, quiet)
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()
    assert lab.venv.exists()
    assert not lab.data.exists()
    assert recorded_lab(lab.base) is None
    destroy(lab, quiet, everything=True)
    assert not lab.base.exists()


def test_a_snapshot_cut_short_does_not_count(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab.data / "mysql").mkdir(parents=True)
    (lab.data / "mysql/rows").write_text("first boot")
    (lab.data / "rabbitmq").mkdir()
    whole_copy = snapshot.shutil.copytree

    def killed(*args: object, **options: object) -> None:
        whole_copy(*args, **options)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshot.shutil, "copytree", killed)
    with pytest.raises(KeyboardInterrupt):
        snapshot.take_snapshot(lab)
    assert not snapshot.is_made(lab)
    monkeypatch.setattr(snapshot.shutil, "copytree", whole_copy)
    snapshot.take_snapshot(lab)
    assert snapshot.is_made(lab)
    assert snapshot.is_whole(lab)
    assert not (lab.snapshot / "rabbitmq").exists()
    (lab.data / "mysql/rows").write_text("used since")
    snapshot.give_up_data(lab)
    assert not snapshot.is_whole(lab)
    assert snapshot.is_made(lab)
    snapshot.restore_snapshot(lab)
    assert (lab.data / "mysql/rows").read_text() == "first boot"


def test_a_python_that_cannot_be_built_on_is_said(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> None:
    monkeypatch.setattr(environment, "interpreter", lambda: "/nonexistent/python3")
    monkeypatch.setattr(environment, "_answers", lambda command: command[1:2] == ["-c"])
    with pytest.raises(UserError) as caught:
        environment.make(lab, quiet)
    [problem] = caught.value.problems
    assert problem.code == "LAB-004"
    assert "/nonexistent/python3" in problem.message


def test_the_environment_counts_only_once_complete_and_for_its_versions(lab: Lab) -> None:
    assert not environment.is_ready(lab)
    lab.venv.mkdir(parents=True)
    (lab.venv / "complete").write_text("of another release")
    assert not environment.is_ready(lab)
    (lab.venv / "complete").write_text(environment.digest(lab))
    assert environment.is_ready(lab)
    assert not environment.is_ready(Lab(lab.base, lab.port_base, ("dns",)))


def test_every_code_is_explained_in_both_languages() -> None:
    raised = {code for path in SOURCE.glob("*.py") for code in re.findall(r'"(LAB-\d{3})"', path.read_text())}
    assert raised == set(EXPLANATIONS)
    for explanation in EXPLANATIONS.values():
        with in_language("en"):
            english = (explanation.title(), explanation.body())
        assert all(english)
        assert (explanation.title(), explanation.body()) != english
