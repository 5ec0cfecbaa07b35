"""An overlay that loosens less than the law is shown in every output that used it."""

import json
from pathlib import Path

import polars as pl
import pytest

from francecloud.main import run
from francecloud.scaffold import lay_workspace
from inventory.dataset import empty_dataset, schema
from inventory.package import write_package
from rationalise.note import render_note

WITHDRAWN = "withdrawn:\n  - {id: FC-08, reason: {fr: au cas par cas, en: case by case}, ref: note}\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with one application and a rule of policy set aside."""
    lay_workspace(tmp_path)
    (tmp_path / "doctrine/rules.yaml").write_text(WITHDRAWN, encoding="utf-8")
    application = pl.DataFrame({"id": ["A1"], "name": ["A1"], "organisation_id": ["DSI"]})
    applications = schema().tables["applications"].conform(application)
    write_package(tmp_path / "dataset", schema(), {**empty_dataset().tables, "applications": applications})
    return tmp_path


def test_the_proposal_the_report_and_the_terminal_say_it(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["analyse", "--workspace", str(workspace), "--as-of", "2026-11-23", "--lang", "en"]
    assert run([*line, "--json"]) == 0
    out = capsys.readouterr()
    told = json.loads(out.out)["summary"]["doctrine"]["loosened"]
    assert [(entry["entry"], entry["force"], entry["fields"]) for entry in told] == [("FC-08", "politique", ["id"])]
    assert "FC-08" in out.err
    assert run(["report", "--workspace", str(workspace), "--lang", "en"]) == 0
    [page] = workspace.rglob("*.html")
    assert "Loosened by the workspace" in page.read_text(encoding="utf-8")


def test_notes_say_it_and_are_silent_otherwise() -> None:
    data = {"verdict": "allowed", "as_of": "2026-11-23", "stacks": [], "refusals": [], "details": []}
    assert "FC-08" in render_note("preview", {**data, "loosened": ["FC-08"]})
    assert "says less" not in render_note("preview", data)
    assert "says less" not in render_note("preview", {**data, "loosened": []})
