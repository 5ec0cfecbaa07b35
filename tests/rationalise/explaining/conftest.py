"""A small workspace on disk: a ministry, its DSI, applications of several sensitivities."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from inventory.dataset import empty_dataset, schema
from inventory.package import write_package

KNOWN = {
    "entity_kind": "etat", "secret_protege": False, "mission_essentielle": False, "atteinte": "aucune",
    "donnees_perso": "aucune", "sante": False, "responsable_distinct_hebergeur": False, "acces_hors_ue": "none",
    "siiv": False, "service_archivage": "aucun", "usage_collaboratif": False,
}  # fmt: skip
PERIMETER = """
kind: perimeter
organisations: [MIN]
statement: nothing_classified
except: [{application: DR, classification: dr}]
signed_by: {role: AQSSI, organisation: MIN}
signed_on: 2026-01-05
expires_on: 2030-12-31
"""
ASSESSMENT = """
kind: assessment
applications: [SIGNED]
answers: {secret_protege: false, mission_essentielle: false, atteinte: aucune}
signed_by: {role: administrateur des données}
signed_on: 2026-02-01
expires_on: 2027-06-30
"""
OUTSCALE, VMWARE = "outscale-cloudgouv-eu-west-1", "ovh-hosted-private-cloud-vmware"


def application(identifier: str, **more: object) -> dict[str, object]:
    return {"id": identifier, "name": identifier, "organisation_id": "DSI", **KNOWN, **more}


ROWS = [
    application("SIGNED", offre_actuelle=OUTSCALE, homologation="dispensee"),
    application("SECRET", secret_protege=True, atteinte="ordre_public", offre_actuelle=OUTSCALE),
    application("MISSION", mission_essentielle=True, atteinte="ordre_public", offre_actuelle=VMWARE),
    application("DR"),
    {"id": "UNKNOWN", "name": "Inconnue", "organisation_id": "DSI"},
    application("OLD", lifecycle="retrait", donnees_perso=None),
    application("EMPTY", lifecycle="retrait"),
    application("ELSEWHERE", offre_actuelle="salle-serveur", projet_engage_avant="2026-09-01", secret_protege=True,
                atteinte="ordre_public"),
    application("RH", name="RH", environment="Production", sante=True, responsable_distinct_hebergeur=True),
    application("RH-REC", name="RH recette", environment="Recette"),
]  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The workspace's folder."""
    return make_workspace(tmp_path / "ws")


@pytest.fixture
def other_workspace(tmp_path: Path) -> Callable[[str], Path]:
    """The same workspace made again elsewhere."""
    return lambda name: make_workspace(tmp_path / name)


def make_workspace(root: Path) -> Path:
    tables = schema().tables
    rows = pl.DataFrame(ROWS, infer_schema_length=None).with_columns(pl.col("projet_engage_avant").str.to_date())
    organisations = pl.DataFrame(
        {"id": ["MIN", "DSI"], "name": ["Ministère", "DSI"], "kind": ["ministere", "dsi"], "parent_id": [None, "MIN"]}
    )
    servers = pl.DataFrame({"id": ["S1"], "name": ["s1"], "os": ["Debian GNU/Linux 13"], "vcpu": [4], "ram_gib": [8.0],
                            "storage_gib": [50.0]})  # fmt: skip
    on = pl.DataFrame({"application_id": [r["id"] for r in ROWS], "target_kind": "server", "target_id": "S1"})
    more = {"applications": rows, "organisations": organisations, "servers": servers, "deployments": on}
    content = {**empty_dataset().tables, **{n: tables[n].conform(f) for n, f in more.items()}}
    write_package(root / "dataset", schema(), content)
    (root / "francecloud.toml").write_text("")
    for folder, text in (("perimeters", PERIMETER), ("assessments", ASSESSMENT)):
        (root / "decisions" / folder).mkdir(parents=True)
        (root / "decisions" / folder / "a.yaml").write_text(text)
    return root
