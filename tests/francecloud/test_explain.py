"""``explain``: codes, entries of the doctrine, applications; otherwise what is nearest."""

import json
import re
from pathlib import Path

import pytest

from francecloud.explaining import explanations
from francecloud.main import run
from inventory.language import in_language
from inventory.problems import Exit

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"\"((?:FRC|WSP|PKG|INV|DOC|ANA|ZON|GAT|ENG|LAB|RUN)-\d{3})\"")


def test_a_code_is_explained_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for lang in ("fr", "en"):
        assert run(["explain", "frc-001", "--lang", lang]) == 0
        texts.append(capsys.readouterr().out)
    assert all("FRC-001" in t and len(t) > 100 for t in texts)
    assert texts[0] != texts[1]


def test_every_code_of_every_room_is_explained() -> None:
    raised = {
        code
        for room in ("francecloud", "inventory", "rationalise", "stacks")
        for path in (ROOT / room).rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert raised - set(explanations()) == set()


def test_every_explanation_says_something_in_both_languages() -> None:
    for code, text in explanations().items():
        for lang in ("fr", "en"):
            with in_language(lang):
                assert text.title(), code
                assert len(text.body()) > 40, code


def test_a_rule_is_explained_with_its_reference(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "FC-04", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kind"] == "doctrine"
    assert document["since"] == "2026-04-17"
    assert "2024-449" in document["ref"]


def test_an_offer_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "pi-usuelle", "--lang", "fr"]) == 0
    assert "pi-usuelle" in capsys.readouterr().out


@pytest.mark.parametrize(("word", "near"), [("FC-4", "FC-04"), ("pi-usuele", "pi-usuelle")])
def test_an_unknown_word_gets_the_nearest_ones(word: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", word, "--lang", "fr"]) == Exit.NOT_FOUND
    assert near in capsys.readouterr().err


def test_as_json_an_unknown_word_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "zzzzzzzz", "--json"]) == Exit.NOT_FOUND
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "FRC-001"
