"""Folder, ports and optional services: chosen, remembered, refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.problems import InvalidInput
from stacks.lab import is_lab_url, lab_base, lab_clouds_file, lab_is_up
from stacks.lab.clouds import clouds, clouds_text, write_clouds
from stacks.lab.commands import asked_lab
from stacks.lab.passwords import passwords
from stacks.lab.settings import EXTRAS, PORTS, Lab, check_place, parse_extras, recorded_lab, remember


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FRANCECLOUD_LAB_BASE", str(tmp_path / "lab"))
    monkeypatch.delenv("FRANCECLOUD_LAB_PORT_BASE", raising=False)


def test_every_port_is_its_own_and_follows_the_first() -> None:
    lab = Lab(Path("/x"), 20000)
    assert [lab.port(name) for name in PORTS] == list(range(20000, 20000 + len(PORTS)))
    assert lab.url("keystone", "/v3") == "http://127.0.0.1:20000/v3"


@given(st.sets(st.sampled_from(sorted(EXTRAS))))
def test_optional_services_keep_one_order_whatever_is_typed(words: set[str]) -> None:
    typed = " , ".join(sorted(words, reverse=True))
    assert parse_extras(typed) == tuple(word for word in EXTRAS if word in words)


def test_unknown_optional_services_are_all_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_extras("dns,heat,ceph")
    assert [problem.value for problem in caught.value.problems] == ["ceph", "heat"]


@pytest.mark.parametrize("port", [80, 65530, 70000])
def test_ports_that_cannot_be_are_refused(port: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_place(Lab(Path("/x"), port))
    assert caught.value.problems[0].code == "LAB-011"


@pytest.mark.parametrize("folder", ["/" + "x" * 90, "/with space", "/with%percent", "/with$dollar"])
def test_folders_that_break_sockets_or_configuration_are_refused(folder: str) -> None:
    with pytest.raises(InvalidInput):
        check_place(Lab(Path(folder)))


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert lab_base() == tmp_path / "lab"
    assert lab_clouds_file() == tmp_path / "lab/clouds.yaml"
    monkeypatch.delenv("FRANCECLOUD_LAB_BASE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert lab_base() == tmp_path / "cache/francecloud/lab"


def test_what_was_chosen_is_remembered_and_the_command_line_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert asked_lab(None, None, "") == (Lab(tmp_path / "lab", 15000), False)
    remember(Lab(tmp_path / "lab", 16000, ("dns",)))
    assert asked_lab(None, None, "") == (Lab(tmp_path / "lab", 16000, ("dns",)), False)
    monkeypatch.setenv("FRANCECLOUD_LAB_PORT_BASE", "17000")
    assert asked_lab(None, None, "") == (Lab(tmp_path / "lab", 17000, ("dns",)), True)
    assert asked_lab(None, 18000, "lb,dns")[0] == Lab(tmp_path / "lab", 18000, ("dns", "lb"))
    monkeypatch.setenv("FRANCECLOUD_LAB_PORT_BASE", "many")
    with pytest.raises(InvalidInput):
        asked_lab(None, None, "")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"port_base": "x", "extras": []}'])
def test_a_broken_memory_is_no_lab(tmp_path: Path, text: str) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/lab.json").write_text(text)
    assert recorded_lab() is None


def test_only_the_loopback_address_of_this_lab_is_the_lab(tmp_path: Path) -> None:
    assert not is_lab_url("http://127.0.0.1:16000/v3")
    remember(Lab(tmp_path / "lab", 16000))
    assert is_lab_url("http://127.0.0.1:16000/v3")
    assert is_lab_url("http://localhost:16000")
    for other in (
        "http://127.0.0.1:16001/v3", "https://127.0.0.1:16000/v3", "http://10.0.0.1:16000/v3", "http://[::1",
        "http://127.0.0.1.example.org:16000/v3", "http://127.0.0.1:16000@example.org/v3", "",
    ):  # fmt: skip
        assert not is_lab_url(other), other


def test_no_lab_is_not_up(tmp_path: Path) -> None:
    assert not lab_is_up()
    remember(Lab(tmp_path / "lab", 16000))
    assert not lab_is_up()


def test_passwords_are_drawn_once_and_for_their_owner_only(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab")
    drawn = passwords(lab)
    assert passwords(lab) == drawn
    assert len(set(drawn.values())) == len(drawn)
    assert (lab.base / "passwords.json").stat().st_mode & 0o077 == 0
    assert passwords(Lab(tmp_path / "other")) != drawn


def test_clouds_has_a_project_and_the_system(tmp_path: Path) -> None:
    import yaml

    lab = Lab(tmp_path / "lab", 16000)
    document = yaml.safe_load(clouds_text(lab))
    assert document == json.loads(json.dumps(clouds(lab)))
    assert set(document["clouds"]) == {"lab", "lab-system"}
    assert document["clouds"]["lab"]["auth"]["auth_url"] == "http://127.0.0.1:16000/v3"
    assert document["clouds"]["lab"]["auth"]["project_name"] == "admin"
    assert document["clouds"]["lab-system"]["auth"]["system_scope"] == "all"
    write_clouds(lab)
    assert lab.clouds_file.stat().st_mode & 0o077 == 0
