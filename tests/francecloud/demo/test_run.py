"""The demo from nothing: every verb, on the sample, into a workspace; once à blanc, once with the engine."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from francecloud.demo.closing import tell
from francecloud.demo.run import AS_OF, Outcome, run_demo
from francecloud.main import run
from inventory.language import set_language
from inventory.problems import Exit, InvalidInput

VERBS = ["init", "import", "check", "analyse", "report", "zones", "preview"]


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and ".git" not in path.relative_to(root).parts
        and path.relative_to(root).parts[0] not in ("state", ".francecloud")
    }


def quiet(text: str) -> None:
    """Where the demo's progress goes."""


@pytest.fixture(scope="module")
def without_engine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stacks.run.engines.find", lambda: None)
        yield


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, without_engine: None) -> Outcome:
    set_language("fr")  # made before the fixture that gives each test its language
    return run_demo(tmp_path_factory.mktemp("demo") / "essai", quiet)


def test_it_goes_through_every_verb(demo: Outcome) -> None:
    assert [step.words[0] for step in demo.steps] == VERBS
    assert all(step.code == Exit.OK for step in demo.steps)
    assert 240 <= demo.found["applications"] <= 260
    assert 780 <= demo.found["servers"] <= 820


def test_it_shows_both_answers_and_the_missing_signature(demo: Outcome) -> None:
    found = demo.found
    assert 0 < found["now"] < found["lawful_if_confirmed"] <= found["applications"]
    assert 0 < found["perimeter"] < found["applications"] / 2
    assert found["unsupported"] > 100


def test_nothing_of_the_sample_is_a_problem_but_what_is_meant(demo: Outcome) -> None:
    problems = demo.answer("import")["problems"]
    assert [p for p in problems if p["severity"] == "error"] == []


def test_every_zone_and_every_project_is_there(demo: Outcome) -> None:
    assert len(demo.zones) >= 10
    assert demo.previewed in demo.zones
    for name in (
        "reports/rapport.html",
        "reports/preview.md",
        "proposal/summary.json",
        "stacks/landing_zone/Pulumi.yaml",
    ):
        assert (demo.root / name).is_file(), name


def test_without_the_engine_it_says_a_blanc_wherever_it_shows(demo: Outcome) -> None:
    assert "À BLANC" in "\n".join(tell(demo))
    assert "à blanc" in (demo.root / "reports/preview.md").read_text(encoding="utf-8")
    assert {s["mode"] for s in demo.answer("preview")["stacks"]} == {"a_blanc"}


def test_it_ends_with_what_to_open_and_commands_that_exist(demo: Outcome) -> None:
    lines = list(tell(demo))
    assert len(lines) <= 20
    assert any(str(demo.root / "reports/rapport.html") in line for line in lines)
    commands = [match[1] for line in lines if (match := re.search(r"francecloud (\w+)", line))]
    assert {"explain", "preview", "diff"} <= set(commands)


def test_of_the_classified_systems_nothing_but_an_identifier_leaves(demo: Outcome) -> None:
    page = (demo.root / "reports/rapport.html").read_text(encoding="utf-8")
    assert "Système APP-" not in page
    rows = (demo.root / "dataset/applications.csv").read_text(encoding="utf-8").splitlines()
    for row in rows:
        if ",secret," in row:
            assert "Système" not in row


def test_run_again_it_moves_no_byte(demo: Outcome) -> None:
    before = digests(demo.root)
    again = run_demo(demo.root, quiet)
    assert digests(demo.root) == before
    assert again.found == demo.found
    tables = again.answer("import")["tables"]
    assert all(t["created"] == t["updated"] == 0 for t in tables.values())


def test_elsewhere_it_makes_the_same_bytes(demo: Outcome, tmp_path: Path) -> None:
    run_demo(tmp_path / "essai", quiet)
    assert digests(tmp_path / "essai") == digests(demo.root)


def test_an_edit_of_it_is_told_by_diff(demo: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    perimeter = demo.root / "decisions/perimeters/gdm.yaml"
    kept = perimeter.read_bytes()
    words = ["diff", "--workspace", str(demo.root), "--as-of", AS_OF, "--json"]
    try:
        perimeter.unlink()
        assert run(words) == Exit.GOVERNANCE, "applications in a zone lost what made them lawful"
        document = json.loads(capsys.readouterr().out)
    finally:
        perimeter.write_bytes(kept)
    assert document["verdict"] == "refused"
    assert len(document["moves"]) >= 10
    assert all("decisions/perimeters/gdm.yaml" in " ".join(m["edits"]) for m in document["moves"])
    assert run(words) == Exit.OK
    assert json.loads(capsys.readouterr().out)["verdict"] == "allowed"


def test_an_application_of_it_is_explained_by_name(demo: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--workspace", str(demo.root), "--as-of", AS_OF, "--json"]
    assert run(["explain", "gestion", "des", "congés", "(mex)", *words]) == Exit.OK
    document = json.loads(capsys.readouterr().out)
    assert document["id"] == "APP-0001"
    assert document["tiers"]["COM_HORS_UE"]["rules"]


def test_what_it_committed_is_what_it_made(demo: Outcome) -> None:
    status = subprocess.run(
        ["git", "-C", demo.root, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def test_it_does_not_mix_with_anything_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="FRC-002"):
        run_demo(tmp_path, quiet)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.txt"]


def test_it_does_not_join_a_workspace_with_other_sources(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path)]) == Exit.OK
    (tmp_path / "sources/real.csv").write_text("a;b\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="FRC-002"):
        run_demo(tmp_path, quiet)


@pytest.mark.needs("engine")
def test_with_the_engine_the_preview_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stacks.engine import find_engine

    monkeypatch.setattr("stacks.run.engines.find", find_engine)
    outcome = run_demo(tmp_path / "essai", quiet)
    [stack] = outcome.answer("preview")["stacks"]
    assert stack["mode"] == "engine"
    assert stack["counts"]["create"] >= 10
    assert "À BLANC" not in "\n".join(tell(outcome))
