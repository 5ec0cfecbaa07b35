"""``doctrine show`` and ``stale``: witnesses are true, counts are those of the workspace, readings have an address."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from francecloud.main import run
from rationalise import evaluate, load_doctrine
from rationalise.doctrine.staleness import stale_entries
from rationalise.explaining.witness import CALM, witnesses

DOCTRINE = load_doctrine()
DAY = date(2026, 11, 23)


@pytest.mark.parametrize("rule", [r for r in DOCTRINE.rules if not DOCTRINE.rules[r].warn])
def test_a_witness_flips_when_its_rule_is_taken_out(rule: str) -> None:
    found = witnesses(DOCTRINE, rule, DAY)
    assert found, rule
    without = replace(DOCTRINE, rules={i: r for i, r in DOCTRINE.rules.items() if i != rule})
    for vector in found[:2]:
        profile = pl.DataFrame([{**CALM, **vector.said}])
        kind = "tiers" if vector.subject in DOCTRINE.tiers else "offers"
        verdicts = [
            getattr(evaluate(law, profile, vector.day, offers=list(DOCTRINE.offers)), kind)
            .filter(pl.col(kind[:-1]) == vector.subject)["verdict"].item()
            for law in (DOCTRINE, without)
        ]  # fmt: skip
        assert verdicts == [vector.before, vector.after]
        assert vector.before != vector.after


def test_a_shadowed_rule_is_witnessed_at_the_day_it_still_weighed() -> None:
    assert {v.day for v in witnesses(DOCTRINE, "FC-05", DAY)} == {date(2026, 4, 16)}
    assert {v.day for v in witnesses(DOCTRINE, "FC-04", DAY)} != {date(2026, 4, 16)}


def test_show_speaks_both_languages_and_counts(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["doctrine", "show", "FC-03", "--workspace", str(workspace), "--as-of", "2026-11-23"]
    assert run([*words, "--lang", "fr"]) == 0
    text = capsys.readouterr().out
    assert DOCTRINE.rules["FC-03"].title.fr in text
    assert DOCTRINE.rules["FC-03"].title.en in text
    assert run([*words, "--json"]) == 0
    [document] = json.loads(capsys.readouterr().out)
    assert document["touches"]["speaks"] == 1
    assert document["touches"]["by_tier"]["INT"] == 1
    assert document["address"].startswith("https://")
    assert document["vectors"]


def test_an_offer_says_who_is_there(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["doctrine", "show", "outscale-cloudgouv-eu-west-1", "--workspace", str(workspace), "--json"]
    assert run([*words, "--as-of", "2026-11-23"]) == 0
    touches = json.loads(capsys.readouterr().out)[0]["touches"]
    assert touches["there_today"] == 2
    assert touches["allowed"] + touches["conditional"] + touches["denied"] == touches["applications"]


def test_without_a_workspace_nothing_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctrine", "show", "P2", "--workspace", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["touches"] is None


def test_what_must_be_read_again_says_how_often_and_where() -> None:
    read = max(r.read_on for r in DOCTRINE.rules.values() if r.read_on)
    early = {e.id: e for e in stale_entries(DOCTRINE, read)}
    assert "FC-04" not in early
    assert early["s3ns"].period_days == 31
    late = {e.id: e for e in stale_entries(DOCTRINE, date(2027, 6, 1))}
    assert late["FC-04"].period_days == 92
    assert all(e.address.startswith("https://") for e in late.values())
