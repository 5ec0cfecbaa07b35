"""The questionnaire: closed, suggested by facts, signed by a role, kept, and worth unknown until it is signed."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import jsonschema
import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from odfdo import Document

from francecloud.main import run
from inventory.dataset import schema
from inventory.language import in_language
from rationalise.decisions import Answers, Assessment, load_decisions
from rationalise.questionnaire.catalogue import QUESTIONS_FILE, answers_of, load_questionnaire, values_of
from rationalise.questionnaire.filled import months_later
from rationalise.questionnaire.keeping import file_name

LIST = (
    "Code application;Nom;Code organisation;Données de santé;Secret protégé;Classification\n"
    "A1;Paie;DSI-A;Non;;\nA2;Soins;DSI-A;Oui;;\nB/1;Courrier: # {x};DSI-B;;Oui;\nC1;Cachée;DSI-A;;;secret\n"
)
FORMATS = pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".yaml"])
Cells = dict[str, object]
SIGNED: Cells = {"role": "administrateur des données", "organisation": "DSI-A", "signed_on": "2026-11-02"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with four applications, one of them classified."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRANCECLOUD_AS_OF", "2026-11-23")
    Path("apps.csv").write_text(LIST, encoding="utf-8")
    assert run(["import", "apps.csv"]) == 0
    return tmp_path


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict]]:
    """Run a verb with --json."""

    def call(*words: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = run([*words, "--json", "--lang", "fr"])
        return code, json.loads(capsys.readouterr().out)

    return call


def fill(path: Path, application: str, answers: Cells, signature: Cells | None = None) -> None:
    """Fill an application's row or entry in a form, as a person would."""
    signature = signature or {}
    if path.suffix == ".yaml":
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        [entry] = [e for e in document["assessments"] if e["application"] == application]
        entry["answers"] |= answers
        entry["signed_by"] |= {k: v for k, v in signature.items() if k in ("role", "organisation")}
        entry |= {k: v for k, v in signature.items() if k in ("signed_on", "expires_on")}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return
    titles = {q.settles: f"{q.id} · {q.question}" for q in load_questionnaire().questions}
    titles |= {
        "role": "Signé par (rôle)",
        "organisation": "Signé pour (organisation)",
        "signed_on": "Signé le",
        "expires_on": "Expire le",
    }
    said = {titles[k]: "oui" if v is True else "non" if v is False else v for k, v in {**answers, **signature}.items()}
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        page = book["Évaluation article 31"]
        row = next(c.row for c in page["A"] if c.value == application)
        for cell in list(page[1]):
            if cell.value in said:
                page.cell(row, cell.column).value = said[cell.value]
        book.save(path)
    else:
        document = Document(path)
        table = document.body.get_table(name="Évaluation article 31")
        heads = [c.value for c in table.get_row(0).cells]
        row = [r[0] for r in table.get_values((0, 0, 0, 20))].index(application)
        for title, value in said.items():
            table.set_value((heads.index(title), row), value)
        document.save(path)


def kept(name: str = "A1.yaml") -> dict:
    """An assessment on disk."""
    return yaml.safe_load(Path("decisions/assessments", name).read_text(encoding="utf-8"))


@FORMATS
def test_signed_answers_become_a_decision_in_force(
    here: Path, answer: Callable[..., tuple[int, dict]], suffix: str
) -> None:
    path = here / f"f{suffix}"
    assert run(["assess", "form", str(path), "--lang", "fr"]) == 0
    fill(
        path,
        "A1",
        {"secret_protege": False, "mission_essentielle": False, "atteinte": "aucune", "donnees_perso": "ordinaires"},
        SIGNED,
    )
    code, said = answer("assess", "read", str(path))
    assert (code, said["written"], said["signed"], said["problems"]) == (0, ["assessments/A1.yaml"], ["A1"], [])
    [(_file, found)] = load_decisions(here / "decisions").of(Assessment, date(2026, 11, 23))
    assert found.answers.as_cells() == {
        "secret_protege": "false",
        "mission_essentielle": "false",
        "atteinte": "false",
        "donnees_perso": "ordinaires",
    }
    assert found.expires_on == date(2028, 11, 2)
    assert {(s.attribute, s.answer, s.from_facts) for s in found.suggested} == {("sante", "false", True)}
    assert answer("assess", "read", str(path))[1]["unchanged"] == ["assessments/A1.yaml"]
    # in force, it is not asked again
    run(["assess", "form", str(here / "next.yaml")])
    assert "A1" not in [e["application"] for e in yaml.safe_load((here / "next.yaml").read_text())["assessments"]]


@FORMATS
def test_what_is_not_signed_is_kept_and_worth_unknown(
    here: Path, answer: Callable[..., tuple[int, dict]], capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    path = here / f"f{suffix}"
    run(["assess", "form", str(path), "--lang", "fr"])
    fill(path, "A1", {"secret_protege": False}, {"role": "administrateur des données"})
    code, said = answer("assess", "read", str(path))
    assert (code, said["unsigned"]) == (0, ["A1"])
    assert [(p["code"], p["severity"]) for p in said["problems"]] == [("INV-187", "warning")]
    assert not {"signed_by", "signed_on", "expires_on"} & set(kept())
    assert load_decisions(here / "decisions").of(Assessment, date(2026, 11, 23)) == []
    capsys.readouterr()
    assert run(["analyse", "--lang", "fr"]) == 0
    assert "INV-199" in capsys.readouterr().err
    # what was answered is in the next form, and the signature never is
    run(["assess", "form", str(here / "next.yaml")])
    [entry] = [e for e in yaml.safe_load((here / "next.yaml").read_text())["assessments"] if e["application"] == "A1"]
    assert entry["answers"]["secret_protege"] is False
    assert entry["signed_by"] == {"role": None, "organisation": None}


@FORMATS
def test_a_form_left_as_it_came_writes_nothing(
    here: Path, answer: Callable[..., tuple[int, dict]], suffix: str
) -> None:
    path = here / f"f{suffix}"
    run(["assess", "form", str(path)])
    assert answer("assess", "read", str(path))[1]["written"] == []
    assert not (here / "decisions").exists()


@FORMATS
def test_every_mistake_is_said_with_its_place_and_nothing_is_written(
    here: Path, answer: Callable[..., tuple[int, dict]], suffix: str
) -> None:
    path = here / f"f{suffix}"
    run(["assess", "form", str(path), "--lang", "fr"])
    fill(
        path, "A1", {"donnees_perso": "ordinair", "atteinte": "aucune ; ordre_public"}, {**SIGNED, "signed_on": "hier"}
    )
    fill(path, "A2", {"secret_protege": False, "secrets": "medical"}, {**SIGNED, "expires_on": "2040-01-01"})
    fill(path, "B/1", {"siiv": True}, SIGNED)
    code, said = answer("assess", "read", str(path))
    errors = [p for p in said["problems"] if p["severity"] == "error"]
    assert code == 2
    assert sorted(p["field"] for p in errors) == ["atteinte", "donnees_perso", "expires_on", "secrets", "signed_on"]
    assert all(p["row"] for p in errors)
    assert suffix == ".yaml" or all(p["sheet"] and p["column"] for p in errors)
    assert not (here / "decisions").exists()


def test_facts_suggest_are_marked_and_answer_nothing(here: Path, answer: Callable[..., tuple[int, dict]]) -> None:
    path = here / "f.yaml"
    run(["assess", "form", str(path), "--applications", "A2", "--lang", "fr"])
    assert "secret_protege = true" in path.read_text(encoding="utf-8")
    fill(path, "A2", {"mission_essentielle": True, "atteinte": "aucune", "sante": False}, SIGNED)
    said = answer("assess", "read", str(path))[1]
    assert {(p["code"], p["field"], p["severity"]) for p in said["problems"]} == {
        ("INV-189", "atteinte", "warning"),
        ("INV-189", "sante", "warning"),
    }
    document = kept("A2.yaml")
    assert document["answers"] == {"mission_essentielle": True, "atteinte": "aucune", "sante": False}
    assert {s["attribute"] for s in document["suggested"]} == {"secret_protege", "secrets", "donnees_perso"}
    assert all(s["from_facts"] is True and s["fact"] for s in document["suggested"])
    [(_name, found)] = load_decisions(here / "decisions").of(Assessment)
    assert found.answers.secret_protege is None


def test_what_was_signed_is_replaced_only_by_what_is_signed_later(
    here: Path, answer: Callable[..., tuple[int, dict]]
) -> None:
    path = here / "f.yaml"
    run(["assess", "form", str(path), "--applications", "A1"])

    def read(value: bool, signature: Cells) -> tuple[int, list[str], bool]:
        fill(path, "A1", {"siiv": value}, {"role": None, "organisation": None, "signed_on": None, **signature})
        code, said = answer("assess", "read", str(path))
        return code, [p["code"] for p in said["problems"]], kept()["answers"]["siiv"]

    assert read(True, {}) == (0, [], True)
    assert read(False, SIGNED) == (0, [], False)
    assert read(True, {}) == (0, ["INV-188"], False)
    assert read(False, {}) == (0, [], False)
    assert read(True, SIGNED) == (2, ["INV-188"], False)
    assert read(True, {**SIGNED, "signed_on": "2026-11-10"}) == (0, [], True)


def test_classified_and_unknown_applications_are_not_assessed(
    here: Path, answer: Callable[..., tuple[int, dict]]
) -> None:
    assert answer("assess", "form", "f.yaml", "--applications", "C1")[0] == 6
    Path("f.yaml").write_text(
        'kind: assessment_form\nquestionnaire: "x"\nassessments:\n  - application: A11\n    answers: {siiv: oui}\n'
    )
    code, said = answer("assess", "read", "f.yaml")
    assert (code, said["problems"][0]["code"]) == (2, "INV-192")
    assert "A1" in said["problems"][0]["hint"]


def test_the_template_bears_the_questionnaire_and_import_leaves_it(
    here: Path, answer: Callable[..., tuple[int, dict]]
) -> None:
    path = here / "m.ods"
    assert run(["template", str(path), "--prefilled", "--questionnaire", "--lang", "fr"]) == 0
    fill(path, "A1", {"siiv": False}, SIGNED)
    assert [p["code"] for p in answer("import", str(path))[1]["problems"]] == ["INV-197"]
    assert not (here / "decisions").exists()
    assert answer("assess", "read", str(path))[1]["signed"] == ["A1"]


def test_status_tells_what_counts_on_a_day(here: Path, answer: Callable[..., tuple[int, dict]]) -> None:
    run(["assess", "form", "f.yaml"])
    fill(here / "f.yaml", "A1", {"siiv": False}, SIGNED)
    fill(here / "f.yaml", "B/1", {"siiv": False})
    run(["assess", "read", "f.yaml"])
    states = {
        day: [a["state"] for a in answer("assess", "status", "--as-of", day)[1]["assessments"]]
        for day in ("2026-11-01", "2026-11-23", "2028-11-03")
    }
    assert states == {
        "2026-11-01": ["to_come", "unsigned"],
        "2026-11-23": ["in_force", "unsigned"],
        "2028-11-03": ["expired", "unsigned"],
    }


def test_the_questions_are_what_their_schema_says_and_settle_what_decisions_hold() -> None:
    raw = json.loads(json.dumps(yaml.safe_load(QUESTIONS_FILE.read_text(encoding="utf-8")), default=str))
    jsonschema.validate(raw, json.loads((QUESTIONS_FILE.parent / "schema/questions.json").read_text(encoding="utf-8")))
    form = load_questionnaire()
    columns = schema().tables["applications"].by_name
    # what kind of entity it is, its organisation says: no question of the case-by-case analysis
    assert ["entity_kind", *form.by_attribute()] == list(Answers.model_fields)
    for question in form.questions:
        assert set(question.applies_when) <= set(form.by_attribute())
        for fact in question.from_facts:
            assert set(fact.when) <= set(columns)
            assert question.read(fact.answer) == fact.answer


def values() -> st.SearchStrategy[dict[str, str]]:
    """Any answers to any of the questions."""
    parts = {}
    for q in load_questionnaire().questions:
        known = [a.value for a in q.answers if a.value != q.none] or ["true", "false"]
        several = st.sets(st.sampled_from(known), min_size=1).map(lambda s: "|".join(sorted(s)))
        parts[q.settles] = (
            (several | (st.just(q.none) if q.none else several)) if q.kind == "many" else st.sampled_from(known)
        )
    return st.fixed_dictionaries({}, optional=parts)


@given(values())
def test_any_answers_are_kept_as_they_were_given_and_read_as_they_are_shown(said: dict[str, str]) -> None:
    assert values_of(answers_of(said)) == said
    for lang in ("fr", "en"):
        with in_language(lang):
            for name, value in said.items():
                question = load_questionnaire().by_attribute()[name]
                assert question.read(question.shown(value)) == value


@given(st.text(max_size=20), st.sampled_from(load_questionnaire().questions))
def test_any_text_is_an_accepted_answer_unknown_or_refused(text: str, question: object) -> None:
    accepted = {a.value for a in question.answers} or {"true", "false"}  # type: ignore[attr-defined]
    try:
        value = question.read(text)  # type: ignore[attr-defined]
    except ValueError:
        return
    assert value is None or set(value.split("|")) <= accepted


@given(st.text(max_size=200), st.text(max_size=200))
def test_two_applications_never_share_a_file_nor_leave_the_folder(one: str, other: str) -> None:
    assert Path(file_name(one)).name == file_name(one)
    assert not file_name(one).startswith(".")
    assert one == other or file_name(one) != file_name(other)


def test_months_later_ends_with_the_month() -> None:
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert months_later(date(2026, 12, 5), 24) == date(2028, 12, 5)
