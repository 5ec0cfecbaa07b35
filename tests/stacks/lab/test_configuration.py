"""What is written for OpenStack: loopback only, our ports, nothing another user may read."""

import configparser
import re
from pathlib import Path

import pytest

from stacks.lab.configuration import write_configuration
from stacks.lab.configuration.options import render_ini
from stacks.lab.service import environment
from stacks.lab.services import CORE, FIRST, INFRASTRUCTURE, LATE, services
from stacks.lab.settings import EXTRAS, PORTS, Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path / "lab", 16000, tuple(EXTRAS))
    paste = lab.venv / "etc/designate/api-paste.ini"
    paste.parent.mkdir(parents=True)
    paste.write_text("[composite:osapi_dns]\n")
    write_configuration(lab)
    return lab


def _ini(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path)
    return parser


def test_ini_keeps_order_and_reads_back(tmp_path: Path) -> None:
    text = render_ini({"b": {"y": 1, "x": Path("/z")}, "a": {}})
    assert text == "[b]\ny = 1\nx = /z\n\n[a]\n"


def test_every_file_is_for_its_owner_only(lab: Lab) -> None:
    written = [path for path in lab.etc.rglob("*") if path.is_file() and path.name != "api-paste.ini"]
    assert len(written) >= 15
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_services_find_each_other_on_the_labs_ports(lab: Lab) -> None:
    nova = _ini(lab.etc / "nova/nova.conf")
    assert "@127.0.0.1:16010/nova?" in nova["database"]["connection"]
    assert nova["placement"]["auth_url"] == "http://127.0.0.1:16000/v3"
    assert nova["DEFAULT"]["transport_url"].endswith("@127.0.0.1:16011/")
    cinder = _ini(lab.etc / "cinder/cinder.conf")
    assert cinder["DEFAULT"]["glance_api_servers"] == "http://127.0.0.1:16002"
    assert _ini(lab.etc / "swift/object-server.conf")["DEFAULT"]["bind_port"] == "16017"


def test_keystone_keeps_all_its_keys_in_the_labs_folder(lab: Lab) -> None:
    keystone = _ini(lab.etc / "keystone/keystone.conf")
    folders = {keystone[part]["key_repository"] for part in ("fernet_tokens", "fernet_receipts", "credential")}
    assert len(folders) == 3
    assert all(Path(folder).is_relative_to(lab.data) for folder in folders)


def test_nothing_listens_beyond_this_machine(lab: Lab) -> None:
    texts = [path.read_text() for path in lab.etc.rglob("*") if path.is_file()]
    texts += [" ".join(map(str, service.command)) for service in services(lab).values()]
    addresses = {found for text in texts for found in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text)}
    assert addresses == {"127.0.0.1"}
    assert not [text for text in texts if "[::]" in text]


def test_object_storage_checks_tokens_before_s3(lab: Lab) -> None:
    pipeline = _ini(lab.etc / "swift/proxy-server.conf")["pipeline:main"]["pipeline"].split()
    assert pipeline.index("authtoken") < pipeline.index("s3api") < pipeline.index("keystoneauth")
    defined = set(_ini(lab.etc / "swift/proxy-server.conf").sections())
    assert {f"filter:{name}" for name in pipeline[:-1]} <= defined


def test_drivers_named_in_the_configuration_are_shipped(lab: Lab) -> None:
    entry_points = _ini(next((lab.base / "plugins").glob("*.dist-info")) / "entry_points.txt")
    assert "francecloud_lab" in entry_points["neutron.ml2.mechanism_drivers"]
    assert "francecloud_lab" in entry_points["octavia.api.drivers"]
    module = _ini(lab.etc / "cinder/cinder.conf")["null"]["volume_driver"].rsplit(".", 1)[0]
    assert (lab.base / "plugins" / Path(*module.split("."))).with_suffix(".py").is_file()


def test_services_of_a_bare_lab_are_the_core() -> None:
    names = set(services(Lab(Path("/x"))))
    assert names == {*INFRASTRUCTURE, *CORE}
    assert {*FIRST, *LATE} <= names


def test_no_two_services_share_a_port(lab: Lab) -> None:
    taken = [port for service in services(lab).values() for port in service.ports]
    assert len(taken) == len(set(taken))
    assert set(taken) == set(PORTS)


def test_the_users_openstack_and_python_settings_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OS_CLOUD", "PYTHONPATH", "RABBITMQ_NODENAME", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    seen = environment(Lab(Path("/x")), {"OS_KEYSTONE_CONFIG_DIR": Path("/x/etc/keystone")})
    assert "elsewhere" not in seen.values()
    assert seen["KEPT"] == "yes"
    assert seen["OS_KEYSTONE_CONFIG_DIR"] == "/x/etc/keystone"
