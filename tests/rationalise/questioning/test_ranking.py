"""From three exports to decisions: what is promised is what the analysis then finds, and nothing opens unsigned."""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
import yaml

from inventory import read_dataset
from inventory.dataset import empty_dataset, schema
from inventory.importing import import_files
from inventory.package import Package
from inventory.workspace import Workspace
from rationalise import analyse, load_decisions, load_doctrine
from rationalise.decisions import Decisions, not_counted
from rationalise.inheritance import heirs
from rationalise.questioning.candidates import candidates
from rationalise.questioning.notices import unsigned
from rationalise.questioning.ranking import Ranking, rank
from rationalise.questioning.sheets import sheets, write_sheets
from rationalise.sensitivity import sensitivity

DAY = date(2026, 11, 23)
BENCH = Path(__file__).resolve().parents[2] / "bench/questions.py"


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("questions_bench", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["questions_bench"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["questions_bench"]


def ranked(dataset: Package, decisions: Decisions, **options: object) -> Ranking:
    found = sensitivity(dataset, decisions, load_doctrine(), DAY)
    return rank(dataset, decisions, load_doctrine(), DAY, found, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2])
def test_twelve_signatures_take_a_portfolio_from_nothing_to_decisions(
    bench: ModuleType, tmp_path: Path, seed: int
) -> None:
    truth = bench.lay(tmp_path / "sources", seed, applications=60, servers=300)
    points = bench.play(tmp_path, truth, 12)
    assert points[0].share < 0.05
    assert points[-1].signed <= 12
    assert points[-1].share >= 0.70
    assert [p.decided for p in points] == sorted(p.decided for p in points)


def test_what_the_curve_promises_is_what_the_analysis_finds_once_signed(bench: ModuleType, tmp_path: Path) -> None:
    truth = bench.lay(tmp_path / "sources", 5, applications=60, servers=300)
    told_true = bench.Truth(truth.files)
    (tmp_path / "francecloud.toml").write_text("")
    workspace = Workspace(tmp_path)
    assert not import_files(list(truth.files), workspace, today=DAY).refused
    dataset = read_dataset(workspace)
    for goal in ("placement", "tiers"):
        start = load_decisions(workspace.decisions)
        promised = ranked(dataset, start, limit=5, goal=goal)
        found = sensitivity(dataset, start, load_doctrine(), DAY)
        made = sheets(promised, dataset, found, load_doctrine(), DAY)
        assert made
        before = _verdicts(dataset, workspace)
        for sheet, question in zip(made, promised.questions, strict=True):
            # A page that waits to be signed changes nothing, wherever it lies.
            [path, _page], _left = write_sheets(tmp_path / "decisions", [sheet], dataset, load_doctrine(), DAY)
            assert _verdicts(dataset, workspace).equals(before)
            unheeded = load_decisions(workspace.decisions)
            notices = [*not_counted(unheeded, DAY), *unsigned(unheeded, workspace.decisions)]
            assert [notice.code for notice in notices] in (["ANA-020"], ["INV-199"])
            bench.sign(_aside(path), tmp_path / "decisions" / sheet.place, dataset, told_true)
            after = ranked(dataset, load_decisions(workspace.decisions))
            assert (after.decided, after.settled) == (question.decided, question.settled)
            then = _verdicts(dataset, workspace)
            assert _gained(before, then) == dict(sheet.opens)
            assert _covered(before, then) <= set(question.covers)
            before = then


def _verdicts(dataset: Package, workspace: Workspace) -> pl.DataFrame:
    proposal = analyse(dataset, load_decisions(workspace.decisions), load_doctrine(), DAY)
    return proposal["applications"].select("id", "lawful_now", "tier", "offer").sort("id")


def _aside(path: Path) -> Path:
    return path.rename(path.with_suffix(".unsigned"))


def _gained(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, int]:
    def tiers(frame: pl.DataFrame) -> pl.DataFrame:
        split = frame.select("id", tier=pl.col("lawful_now").str.split("|")).explode("tier")
        return split.drop_nulls()

    gained = tiers(after).join(tiers(before), on=["id", "tier"], how="anti")
    return dict(gained.group_by("tier").agg(pl.len()).iter_rows())


def _covered(before: pl.DataFrame, after: pl.DataFrame) -> set[str]:
    """The applications a signature moved."""
    return set(before.join(after, on=before.columns, how="anti", nulls_equal=True)["id"])


def portfolio(
    *rows: dict[str, object], organisations: list[dict[str, object]] | None = None, **more: object
) -> Package:
    bodies = organisations or [{"id": "DSI", "name": "La DSI", "kind": "dsi"}]
    made = {"applications": list(rows), "organisations": bodies, **more}
    frames = {n: schema().tables[n].conform(pl.DataFrame(f, infer_schema_length=None)) for n, f in made.items()}
    return Package({**empty_dataset().tables, **frames})


def app(identifier: str, **more: object) -> dict[str, object]:
    return {"id": identifier, "name": identifier, "organisation_id": "DSI", **more}


def test_verdicts_unlock_jointly_and_weigh_by_users() -> None:
    bodies = [{"id": o, "name": o, "kind": "dsi"} for o in ("DSI", "AUTRE")]
    data = portfolio(
        app("A", users=5000), app("B", organisation_id="AUTRE"), app("C", organisation_id="AUTRE"), organisations=bodies
    )
    found = ranked(data, Decisions(), limit=4)
    assert [(q.id, q.unlocks) for q in found.questions] == [
        ("perimeter:DSI", 0), ("health:DSI", 1), ("perimeter:AUTRE", 0), ("health:AUTRE", 2),
    ]  # fmt: skip
    assert found.questions[1].users == 5000
    assert found.all_users == 5002


def test_a_perimeter_above_covers_those_below_and_names_what_is_marked() -> None:
    bodies = [{"id": "MIN", "kind": "ministere"}, {"id": "X", "kind": "dsi", "parent_id": "MIN"},
              {"id": "Y", "kind": "dsi", "parent_id": "MIN"}]  # fmt: skip
    known = {"sante": False}
    data = portfolio(
        app("A", organisation_id="X", **known), app("B", organisation_id="Y", **known),
        app("C", organisation_id="Y", classification="dr", **known), organisations=bodies,
    )  # fmt: skip
    found = ranked(data, Decisions())
    [question] = found.questions
    assert (question.id, question.unlocks) == ("perimeter:MIN", 2)
    [sheet] = sheets(found, data, sensitivity(data, Decisions(), load_doctrine(), DAY), load_doctrine(), DAY)
    assert sheet.decision["except"] == [{"application": "C", "classification": "dr"}]


def test_a_cluster_settles_the_applications_that_are_wholly_on_it() -> None:
    servers = [{"id": f"S{n}", "name": f"S{n}", "cluster": c} for n, c in enumerate(("c1", "c1", "c1", "c2"))]
    links = [("A", "S0"), ("B", "S1"), ("C", "S2"), ("C", "S3")]
    data = portfolio(
        *(app(i, organisation_id=None, entity_kind="etat") for i in "ABC"),
        organisations=[{"id": "DSI", "kind": "dsi"}],
        servers=servers,
        deployments=[{"application_id": a, "target_kind": "server", "target_id": s} for a, s in links],
    )
    found = ranked(data, Decisions())
    platform = next(q for q in found.questions if q.id == "platform:c1")
    assert platform.covers == ("A", "B")
    assert platform.kind.kind == "fact"
    # Nobody is known to own them: only a declaration over everything covers them.
    assert found.questions[0].id == "perimeter:*"


def test_nobody_declares_over_several_unrelated_bodies() -> None:
    bodies = [{"id": "DSI", "kind": "dsi"}, {"id": "AUTRE", "kind": "operateur"}]
    data = portfolio(app("A", organisation_id=None, entity_kind="etat", sante=False), organisations=bodies)
    assert ranked(data, Decisions()).questions == ()


def test_a_family_signs_together_only_what_is_known_the_same_way() -> None:
    data = portfolio(
        app("A", function="RH"), app("B", function="RH"), app("C", function="RH", secret_protege=True),
        app("D", function="Paie"),
    )  # fmt: skip
    found = ranked(data, Decisions(), goal="tiers", limit=20)
    families = {q.covers: q for q in found.questions if q.kind.id == "family"}
    assert set(families) == {("A", "B"), ("C",), ("D",)}
    made = sheets(found, data, sensitivity(data, Decisions(), load_doctrine(), DAY), load_doctrine(), DAY)
    [secret] = [s.decision for s in made if s.question.covers == ("C",)]
    assert secret["answers"]["secret_protege"] is True
    assert secret["answers"]["atteinte"] == "aucune"


def test_a_fact_alone_signs_no_assessment(tmp_path: Path) -> None:
    known = {"secret_protege": False, "mission_essentielle": False, "atteinte": "aucune", "donnees_perso": "aucune"}
    data = portfolio(app("A", entity_kind="etat", **known))
    fact = {
        "kind": "assessment",
        "applications": ["A"],
        "answers": {"sante": False},
        "signed_by": {"role": "DPD"},
        "signed_on": DAY,
    }
    (tmp_path / "assessments").mkdir()
    (tmp_path / "assessments/a.yaml").write_text(yaml.safe_dump(fact))
    now = sensitivity(data, load_decisions(tmp_path), load_doctrine(), DAY).now.row(0, named=True)
    assert (now["sante"], now["evaluation_art31"]) == ("false", None)


def test_an_heir_is_covered_only_with_its_production() -> None:
    bodies = [{"id": o, "kind": "dsi"} for o in ("DSI", "AUTRE")]
    servers = [{"id": "S0", "name": "S0", "cluster": "c1"}, {"id": "S1", "name": "S1", "cluster": "c2"}]
    links = [("P", "S0"), ("R", "S1")]
    data = portfolio(
        app("P", name="Paie"), app("R", name="Paie recette"), organisations=bodies, servers=servers,
        deployments=[{"application_id": a, "target_kind": "server", "target_id": s} for a, s in links],
    )  # fmt: skip
    covers = {q.id: q.covers for q in ranked(data, Decisions(), limit=40).questions}
    assert covers["perimeter:DSI"] == ("P", "R")
    assert covers.get("platform:c2") is None


def test_fictitious_data_are_asked_for_and_fill_what_signing_them_then_fills(tmp_path: Path) -> None:
    known = {"organisation_id": "DSI", "responsable_distinct_hebergeur": True, "entity_kind": "etat"}
    data = portfolio(
        app("P", name="Soins", sante=True, secret_protege=True, **known),
        app("R", name="Soins", environment="Recette", secret_protege=False, **known),
    )
    found = sensitivity(data, Decisions(), load_doctrine(), DAY)
    asked = candidates(data, found.now, found.own, heirs(data, Decisions(), DAY))
    [row] = asked.rows.filter(pl.col("answer") == "fictitious:DSI").to_dicts()
    assert row["id"] == "R"
    (tmp_path / "fictitious").mkdir()
    signed = {"kind": "fictitious_data", "applications": ["R"], "statement": "no_real_data",
              "signed_by": {"role": "administrateur des données"}, "signed_on": DAY}  # fmt: skip
    (tmp_path / "fictitious/f.yaml").write_text(yaml.safe_dump(signed))
    after = sensitivity(data, load_decisions(tmp_path), load_doctrine(), DAY).now
    before, then = (f.filter(pl.col("id") == "R").row(0, named=True) for f in (found.now, after))
    assert {n: row[n] or before[n] for n in before if n != "id"} == {n: v for n, v in then.items() if n != "id"}
    assert (before["sante"], then["sante"]) == ("true", "false")


def test_a_copy_may_be_answered_for_alone_where_its_production_is_known() -> None:
    data = portfolio(
        app("P", name="Paie", sante=False, entity_kind="etat"), app("R", name="Paie recette", entity_kind="etat")
    )
    covers = {q.id: q.covers for q in ranked(data, Decisions()).questions}
    assert covers["health:DSI"] == ("R",)


def test_five_thousand_applications_are_ranked_at_once(bench: ModuleType) -> None:
    data, _ = bench.big(5000, 3)
    found = sensitivity(data, Decisions(), load_doctrine(), DAY)
    ranking = rank(data, Decisions(), load_doctrine(), DAY, found, limit=12)
    assert ranking.questions[-1].decided > ranking.decided
