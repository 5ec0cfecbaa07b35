"""``check`` for forges: GitLab's report and SARIF, each problem at the line where it can be mended."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from francecloud.main import run
from inventory.workspace import Workspace

Write = Callable[[str, str], Path]
LIST = "Code application;Nom;Données de santé;Données personnelles\nA1;Paie;Non;Ordinaires\nA2;Soins;Oui;Aucune\n"
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["tool"],
            "properties": {
                "tool": {"type": "object", "required": ["driver"], "properties": {"driver": {
                    "type": "object", "required": ["name"],
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"},
                                   "language": {"type": "string", "pattern": "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"},
                                   "rules": {"type": "array", "uniqueItems": True, "items": {
                                       "type": "object", "required": ["id"], "additionalProperties": False,
                                       "properties": {"id": {"type": "string"}, "shortDescription": {"$ref": "#/$defs/text"},
                                                      "fullDescription": {"$ref": "#/$defs/text"}}}}}}}},
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {
                    "type": "object", "required": ["message", "ruleId"], "additionalProperties": False,
                    "properties": {
                        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": -1},
                        "level": {"enum": ["none", "note", "warning", "error"]}, "message": {"$ref": "#/$defs/text"},
                        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                        "locations": {"type": "array", "items": {
                            "type": "object", "required": ["physicalLocation"],
                            "properties": {"physicalLocation": {
                                "type": "object", "required": ["artifactLocation"],
                                "properties": {
                                    "artifactLocation": {"type": "object", "required": ["uri"], "additionalProperties": False,
                                                         "properties": {"uri": {"type": "string", "pattern": "^[^ ]+$"}, "uriBaseId": {"type": "string"}}},
                                    "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}}}}}}}}}}}}},
    },
    "$defs": {"text": {"type": "object", "required": ["text"], "additionalProperties": False, "properties": {"text": {"type": "string", "minLength": 1}}}},
}  # fmt: skip
"""What SARIF 2.1.0 requires of the parts we write."""


def answer(capsys: pytest.CaptureFixture[str], workspace: Workspace, form: str) -> object:
    capsys.readouterr()
    assert run(["check", "--workspace", str(workspace.root), "--as-of", "2026-11-23", "--format", form]) == 0
    return json.loads(capsys.readouterr().out)


def test_sarif_is_sarif(write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", str(write("liste apps.csv", LIST)), "--workspace", str(workspace.root)])
    document = answer(capsys, workspace, "sarif")
    jsonschema.validate(document, SARIF)
    assert isinstance(document, dict)
    [found] = document["runs"]
    rules = found["tool"]["driver"]["rules"]
    assert found["results"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in found["results"])
    [lost] = [r for r in found["results"] if r["ruleId"] == "INV-052"]
    place = lost["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("dataset/applications.csv", 3)
    assert "liste apps.csv:3" in lost["message"]["text"]


def test_a_text_source_kept_in_the_workspace_is_the_place(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workspace.root / "sources/liste apps.csv"
    path.parent.mkdir()
    path.write_text("Inventaire;;;\n" + LIST, encoding="utf-8")
    run(["import", str(path), "--workspace", str(workspace.root)])
    document = answer(capsys, workspace, "sarif")
    assert isinstance(document, dict)
    [lost] = [r for r in document["runs"][0]["results"] if r["ruleId"] == "INV-052"]
    place = lost["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("sources/liste%20apps.csv", 4)


def test_gitlab_knows_a_problem_again_when_its_line_moves(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["import", str(write("a.csv", LIST)), "--workspace", str(workspace.root)])
    before = answer(capsys, workspace, "gitlab")
    run(["import", str(write("a.csv", LIST + "A0;Autre;;\n")), "--workspace", str(workspace.root)])
    after = answer(capsys, workspace, "gitlab")
    assert isinstance(before, list)
    assert isinstance(after, list)
    for entry in after:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({e["fingerprint"] for e in after}) == len(after)
    [old], [new] = ([e for e in found if e["check_name"] == "INV-052"] for found in (before, after))
    assert old["fingerprint"] == new["fingerprint"]
    assert (old["location"]["lines"]["begin"], new["location"]["lines"]["begin"]) == (3, 4)


def test_the_format_json_and_the_option_say_the_same(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["import", str(write("a.csv", LIST)), "--workspace", str(workspace.root)])
    found = answer(capsys, workspace, "json")
    assert isinstance(found, dict)
    assert set(found) == {"problems", "applications", "maturity", "questions"}
    run(["check", "--workspace", str(workspace.root), "--as-of", "2026-11-23", "--json"])
    assert json.loads(capsys.readouterr().out) == found
