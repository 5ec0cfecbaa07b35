"""A small proposal made by hand, and one as large as one likes, for what draws from a proposal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from inventory.package import Package, load_schema
from rationalise.proposal import SCHEMA_FILE

TIERS = ("CLASSIFIE", "INT_DR", "INT", "SNC", "COM_UE", "COM_HORS_UE")

SUMMARY: dict[str, Any] = {
    "schema_version": "1",
    "as_of": "2026-11-23",
    "inputs": {"dataset": "sha256:aaaaaaaaaaaaaaaa", "doctrine": "sha256:bbbbbbbbbbbbbbbb"},
    "doctrine": {"read_on": "2026-11-23"},
    "endoflife": {"snapshot": "2026-08-22"},
    "organisations": {"ORG-A": "DSI d'essai A", "ORG-B": "DSI d'essai B"},
    "by_ministry": [
        {
            "id": "M-1",
            "name": "Ministère d'essai",
            "applications": 4,
            "lawful_now": 1,
            "lawful_if_confirmed": 3,
            "blocked": 2,
        }
    ],
}


def application(number: int, **given: Any) -> dict[str, Any]:
    """A row of the proposal's applications, as blocked for want of a perimeter unless *given* says else."""
    row: dict[str, Any] = {
        "id": f"APP-{number:04}",
        "name": f"Application d'essai {number}",
        "organisation_id": "ORG-A" if number % 2 else "ORG-B",
        "function": "Essais",
        "profile_id": "P1",
        "presumed_profile_id": "P2",
        "treatment": "rehost",
        "treatment_reason": "essai",
        "runner_up": "retain",
        "tier": None,
        "offer": None,
        "presumed_tier": "INT",
        "presumed_offer": "pi-usuelle",
        "lawful_now": None,
        "lawful_if_confirmed": "INT|INT_DR|SNC",
        "blocked_by": "perimeter_missing",
        "missing": "classification|sante",
        "effective_sensitivity": "inconnue",
        "vcpu": 4,
        "ram_gib": 8.0,
        "servers": 2,
        "priced": False,
    }
    return row | given


def proposal_of(rows: list[dict[str, Any]]) -> Package:
    """A proposal package holding these applications and a few servers, rules and questions."""
    verdicts = [
        {
            "profile_id": p,
            "tier": t,
            "verdict": "denied" if p == "P1" or t.startswith("COM") else "allowed",
            "rules": "FC-04|FC-08" if t == "COM_HORS_UE" else "FC-04" if p == "P1" or t.startswith("COM") else None,
            "conditions": "FC-04" if p == "P1" or t.startswith("COM") else None,
        }
        for p in ("P1", "P2")
        for t in TIERS
    ]
    servers = [
        {
            "id": f"SRV-{n}",
            "usage_class": usage,
            "os_product": "exemple",
            "os_cycle": str(year),
            "support_state": state,
            "support_end": date(year, 6, 30) if year else None,
            "vcpu": 2,
            "ram_gib": 4.0,
        }
        for n, (usage, state, year) in enumerate(
            [("active", "supported", 2031), ("idle", "ended", 2020), ("zombie", "ended", 2020), ("low", "unknown", 0)]
        )
    ]
    rules = [
        {
            "id": i,
            "title_fr": "Règle d'essai",
            "title_en": "Trial rule",
            "ref": "Loi d'essai",
            "since": date(2026, 4, 17),
            "force": "loi",
            "conf": "B",
        }
        for i in ("FC-04", "FC-08", "FC-15")
    ]
    questions = [
        {
            "id": "Q1",
            "kind": "attribute",
            "subject": "sante",
            "attribute": "sante",
            "applications": 2,
            "text_fr": "Données de santé ?",
            "text_en": "Health data?",
            "whom": "AQSSI",
        },
        {
            "id": "Q2",
            "kind": "perimeter",
            "subject": "ORG-A",
            "attribute": "classification",
            "applications": 9,
            "text_fr": "Rien de classifié ?",
            "text_en": "Nothing classified?",
            "whom": None,
        },
    ]
    frames = {
        "applications": rows,
        "profile_tiers": verdicts,
        "servers": servers,
        "rules": rules,
        "questions": questions,
    }
    tables = load_schema(SCHEMA_FILE).tables
    return Package({n: tables[n].conform(pl.DataFrame(r, infer_schema_length=None)) for n, r in frames.items()})


@pytest.fixture
def summary() -> dict[str, Any]:
    """The summary that goes with the small proposal."""
    return SUMMARY


@pytest.fixture
def proposal() -> Package:
    """Four applications: one lawful now, one only if confirmed, one blocked everywhere, one with a hostile name."""
    return proposal_of(
        [
            application(
                1, tier="INT", offer="pi-usuelle", lawful_now="INT|SNC", blocked_by=None, profile_id="P2", missing=None
            ),
            application(2),
            application(
                3, lawful_if_confirmed=None, presumed_tier=None, presumed_offer=None, treatment="to_investigate"
            ),
            application(4, name='<script>alert("x")</script> & co', treatment="retire"),
        ]
    )


@pytest.fixture
def large_proposal() -> Callable[[int], Package]:
    """A proposal of as many applications as asked."""
    return lambda size: proposal_of([application(n + 1) for n in range(size)])
