"""A small workspace with a real dataset, real decisions and, when asked, the proposal made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from inventory.dataset import read_dataset, schema
from inventory.package import write_package
from inventory.workspace import Workspace, open_workspace

AS_OF = date(2026, 11, 23)
SETTINGS = """
[workspace]
name = "essai"
[offers.pi-usuelle]
cloud = "pi"
region = "RegionOne"
project_id = "11111111111111111111111111111111"
external_network_id = "22222222-2222-2222-2222-222222222222"
"""
ORDINARY: dict[str, Any] = {
    "organisation_id": "dsi-a", "entity_kind": "etat", "lifecycle": "production", "criticality": "moyenne",
    "environment": "production", "function": "Finances", "exposition": "rie", "source_modifiable": True,
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "secret_protege": False, "mission_essentielle": False, "atteinte": "aucune", "donnees_perso": "ordinaires",
    "sante": False, "acces_hors_ue": "none", "siiv": False, "service_archivage": "aucun", "usage_collaboratif": False,
}  # fmt: skip
SENSITIVE = {**ANSWERS, "secret_protege": True, "mission_essentielle": True, "atteinte": ["ordre_public"]}
SIGNED = {
    "signed_by": {"role": "AQSSI", "organisation": "dsi-a"},
    "signed_on": "2026-03-02",
    "expires_on": "2027-12-31",
}


def write_dataset(root: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Write a dataset from rows."""
    kinds = schema().tables
    frames = {
        name: kinds[name].conform(pl.DataFrame(rows, schema={c: kinds[name].polars[c] for c in rows[0]}))
        for name, rows in tables.items()
    }
    write_package(root / "dataset", schema(), frames)


def server(name: str, environment: str = "production", **more: Any) -> dict[str, Any]:
    """A server's row."""
    return {"id": name, "name": name, "organisation_id": "dsi-a", "os": "Debian 12", "vcpu": 4, "ram_gib": 8.0,
            "storage_gib": 100.0, "power_state": "on", "environment": environment, **more}  # fmt: skip


def decide(root: Path, kind: str, name: str, document: dict[str, Any]) -> Path:
    """Write a decision."""
    path = root / "decisions" / kind / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three applications: two ordinary ones, one whose data article 31 keeps from unqualified offers."""
    (tmp_path / "francecloud.toml").write_text(SETTINGS, encoding="utf-8")
    write_dataset(
        tmp_path,
        {
            "organisations": [{"id": "dsi-a", "name": "DSI A", "kind": "dsi", "entity_kind": "etat"}],
            "applications": [
                {"id": "APP-1", "name": "Paie", **ORDINARY},
                {"id": "APP-2", "name": "Vitrine", **{**ORDINARY, "exposition": "internet", "criticality": "haute"}},
                {"id": "APP-3", "name": "Enquêtes", **ORDINARY},
            ],
            "servers": [server("srv-1"), server("srv-2"), server("srv-3", "recette"), server("srv-4")],
            "deployments": [
                {"application_id": a, "target_kind": "server", "target_id": s}
                for a, s in [("APP-1", "srv-1"), ("APP-1", "srv-3"), ("APP-2", "srv-2"), ("APP-3", "srv-4")]
            ],
            "components": [
                {
                    "subject_kind": "application",
                    "subject_id": "APP-2",
                    "role": "web",
                    "product": "nginx",
                    "version": "1",
                }
            ],
        },
    )
    perimeter = {"kind": "perimeter", "organisations": ["dsi-a"], "statement": "nothing_classified", **SIGNED}
    decide(tmp_path, "perimeters", "dsi-a", perimeter)
    decide(tmp_path, "assessments", "ordinaires",
           {"kind": "assessment", "applications": ["APP-1", "APP-2"], "answers": ANSWERS, **SIGNED})  # fmt: skip
    decide(tmp_path, "assessments", "sensible",
           {"kind": "assessment", "applications": ["APP-3"], "answers": SENSITIVE, **SIGNED})  # fmt: skip
    return open_workspace(tmp_path)


@pytest.fixture
def analysed(workspace: Workspace) -> Workspace:
    """The same workspace with its proposal."""
    from rationalise import analyse, load_decisions, load_doctrine, write_proposal

    decisions = load_decisions(workspace.decisions)
    proposal = analyse(read_dataset(workspace.dataset), decisions, load_doctrine(None), AS_OF, workspace.settings)
    write_proposal(workspace.proposal, proposal)
    return workspace


ZONE: dict[str, Any] = {
    "name": "fin-pi-usuelle-rie-production", "function": "fin", "offer": "pi-usuelle", "archetype": "rie",
    "environment": "production", "proposal_digest": "sha256:0",
    "applications": [{"id": "APP-1", "name": "Paie", "tier": "INT", "sensitivity": "courante"}],
    "network": {"cidr": "10.128.0.0/24", "side": "rie", "gateway": True},
    "security_groups": [
        {
            "name": "web",
            "rules": [
                {"name": "https", "direction": "ingress", "protocol": "tcp", "ports": "443", "remote": "10.0.0.0/8"},
                {"name": "entre", "direction": "ingress", "protocol": "tcp", "remote_group": "web"},
            ],
        }
    ],
    "volumes": [{"name": "donnees", "size_gib": 20}],
    "key_pairs": [{"name": "exploitation"}],
    "ci_credential": {"expires_on": date(2027, 5, 1)},
    "instances": [
        {"name": "web-1", "image": "debian-12", "flavor": "SCS-2V-4", "security_groups": ["web"],
         "key_pair": "exploitation", "volumes": ["donnees"]}
    ],
    "quotas": {
        "instances": 3, "vcpu": 8, "ram_gib": 16, "volumes": 3, "storage_gib": 100, "ports": 12,
        "security_groups": 2, "security_group_rules": 20,
    },
    "tags": {"env": "prod", "tier": "backend", "criticality": "medium", "owner": "dsi-a"},
}  # fmt: skip


@pytest.fixture
def document() -> dict[str, Any]:
    """A zone as plain values, to be changed by the test."""
    import copy

    return copy.deepcopy(ZONE)


@pytest.fixture
def put_zone(workspace: Workspace) -> Callable[[dict[str, Any]], Path]:
    """Write a zone file into the workspace."""

    def put(document: dict[str, Any]) -> Path:
        path = workspace.zones / f"{document['name']}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return path

    return put
