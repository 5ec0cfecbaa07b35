"""The sample: the same bytes always, the size promised, the situations of the diagnosis, nobody real."""

import csv
import hashlib
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml

from francecloud.demo.lists import applications_bytes
from francecloud.demo.machines import machines
from francecloud.demo.portfolio import applications, bodies
from francecloud.demo.sample import lay_sample


def digests(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(applications_bytes().decode("cp1252")), delimiter=";"))


def test_another_process_lays_the_same_bytes(tmp_path: Path) -> None:
    lay_sample(tmp_path / "one")
    code = "import sys, pathlib; from francecloud.demo.sample import lay_sample; lay_sample(pathlib.Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "two")], check=True, env={"PYTHONHASHSEED": "7", "LANG": "en_GB"}
    )
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_laid_again_it_moves_no_byte(tmp_path: Path) -> None:
    [first, *_rest] = lay_sample(tmp_path)
    stamp = first.stat().st_mtime_ns
    lay_sample(tmp_path)
    assert first.stat().st_mtime_ns == stamp


def test_it_has_the_size_promised() -> None:
    assert 240 <= len(applications()) <= 260
    assert 780 <= len(machines()) <= 820
    assert len([b for b in bodies() if b.kind == "ministere"]) >= 4
    assert len({m.name for m in machines()}) == len(machines())


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Classification", {"Aucune", "Diffusion restreinte", "Secret", ""}),
        ("Données de santé", {"Oui", "Non", ""}),
        ("Usage collaboratif", {"Oui", "Non"}),
        ("Atteinte", {"Aucune", "Sécurité publique", ""}),
        ("Offre actuelle", {"outscale-cloudgouv-eu-west-1"}),
    ],
)
def test_the_situations_are_there(column: str, values: set[str]) -> None:
    found = {row[column] for row in rows()}
    assert values <= found


def test_of_a_classified_system_only_an_identifier_is_kept() -> None:
    secret = [row for row in rows() if row["Classification"] == "Secret"]
    assert len(secret) == 3
    for row in secret:
        filled = {k for k, v in row.items() if v}
        assert filled == {"Code application", "Nom", "Code organisation", "Classification"}
        assert row["Code application"] in row["Nom"]


def test_most_ministries_signed_but_not_all(tmp_path: Path) -> None:
    lay_sample(tmp_path)
    signed = [yaml.safe_load(p.read_bytes()) for p in (tmp_path / "decisions/perimeters").glob("*.yaml")]
    in_force = {o for d in signed if str(d["expires_on"]) > "2026-11-23" for o in d["organisations"]}
    running = {b.id for b in bodies() if b.runs_systems}
    assert len(running) / 2 < len(in_force) < len(running)
    assert all(d["signed_by"]["role"] and "name" not in d["signed_by"] for d in signed), "nobody is named"
