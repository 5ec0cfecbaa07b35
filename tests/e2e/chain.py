"""The whole chain as a person types it: the command in a process of its own, files written by hand beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

AS_OF = "2026-11-23"
PASSPHRASE = "une phrase pour les essais"
COMMAND = [sys.executable, "-c", "from francecloud.main import main; main()"]

ORGANISATION = "dnum-essai"
COLUMNS = {
    "Code application": ("APP-RESA", "APP-MARCHES", "APP-COFFRE"),
    "Nom": ("Réservation de salles", "Suivi des marchés", "Coffre des plans"),
    "Code organisation": (ORGANISATION,) * 3,
    "Type d'entité": ("État",) * 3,
    "Zone fonctionnelle": ("Logistique",) * 3,
    "Cycle de vie": ("production",) * 3,
    "Environnement": ("production",) * 3,
    "Exposition": ("RIE",) * 3,
    "Criticité": ("moyenne",) * 3,
    "Classification": ("", "", "DR"),
    "Source modifiable": ("oui",) * 3,
    "Serveurs": ("vm-1", "vm-2", "vm-3"),
}
"""A list kept by hand, one column an entry: two ordinary applications, one of restricted information."""


def handwritten_list() -> bytes:
    """The list as an office suite saves it here: semicolons, Windows-1252."""
    rows = [COLUMNS.keys(), *zip(*COLUMNS.values(), strict=True)]
    return "\r\n".join(";".join(row) for row in rows).encode("cp1252")


NEGATIVES = {
    "secret_protege": False, "mission_essentielle": False, "atteinte": "aucune", "donnees_perso": "ordinaires",
    "sante": False, "responsable_distinct_hebergeur": False, "acces_hors_ue": "none", "siiv": False,
    "service_archivage": "aucun", "usage_collaboratif": False,
}  # fmt: skip
SENSITIVE = {**NEGATIVES, "secret_protege": True, "mission_essentielle": True, "atteinte": ["ordre_public"]}
SIGNED = {"signed_by": {"role": "AQSSI", "organisation": ORGANISATION}, "signed_on": "2026-10-01",
          "expires_on": "2027-09-30"}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def ok(self) -> Answer:
        assert self.code == 0, f"code {self.code}\n{self.out}\n{self.err}"
        return self


def environment(clouds: Path | None = None, **more: str) -> dict[str, str]:
    """The environment of a person: their passphrase, their clouds.yaml, no other OpenStack variable."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "PULUMI_", "AWS_", "FRANCECLOUD_AS_OF"))}
    here = {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE, "LANG": "fr_FR.UTF-8", **more}
    return {**kept, **here, **({"OS_CLIENT_CONFIG_FILE": str(clouds)} if clouds else {})}


def francecloud(*words: str, cwd: Path, env: dict[str, str], timeout: float = 180) -> Answer:
    """Run ``francecloud`` in a folder."""
    done = subprocess.run([*COMMAND, *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout,
                          check=False)  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")


def edit(path: Path, change: Any) -> None:
    """Edit a YAML file as a person would: read, change, write."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    write(path, content)


def decide(root: Path) -> None:
    """Write the decisions that people sign: nothing classified but the safe; the ordinary is ordinary."""
    perimeter = {"kind": "perimeter", "organisations": [ORGANISATION], "statement": "nothing_classified",
                 "except": [{"application": "APP-COFFRE", "classification": "dr"}], **SIGNED}  # fmt: skip
    assessment = {"kind": "assessment", "applications": ["APP-RESA", "APP-MARCHES", "APP-COFFRE"],
                  "answers": NEGATIVES, **SIGNED}  # fmt: skip
    write(root / "decisions/perimeters/dnum-essai.yaml", perimeter)
    write(root / "decisions/assessments/ordinaires.yaml", assessment)
