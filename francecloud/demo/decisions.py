"""What fictitious people signed: perimeters for most bodies, one expired, one missing, a few assessments."""

from __future__ import annotations

from typing import Any

import yaml

from francecloud.demo.portfolio import Application, Body, applications, bodies, chance

SIGNED_ON = "2026-03-02"
EXPIRES = {"signed": "2027-12-31", "expired": "2026-09-30"}
ASSESSED = 45
"""Percent of the applications of a careful body whose article 31 assessment is signed."""


def decision_files() -> dict[str, bytes]:
    """The files to lay under ``decisions/``, by their path there."""
    files = {f"perimeters/{b.short}.yaml": _perimeter(b) for b in bodies() if b.perimeter in EXPIRES}
    for body in bodies():
        if body.care == "good":
            for name, group in _groups(body).items():
                files[f"assessments/{body.short}-{name}.yaml"] = _assessment(body, group)
    return {name: _text(document) for name, document in files.items()}


def _perimeter(body: Body) -> dict[str, Any]:
    restricted = [a.id for a in applications() if a.body == body and a.traits.get("classification")]
    opaque = [a.id for a in applications() if a.body == body and a.opaque]
    return {
        "kind": "perimeter",
        "organisations": [body.id],
        "statement": "nothing_classified",
        "except": [{"application": i, "classification": "dr"} for i in restricted]
        + [{"application": i, "classification": "secret"} for i in opaque],
        "signed_by": {"role": "AQSSI", "organisation": body.id},
        "signed_on": SIGNED_ON,
        "expires_on": EXPIRES[body.perimeter],
    }


def _groups(body: Body) -> dict[str, list[Application]]:
    """The applications assessed together: same secret, mission and harm."""
    groups: dict[str, list[Application]] = {}
    for a in applications():
        if a.body == body and not a.opaque and chance(ASSESSED, a.id, "assessment"):
            key = "mission" if a.traits.get("mission") else a.traits.get("secret", "sans-secret").replace("_", "-")
            groups.setdefault(f"{key}-atteinte" if "harm" in a.traits else key, []).append(a)
    return dict(sorted(groups.items()))


def _assessment(body: Body, group: list[Application]) -> dict[str, Any]:
    traits = group[0].traits
    harm = sorted({h for a in group for h in a.traits.get("harm", ())})
    return {
        "kind": "assessment",
        "applications": [a.id for a in group],
        "answers": {
            "secret_protege": "secret" in traits,
            "mission_essentielle": bool(traits.get("mission")),
            "atteinte": harm or "aucune",
        },
        "signed_by": {"role": "administrateur des données", "organisation": body.id},
        "signed_on": SIGNED_ON,
        "expires_on": EXPIRES["signed"],
    }


def _text(document: dict[str, Any]) -> bytes:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
