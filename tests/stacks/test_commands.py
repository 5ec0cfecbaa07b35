"""``francecloud zones`` as a person or a script uses it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from francecloud.main import run
from inventory.problems import Exit
from inventory.workspace import Workspace
from stacks.discover import discover
from stacks.explanations import EXPLANATIONS
from stacks.platform import Domain, Platform, Role

HERE = Path(__file__).resolve().parents[2] / "stacks"
Put = Callable[[dict[str, Any]], Path]


def francecloud(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["--lang", "fr", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_make_then_list_then_show(analysed: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--workspace", str(analysed.root), "--as-of", "2026-11-23"]
    code, out, _err = francecloud(capsys, "zones", "make", *here, "--json")
    made = json.loads(out)
    assert code == Exit.OK
    assert all((analysed.root / z["file"]).is_file() for z in made["zones"])
    assert all(s["reason"] for s in made["skipped"])
    code, out, _err = francecloud(capsys, "zones", "list", *here, "--json")
    listed = json.loads(out)
    assert [z["name"] for z in listed["zones"]] == [z["name"] for z in made["zones"]]
    assert all(z["allowed"] for z in listed["zones"])
    name = made["zones"][0]["name"]
    code, out, _err = francecloud(capsys, "zones", "show", name, *here)
    assert code == Exit.OK
    for part in (name, "APP-", "Tout est fermé", "10."):
        assert part in out
    code, out, _err = francecloud(capsys, "zones", "show", name, *here, "--json")
    assert json.loads(out)["zone"]["name"] == name


def test_a_refused_zone_is_shown_and_leaves_with_five(
    workspace: Workspace, put_zone: Put, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    document["applications"][0]["id"] = "APP-404"
    name = put_zone(document).stem
    code, out, _err = francecloud(capsys, "zones", "show", name, "--workspace", str(workspace.root))
    assert code == Exit.GOVERNANCE
    assert "APP-404" in out
    code, out, _err = francecloud(capsys, "zones", "list", "--workspace", str(workspace.root))
    assert code == Exit.OK
    assert "REFUS" in out


def test_an_absent_zone_leaves_with_six(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, _out, err = francecloud(capsys, "zones", "show", "absente", "--workspace", str(workspace.root))
    assert code == Exit.NOT_FOUND
    assert "ZON-010" in err


def test_without_a_proposal_make_says_what_is_missing(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, _out, err = francecloud(capsys, "zones", "make", "--workspace", str(workspace.root))
    assert code == Exit.USAGE
    assert "PKG-001" in err
    assert not workspace.zones.exists()


def test_every_code_of_zones_and_gate_is_explained() -> None:
    raised = set()
    for path in [*HERE.glob("*.py"), *(p for f in ("landing_zone", "foundation", "network", "external", "components")
                                       for p in (HERE / f).glob("*.py"))]:  # fmt: skip
        raised |= set(re.findall(r"\"((?:ZON|GAT)-\d{3})\"", path.read_text(encoding="utf-8")))
    assert raised
    assert raised <= set(EXPLANATIONS)
    for code in raised:
        assert EXPLANATIONS[code].title()
        assert EXPLANATIONS[code].body()


class _Identity:
    """A Keystone with two roles and, when given, a domain."""

    def __init__(self, domain: Any = None) -> None:
        self.domain = domain

    def roles(self) -> list[Any]:
        return [type("Role", (), {"name": name, "id": f"id-{name}"})() for name in ("reader", "member", "admin")]

    def find_domain(self, name: str) -> Any:
        return self.domain


def _cloud(domain: Any = None) -> Any:
    return type("Cloud", (), {"identity": _Identity(domain)})()


def _domain(description: str) -> Any:
    return type("Domain", (), {"id": "d1", "description": description})()


def test_a_cloud_says_its_roles_and_the_domain_that_is_not_ours() -> None:
    platform = Platform(name="pi", offer="pi-usuelle", domain=Domain(name="m"), groups=(),
                        roles=(Role(name="reader"), Role(name="member")))  # fmt: skip
    found = discover(platform, _cloud(_domain("du ministère")))
    assert [r.id for r in found.roles] == ["id-reader", "id-member"]
    assert found.domain.id == "d1"
    assert discover(platform, _cloud(_domain("[francecloud:pi]"))).domain.id is None
    assert discover(platform, _cloud()).domain.id is None
    with pytest.raises(Exception, match="ZON-024"):
        discover(platform.model_copy(update={"roles": (Role(name="manager"),)}), _cloud())
