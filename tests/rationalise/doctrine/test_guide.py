"""The guide's examples are executed as they stand."""

import json
import re
import shlex
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from francecloud.main import run
from francecloud.scaffold import lay_workspace
from inventory.problems import InvalidInput
from rationalise import Doctrine, evaluate, load_doctrine
from rationalise.doctrine.fit import fitting

GUIDE = Path(__file__).resolve().parents[3] / "docs/guides/doctrine.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
YAML = [text for kind, text in BLOCKS if kind == "yaml"]
LINES = [line for kind, text in BLOCKS if kind == "bash" for line in text.splitlines()]
DAY = date(2026, 11, 23)


def write(root: Path, text: str) -> None:
    path = root / text.partition("\n")[0].removeprefix("# ")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def laid(tmp_path: Path) -> Doctrine:
    """The doctrine with every example over it, the first of each file."""
    for text in reversed(YAML):
        write(tmp_path, text)
    return load_doctrine(tmp_path / "doctrine")


def test_there_are_examples_of_each_kind() -> None:
    names = {text.partition("\n")[0] for text in YAML}
    for name in ("rules", "offers", "organisations", "shared_services", "fit"):
        assert f"# doctrine/{name}.yaml" in names
    assert len([n for n in names if n.startswith("# doctrine/evidence/")]) == 2


def test_the_rule_denies(laid: Doctrine) -> None:
    said = {"classification": "aucune", "donnees_perso": "penal"}
    frame = pl.DataFrame({n: [said.get(n)] for n in laid.attributes}, schema=dict.fromkeys(laid.attributes, pl.String))
    rules = evaluate(laid, frame, DAY).tiers.filter(pl.col("tier") == "SNC")["rules"][0]
    assert "DSI-01" in rules.split("|")


def test_the_offer_is_internal_and_its_ministry_known(laid: Doctrine) -> None:
    assert laid.offers["cloud-exemple"].tier(DAY) == "INT"


def test_the_evidence_counts_from_its_day_to_its_last(laid: Doctrine) -> None:
    renewed = laid.offers["outscale-cloudgouv-eu-west-1"]
    assert [renewed.tier(d) for d in (date(2026, 11, 30), date(2026, 12, 1))] == ["SNC", "SNC"]
    assert load_doctrine().offers[renewed.id].tier(date(2026, 12, 1)) == "COM_UE"
    pi = laid.offers["pi-usuelle"]
    days = (date(2026, 11, 14), date(2026, 11, 15), date(2029, 11, 14), date(2029, 11, 15))
    assert [pi.on(d).convention for d in days] == [None, "signed", "signed", None]
    frame = pl.DataFrame(
        {n: ["aucune" if n == "classification" else "etat" if n == "entity_kind" else None] for n in laid.attributes},
        schema=dict.fromkeys(laid.attributes, pl.String),
    )
    for day, asked in zip(days, (True, False, False, True), strict=True):
        rules = evaluate(laid, frame, day, offers=["pi-usuelle"]).offers["causes"][0]
        assert ("FC-15" in rules.split("|")) is asked, day
    assert laid.loosened == ()


def test_the_shared_service_is_found(laid: Doctrine) -> None:
    assert [s.id for s in laid.absorbing([], DAY, products=["GRR"])] == ["SALLES"]


def test_the_fit_rule_refuses(laid: Doctrine) -> None:
    facts = pl.DataFrame({"os": ["windows", "linux"]})
    assert fitting(laid, facts, DAY)["nubo"].to_list() == [False, True]


def test_the_withdrawal_is_told_in_every_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_workspace(tmp_path)
    [withdrawal] = [text for text in YAML if "withdrawn:" in text]
    write(tmp_path, withdrawal)
    line = ["doctrine", "evaluate", "--set", "classification=aucune", "--workspace", str(tmp_path)]
    assert run([*line, "--json", "--as-of", "2026-11-23"]) == 0
    [answer] = json.loads(capsys.readouterr().out)
    assert [entry["entry"] for entry in answer["loosened"]] == ["FC-08"]
    assert run([*line, "--as-of", "2026-11-23", "--lang", "fr"]) == 0
    assert "assouplit FC-08" in capsys.readouterr().err


def test_the_command_lines_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_workspace(tmp_path)
    write(tmp_path, YAML[0])
    assert LINES
    for line in LINES:
        assert run([*shlex.split(line)[1:], "--workspace", str(tmp_path)]) == 0, line
    assert "DSI-01" in capsys.readouterr().out


def test_the_wrong_edit_is_told_as_the_guide_says(tmp_path: Path) -> None:
    write(tmp_path, YAML[0].replace("[etat]", "[etatt]"))
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(tmp_path / "doctrine")
    [problem] = caught.value.problems
    assert (problem.code, problem.row, problem.value) == ("DOC-021", 5, "etatt")
    assert "etat" in (problem.hint or "")
