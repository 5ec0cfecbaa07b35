"""Settings of the clouds: read as they are, every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from inventory.problems import InvalidInput
from inventory.workspace import open_workspace
from stacks.scaffold import PROJECTS, lay_projects
from stacks.settings import read_settings, state_backend


def settle(root: Path, text: str) -> None:
    (root / "francecloud.toml").write_text(text, encoding="utf-8")


def test_every_mistake_is_told_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    settle(tmp_path, '[offers.x]\nregin = "a"\nvcpu_month = "cher"\n[engine]\nallow_built_plugin = "oui"\n')
    with pytest.raises(InvalidInput) as caught:
        read_settings(open_workspace(tmp_path))
    found = {p.field: p for p in caught.value.problems}
    assert set(found) == {"offers.x.regin", "offers.x.vcpu_month", "engine.allow_built_plugin"}
    assert "region" in str(found["offers.x.regin"].hint)


def test_whole_numbers_are_prices_too_and_an_unknown_offer_has_nothing(tmp_path: Path) -> None:
    settle(tmp_path, "[offers.x]\nvcpu_month = 12\n")
    settings = read_settings(open_workspace(tmp_path))
    assert settings.offer("x").vcpu_month == 12
    assert settings.offer("y").cloud is None


@pytest.mark.parametrize(
    ("backend", "address", "from_project"),
    [
        ("file://state", "file://{root}/state?metadata=skip", "file://../../state?metadata=skip"),
        ("file:///var/etats", "file:///var/etats?metadata=skip", "file:///var/etats?metadata=skip"),
        (
            "file://etats?no_tmp_dir=false",
            "file://{root}/etats?no_tmp_dir=false",
            "file://../../etats?no_tmp_dir=false",
        ),
        ("s3://etats?endpoint=s3.exemple.fr", "s3://etats?endpoint=s3.exemple.fr", "s3://etats?endpoint=s3.exemple.fr"),
    ],
)
def test_the_projects_are_laid_with_the_state_s_address(
    tmp_path: Path, backend: str, address: str, from_project: str
) -> None:
    settle(tmp_path, f'[state]\nbackend = "{backend}"\n')
    assert state_backend(open_workspace(tmp_path)) == address.format(root=tmp_path)
    written = lay_projects(tmp_path)
    assert {p.relative_to(tmp_path).parts[1] for p in written} == set(PROJECTS)
    for project in PROJECTS:
        content = yaml.safe_load((tmp_path / "stacks" / project / "Pulumi.yaml").read_text(encoding="utf-8"))
        assert (content["name"], content["backend"]["url"]) == (project, from_project)
        assert not (tmp_path / "stacks" / project / "__init__.py").exists()
    assert lay_projects(tmp_path) == []


def test_a_person_s_own_project_settings_stay(tmp_path: Path) -> None:
    settle(tmp_path, "")
    lay_projects(tmp_path)
    path = tmp_path / "stacks/landing_zone/Pulumi.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["runtime"]["options"] = {"virtualenv": ".venv"}
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    settle(tmp_path, '[state]\nbackend = "s3://etats"\n')
    lay_projects(tmp_path)
    again = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert again["runtime"]["options"] == {"virtualenv": ".venv"}
    assert again["backend"]["url"] == "s3://etats"
