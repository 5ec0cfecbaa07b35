"""GLPI, Mercator and iTop over HTTP: pages counted, failures said, secrets nowhere, and nothing but reading."""

import io
import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import collect_doubles as doubles
import pytest

from francecloud.main import run as command
from inventory.collect import web
from inventory.collect.registry import collectors
from inventory.collect.running import collect
from inventory.problems import UserError
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
SECRET = "s3cret-qui-ne-doit-paraitre-nulle-part"
TOKEN = "jeton-de-session-a-taire-0123456789"
UUID = "4c4c4544-0042-3510-8052-b4c04f4e3132"

COMPUTERS = [
    {"id": 1, "name": "srv-paie", "uuid": UUID.upper(), "serial": "VMware-42", "computertypes_id": 2, "entities_id": 3,
     "locations_id": 0, "is_deleted": 0, "is_template": 0, "comment": "ne pas garder"},
    {"id": 2, "name": "pc-de-quelqu-un", "computertypes_id": 1, "entities_id": 3},
    {"id": 3, "name": "modele", "is_template": 1},
    {"id": 4, "name": "srv-rh", "uuid": "00000000-0000-0000-0000-000000000000", "serial": "To be filled by O.E.M.", "computertypes_id": 2},
    {"id": 5, "name": "srv-vieux", "is_deleted": 1},
]  # fmt: skip
GLPI: dict[str, list[dict[str, Any]]] = {
    "Computer": COMPUTERS,
    "ComputerType": [{"id": 1, "name": "Laptop"}, {"id": 2, "name": "Serveur"}],
    "Entity": [{"id": 3, "name": "DSI", "completename": "Entité racine > DSI"}],
    "OperatingSystem": [{"id": 7, "name": "Debian"}],
    "OperatingSystemVersion": [{"id": 8, "name": "12"}],
    "Item_OperatingSystem": [
        {"id": 1, "items_id": 1, "itemtype": "Computer", "operatingsystems_id": 7, "operatingsystemversions_id": 8},
        {"id": 2, "items_id": 1, "itemtype": "Phone", "operatingsystems_id": 7, "operatingsystemversions_id": 0},
    ],
    "Item_DeviceProcessor": [{"id": n, "items_id": 1, "itemtype": "Computer", "nbcores": 4} for n in (1, 2)],
    "Item_DeviceMemory": [{"id": n, "items_id": 1, "itemtype": "Computer", "size": 8192} for n in (1, 2)],
    "Item_Disk": [{"id": 1, "items_id": 1, "itemtype": "Computer", "totalsize": 102400, "freesize": 51200}],
    "IPAddress": [
        {"id": 1, "mainitems_id": 1, "mainitemtype": "Computer", "name": "10.1.0.4"},
        {"id": 2, "mainitems_id": 1, "mainitemtype": "Computer", "name": "127.0.0.1"},
    ],
    "Appliance": [{"id": 1, "name": "Paie", "entities_id": 3, "applianceenvironments_id": 1}],
    "ApplianceEnvironment": [{"id": 1, "name": "Production"}],
    "Appliance_Item": [{"id": 1, "appliances_id": 1, "itemtype": "Computer", "items_id": 1}],
}
MERCATOR: dict[str, list[dict[str, Any]]] = {
    "applications": [
        {"id": 1, "name": "Paie", "description": "<p>La paie&nbsp;!</p>", "entity_resp_id": 1, "rto": 60, "rpo": 240,
         "users": "> 100", "security_need_c": 4},
        {"id": 2, "name": "RH"}, {"id": 3, "name": "Double"}, {"id": 4, "name": "double"},
    ],
    "entities": [{"id": 1, "name": "DRH"}],
    "logical-servers": [
        {"id": 1, "name": "SRV01", "cpu": "12", "memory": "64", "disk": "1,5 To", "address_ip": "10.0.0.9", "environment": "Prod",
         "applications": [{"id": 1, "name": "Paie"}], "physical_servers": [{"id": 9}]},
        {"id": 2, "name": "SRV02", "memory": "8 Go", "environment": "bac à sable", "applications": [3], "physical_servers": []},
    ],
    "physical-servers": [{"id": 9, "name": "ESX1", "vendor": "Acme", "site_id": 1}],
    "sites": [{"id": 1, "name": "Salle A"}],
    "application-blocks": [],
    "databases": [],
    "fluxes": [{"id": 1, "application_source_id": 1, "application_dest_id": 2, "crypted": 1, "nature": "API"}],
}  # fmt: skip
ITOP: dict[str, dict[str, dict[str, Any]]] = {
    "ApplicationSolution": {"10": {"name": "CRM", "organization_name": "DSI", "business_criticity": "high", "status": "active"}},
    "Server": {
        "1": {"name": "Serveur1", "ram": "64 GB", "cpu": "16", "serialnumber": "SN1", "status": "production"},
        "2": {"name": "ESX-boitier", "brand_name": "Acme", "location_name": "Salle A", "status": "production"},
        "3": {"name": "vieux", "status": "obsolete"},
    },
    "VirtualMachine": {
        "20": {"name": "VM1", "ram": "4096", "osfamily_name": "Linux", "osversion_name": "Debian 12", "virtualhost_name": "ESX1"},
    },
    "Hypervisor": {"30": {"name": "ESX1", "farm_name": "Ferme", "server_id": "2"}},
    "lnkApplicationSolutionToFunctionalCI": {
        "1": {"applicationsolution_id": "10", "functionalci_id": "20"},
        "2": {"applicationsolution_id": "10", "functionalci_id": "999"},
    },
}  # fmt: skip
ENVIRONMENTS = {
    "glpi": {"GLPI_USER_TOKEN": SECRET, "GLPI_APP_TOKEN": "autre-" + SECRET},
    "mercator": {"MERCATOR_LOGIN": "lecteur@example.fr", "MERCATOR_PASSWORD": SECRET},
    "itop": {"ITOP_USER": "lecteur", "ITOP_PASSWORD": SECRET},
}
PATHS = {"glpi": "/apirest.php/Computer", "mercator": "/api/applications", "itop": "/webservices/rest.php"}
SYSTEMS = pytest.mark.parametrize("system", list(ENVIRONMENTS))


def answers(system: str) -> Callable[[doubles.Asked], doubles.Reply]:
    if system == "glpi":
        return doubles.glpi(GLPI, SECRET, TOKEN)
    return doubles.mercator(MERCATOR, SECRET, TOKEN) if system == "mercator" else doubles.itop(ITOP, SECRET)


@contextmanager
def asking(system: str) -> Iterator[tuple[doubles.Server, Any]]:
    with doubles.serving(answers(system)) as server:
        settings = {"url": server.url, "name": "essai"}
        yield (
            server,
            lambda workspace, day=DAY, **more: collect(
                collectors()[system],
                workspace,
                settings={**settings, **more},
                environment=ENVIRONMENTS[system],
                today=day,
            ),
        )


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits asked for, not waited."""
    waited: list[float] = []
    monkeypatch.setattr(web.Web, "sleep", staticmethod(waited.append), raising=False)
    original = web.Web.__init__

    def init(self: Any, *args: Any, **more: Any) -> None:
        original(self, *args, **{**more, "sleep": waited.append})

    monkeypatch.setattr(web.Web, "__init__", init)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return waited


def test_glpi_whole(workspace: Workspace, rows_of: Any) -> None:
    with asking("glpi") as (_server, run):
        outcome = run(workspace)
    assert not outcome.refused
    servers = rows_of(workspace, "servers", "name", "id")
    assert servers == {"srv-paie": UUID, "srv-rh": "glpi-essai-4"}
    for column, value in (("vcpu", 8), ("ram_gib", 16.0), ("storage_gib", 100.0), ("storage_used_gib", 50.0), ("os", "Debian 12"),
                          ("serial", "VMware-42"), ("addresses", "10.1.0.4")):  # fmt: skip
        assert rows_of(workspace, "servers", "name", column) == {"srv-paie": value, "srv-rh": None}, column
    [application] = rows_of(workspace, "applications", "name", "id").items()
    assert application[0] == "Paie"
    assert rows_of(workspace, "deployments", "application_id", "target_id") == {application[1]: UUID}
    assert {"INV-145", "INV-151"} <= {p.code for p in outcome.problems}
    assert "Location" in outcome.unread
    assert "ne pas garder" not in outcome.path.read_text()


def test_mercator_whole(workspace: Workspace, rows_of: Any) -> None:
    with asking("mercator") as (_server, run):
        outcome = run(workspace)
    assert not outcome.refused
    applications = rows_of(workspace, "applications", "name", "id")
    assert set(applications) == {"Paie", "RH", "Double", "double"}
    assert rows_of(workspace, "applications", "name", "dima_h")["Paie"] == 1.0
    assert rows_of(workspace, "applications", "name", "description")["Paie"] == "La paie !"
    assert rows_of(workspace, "servers", "name", "ram_gib") == {"SRV01": None, "SRV02": 8.0}
    assert rows_of(workspace, "servers", "name", "storage_gib")["SRV01"] == 1536.0
    assert rows_of(workspace, "servers", "name", "environment") == {"SRV01": "production", "SRV02": None}
    assert rows_of(workspace, "servers", "name", "host_id")["SRV01"] == "ESX1"
    linked = rows_of(workspace, "deployments", "target_id", "application_id")
    assert linked == {"mercator-essai-1": applications["Paie"], "mercator-essai-2": "mercator-essai-3"}
    assert rows_of(workspace, "flows", "source_id", "encrypted") == {applications["Paie"]: True}
    assert "INV-152" in {p.code for p in outcome.problems}


def test_mercator_in_pages(workspace: Workspace) -> None:
    with doubles.serving(doubles.mercator(MERCATOR, SECRET, TOKEN, pages=1)) as server:
        settings = {"url": server.url, "name": "essai"}
        outcome = collect(
            collectors()["mercator"], workspace, settings=settings, environment=ENVIRONMENTS["mercator"], today=DAY
        )
    assert outcome.tables["applications"]["read"] == 4
    assert outcome.tables["servers"]["read"] == 2


def test_itop_whole(workspace: Workspace, rows_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.collect.itop.STEP", 1)
    with asking("itop") as (_server, run):
        outcome = run(workspace)
    assert not outcome.refused
    assert rows_of(workspace, "servers", "name", "ram_gib") == {"Serveur1": 64.0, "VM1": None}
    assert rows_of(workspace, "servers", "name", "host_id")["VM1"] == "ESX1"
    assert rows_of(workspace, "servers", "name", "os")["VM1"] == "Linux Debian 12"
    assert rows_of(workspace, "hosts", "id", "vendor") == {"ESX1": "Acme"}
    assert rows_of(workspace, "applications", "name", "criticality") == {"CRM": "haute"}
    assert list(rows_of(workspace, "deployments", "target_id", "target_kind")) == ["itop-essai-20"]


@SYSTEMS
def test_only_reading(system: str, workspace: Workspace) -> None:
    with asking(system) as (server, run):
        run(workspace)
    posts = [a for a in server.asked if a.method != "GET"]
    if system == "itop":
        operations = {json.loads(parse_qs(a.body.decode())["json_data"][0])["operation"] for a in posts}
        assert operations == {"core/get"}
        assert {a.method for a in server.asked} == {"POST"}
    else:
        assert [(a.method, a.path) for a in posts] == ([] if system == "glpi" else [("POST", "/api/login")])
    if system == "glpi":
        assert server.asked[-1].path == "/apirest.php/killSession"


@SYSTEMS
def test_a_second_time_moves_no_byte(system: str, workspace: Workspace, tree: Any) -> None:
    with asking(system) as (_server, run):
        assert run(workspace).changed
        before = tree(workspace.root)
        assert not run(workspace, date(2027, 1, 1)).changed
    assert tree(workspace.root) == before


@SYSTEMS
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (doubles.Reply({"message": "non"}, 401), "INV-141"),
        (doubles.Reply(b'{"data": [', 200), "INV-143"),
        (doubles.Reply(b"<html>entrez</html>", 200), "INV-143"),
        (doubles.Reply(None, 302, {"Location": "https://ailleurs.example.fr/"}), "INV-143"),
    ],
)
def test_a_failure_leaves_all_as_it_was(
    system: str, fault: doubles.Reply, code: str, workspace: Workspace, tree: Any
) -> None:
    with asking(system) as (server, run):
        run(workspace)
        before = tree(workspace.root)
        server.fail(PATHS[system], fault)
        with pytest.raises(UserError, match=code):
            run(workspace)
    assert tree(workspace.root) == before


@SYSTEMS
def test_what_keeps_failing_is_given_up(system: str, workspace: Workspace, waits: list[float], tree: Any) -> None:
    before = tree(workspace.root)
    with asking(system) as (server, run):
        server.fail(PATHS[system], *[doubles.Reply({}, 500)] * 9)
        with pytest.raises(UserError, match="INV-143"):
            run(workspace)
        assert sum(a.path == PATHS[system] for a in server.asked) == web.ATTEMPTS
    assert waits == [1.0, 2.0, 4.0]
    assert tree(workspace.root) == before


@SYSTEMS
def test_what_breaks_off_is_asked_again(system: str, workspace: Workspace) -> None:
    with asking(system) as (server, run):
        server.fail(PATHS[system], doubles.Reply([], 200, cut=True), doubles.Reply({}, 503))
        assert not run(workspace).refused


@SYSTEMS
def test_it_waits_as_told(system: str, workspace: Workspace, waits: list[float]) -> None:
    with asking(system) as (server, run):
        server.fail(PATHS[system], doubles.Reply({}, 429, {"Retry-After": "17"}))
        assert not run(workspace).refused
    assert waits == [17.0]


@SYSTEMS
def test_it_does_not_wait_an_hour(system: str, workspace: Workspace, waits: list[float]) -> None:
    with asking(system) as (server, run):
        server.fail(PATHS[system], doubles.Reply({}, 429, {"Retry-After": "3600"}))
        with pytest.raises(UserError, match="INV-153"):
            run(workspace)
    assert waits == []


def test_a_date_to_wait_until() -> None:
    assert web._retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert web._retry_after({"Retry-After": "bientôt"}) is None
    assert web._retry_after({}) is None


SHORT = {
    "glpi": doubles.Reply(COMPUTERS, 206, {"Content-Range": "0-4/9"}),
    "mercator": doubles.Reply({"data": MERCATOR["applications"], "total": 9, "last_page": 1}),
    "itop": doubles.Reply(
        {"code": 0, "message": "Found: 9", "objects": {"A::1": {"key": "1", "fields": {"name": "x"}}}}
    ),
}


@SYSTEMS
def test_fewer_than_announced_is_never_the_whole(system: str, workspace: Workspace, tree: Any) -> None:
    before = tree(workspace.root)
    with asking(system) as (server, run):
        nothing_more = doubles.Reply([], 206, {"Content-Range": "5-4/9"}) if system == "glpi" else SHORT["itop"]
        server.fail(PATHS[system], SHORT[system], *([] if system == "mercator" else [nothing_more]))
        with pytest.raises(UserError, match="INV-144"):
            run(workspace)
    assert tree(workspace.root) == before


def test_a_page_given_twice_is_not_the_whole(workspace: Workspace) -> None:
    with asking("glpi") as (server, run):
        page = doubles.Reply(COMPUTERS[:3], 206, {"Content-Range": "0-2/6"})
        server.fail(PATHS["glpi"], page, page)
        with pytest.raises(UserError, match="INV-144"):
            run(workspace)


def test_no_right_on_the_least(workspace: Workspace) -> None:
    with asking("glpi") as (server, run):
        server.fail(PATHS["glpi"], doubles.Reply(["ERROR_RIGHT_MISSING", "x"], 403))
        with pytest.raises(UserError, match="INV-141") as raised:
            run(workspace)
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    "url", ["http://glpi.example.fr", f"https://moi:{SECRET}@glpi.example.fr", "glpi.example.fr", "ftp://127.0.0.1", "https://", None,
            f"https://glpi.example.fr/?token={SECRET}", "https://[::1"],
)  # fmt: skip
@SYSTEMS
def test_addresses_that_are_not_asked(system: str, url: str | None, workspace: Workspace) -> None:
    with pytest.raises(UserError, match="INV-147") as raised:
        collect(collectors()[system], workspace, settings={"url": url}, environment=ENVIRONMENTS[system], today=DAY)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@SYSTEMS
def test_credentials_come_from_the_environment_only(system: str, workspace: Workspace) -> None:
    with asking(system) as (server, _run):
        settings = {"url": server.url, "password": SECRET, "token": SECRET}
        with pytest.raises(UserError, match="INV-140") as raised:
            collect(collectors()[system], workspace, settings=settings, environment={}, today=DAY)
        assert server.asked == []
    assert raised.value.exit_code == 3
    assert not {o.name for o in collectors()[system].options} & {"password", "token", "user", "login", "key", "secret"}


@SYSTEMS
@pytest.mark.parametrize(
    "how", [[], ["--json"], ["--debug"], ["--dry-run"], ["fault"], ["fault", "--debug"], ["wrong", "--debug"]]
)
def test_a_secret_is_nowhere(
    system: str, how: list[str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with asking(system) as (server, _run):
        for name, value in ENVIRONMENTS[system].items():
            monkeypatch.setenv(name, value if "wrong" not in how else value + "-faux")
        if "fault" in how:
            sent = SECRET if system == "itop" else f"{SECRET} {TOKEN}"
            echo = json.dumps({"message": f"bad {sent}"}).encode()
            server.fail(PATHS[system], *[doubles.Reply(echo, 500)] * 9)
        words = [w for w in how if w.startswith("--")]
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            try:
                command(
                    [
                        "collect",
                        system,
                        "--url",
                        server.url,
                        "--workspace",
                        str(workspace.root),
                        "--name",
                        "essai",
                        *words,
                    ]
                )
            except UserError:
                traceback.print_exc()
    said = out.getvalue()
    kept = b"".join(p.read_bytes() for p in workspace.root.rglob("*") if p.is_file())
    assert said
    assert (b"essai" in kept and (workspace.root / "dataset").exists()) == (how in ([], ["--json"], ["--debug"]))
    for secret in (SECRET, TOKEN):
        assert secret not in said
        assert secret.encode() not in kept


def test_a_netrc_takes_no_part(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login intrus password intrus\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    with asking("mercator") as (server, run):
        run(workspace)
    assert not any("Basic" in a.headers.get("Authorization", "") for a in server.asked)


def test_nothing_is_followed_elsewhere(workspace: Workspace) -> None:
    with asking("glpi") as (server, run), doubles.serving(answers("glpi")) as other:
        server.fail(PATHS["glpi"], doubles.Reply(None, 307, {"Location": f"{other.url}/apirest.php/Computer"}))
        with pytest.raises(UserError, match="INV-143"):
            run(workspace)
        assert other.asked == []


def test_a_certificate_that_is_not_trusted(workspace: Workspace) -> None:
    with doubles.serving(answers("glpi")) as server:
        settings = {"url": server.url.replace("http:", "https:")}
        with pytest.raises(UserError, match="INV-142"):
            collect(collectors()["glpi"], workspace, settings=settings, environment=ENVIRONMENTS["glpi"], today=DAY)
        assert server.asked == []
