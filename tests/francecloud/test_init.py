"""``init``: a workspace that is complete, never overwrites, and can be run again."""

import json
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from francecloud import scaffold
from francecloud.main import run
from inventory.language import in_language
from inventory.workspace import open_workspace


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and ".git" not in p.parts
    }


def test_it_lays_a_workspace_that_the_rooms_can_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / 'a "quoted" name'
    assert run(["init", str(root), "--json", "--lang", "fr"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["git"] == "made"
    assert document["kept"] == []
    assert {"francecloud.toml", ".gitlab-ci.yml", ".github/workflows/francecloud.yml"} <= set(document["written"])
    workspace = open_workspace(root)
    assert workspace.settings["workspace"]["name"] == 'a "quoted" name'
    assert workspace.settings["notes"]["forge_level"] == "full"
    for folder in ("sources", "decisions", "zones", "stacks", "doctrine", "platforms"):
        assert (root / folder).is_dir()
    ignored = subprocess.run(
        ["git", "-C", root, "check-ignore", "state/x", "reports/y"], capture_output=True, check=True
    )
    assert ignored.stdout.split() == [b"state/x", b"reports/y"]


def test_the_pulumi_projects_are_laid(tmp_path: Path) -> None:
    scaffold.lay_workspace(tmp_path)
    for project in ("landing_zone", "foundation", "network", "external"):
        assert (tmp_path / "stacks" / project / "Pulumi.yaml").is_file()
        assert (tmp_path / "stacks" / project / "__main__.py").is_file()
        assert not (tmp_path / "stacks" / project / "__init__.py").exists()


def test_run_again_it_changes_nothing_and_touches_no_edit(tmp_path: Path) -> None:
    scaffold.lay_workspace(tmp_path)
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    (tmp_path / ".gitlab-ci.yml").unlink()
    before = tree(tmp_path)
    laid = scaffold.lay_workspace(tmp_path)
    assert laid.written == (".gitlab-ci.yml",)
    assert "README.md" in laid.kept
    assert laid.git == "found"
    after = tree(tmp_path)
    assert after.pop(".gitlab-ci.yml")
    assert after == before


def test_without_git_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert run(["init", str(tmp_path / "w"), "--lang", "en"]) == 0
    assert "git is not installed" in capsys.readouterr().err
    assert (tmp_path / "w/francecloud.toml").is_file()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_is_laid_can_be_read_in_both_languages(tmp_path: Path, lang: str) -> None:
    with in_language(lang):
        scaffold.lay_workspace(tmp_path)
    tomllib.loads((tmp_path / "francecloud.toml").read_text(encoding="utf-8"))
    pipeline = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    workflow = yaml.safe_load((tmp_path / ".github/workflows/francecloud.yml").read_text(encoding="utf-8"))
    scripts = " ".join(line for job in pipeline.values() if isinstance(job, dict) for line in job.get("script", ()))
    steps = " ".join(step.get("run", "") for step in workflow["jobs"]["notes"]["steps"])
    for text in (scripts, steps):
        assert "francecloud preview --note" in text
        assert "francecloud diff" in text
    assert workflow["permissions"] == {}
    assert "secrets." not in (tmp_path / ".github/workflows/francecloud.yml").read_text(encoding="utf-8")
    for uses in (step["uses"] for step in workflow["jobs"]["notes"]["steps"] if "uses" in step):
        assert len(uses.partition("@")[2]) == 40, "actions are pinned by hash"
    for example in (tmp_path / "decisions").rglob("*.example"):
        assert yaml.safe_load(example.read_text(encoding="utf-8"))["signed_on"]
