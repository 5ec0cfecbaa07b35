"""A wrong edit is told with file, line, field and remedy, all at once; never a traceback."""

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.problems import InvalidInput, Problem
from rationalise import load_doctrine
from rationalise.doctrine.files import OVERLAID, SHIPPED

OWN = {
    "rules.yaml": 'rules:\n  - id: DSI-01\n    title: {fr: a, en: a}\n    when: {siiv: ["true"]}\n    deny: [SNC]\n'
    "    ref: note\n    since: 2026-01-01\n    force: guide\n    conf: A\n",
    "offers.yaml": "offers:\n  - id: mine\n    title: Mine\n    operator: MININT\n    internal: INT\n    layers: [iaas]\n"
    "    api: [openstack]\n    law: ue\n    admits: [etat]\n    read_on: 2026-01-01\n    conf: A\n    ref: note\n",
    "shared_services.yaml": "shared_services:\n  - id: MINE\n    title: {fr: a, en: a}\n    operator: DINUM\n"
    "    provides: {fr: a, en: a}\n    absorbs: {functions: [tchat]}\n    adoption: {risk: low, text: {fr: a, en: a}}\n"
    "    ref: note\n    since: 2026-01-01\n    force: politique\n    conf: A\n",
    "fit.yaml": "fit:\n  - id: DSI-F1\n    title: {fr: a, en: a}\n    target: {offers: [nubo]}\n    requires: {os: [linux]}\n"
    "    ref: note\n    since: 2026-01-01\n    force: politique\n    conf: A\n",
    "evidence/fact.yaml": "offer: nubo\nconvention: signed\nref: note\nread_on: 2026-01-01\n",
}
"""An entry of each kind that is right, one field a line."""


def refused(folder: Path, name: str, text: str) -> list[Problem]:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(folder)
    return list(caught.value.problems)


def test_the_right_entries_are_right(tmp_path: Path) -> None:
    for name, text in OWN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_doctrine(tmp_path).loosened == ()


@pytest.mark.parametrize(
    ("name", "right", "wrong", "code", "row", "near"),
    [
        ("rules.yaml", "    deny:", "    denny:", "DOC-001", 5, "deny"),
        ("rules.yaml", "[SNC]", "[SMC]", "DOC-001", 5, "SNC"),
        ("rules.yaml", "siiv", "sivi", "DOC-021", 4, "siiv"),
        ("rules.yaml", '"true"', '"ture"', "DOC-021", 4, "true"),
        ("rules.yaml", "guide", "giude", "DOC-001", 8, "guide"),
        ("rules.yaml", "    deny: [SNC]\n", "    deny: [SNC]\n    derogation: DER-13\n", "DOC-021", 6, "DER-31"),
        ("rules.yaml", "2026-01-01", "2026-02-30", "WSP-003", 7, "2026-11-23"),
        ("rules.yaml", "    conf: A\n", "    conf: A\n    until: 2025-01-01\n", "DOC-001", 2, None),
        ("rules.yaml", "    deny: [SNC]\n", "", "DOC-001", 2, None),
        ("offers.yaml", "MININT", "MINNINT", "DOC-023", 4, "MININT"),
        ("offers.yaml", "[etat]", "[etats]", "DOC-021", 9, "etat"),
        ("offers.yaml", "[openstack]", "[openstak]", "DOC-001", 7, "openstack"),
        ("offers.yaml", "id: mine", "id: scaleway", "DOC-002", 5, "evidence"),
        ("shared_services.yaml", "DINUM", "DINUN", "DOC-021", 4, "DINUM"),
        ("shared_services.yaml", "tchat", "tchta", "DOC-021", 6, "tchat"),
        ("shared_services.yaml", "    conf: A", "    conf: A\n    status: not_established", "DOC-001", 2, None),
        ("fit.yaml", "nubo", "nubbo", "DOC-021", 4, "nubo"),
        ("fit.yaml", "os:", "so:", "DOC-021", 5, "os"),
        ("fit.yaml", "linux", "linus", "DOC-021", 5, "linux"),
        ("evidence/fact.yaml", "nubo", "nubbo", "DOC-003", 1, "nubo"),
        ("evidence/fact.yaml", "signed", "sined", "DOC-001", 2, "signed"),
        ("evidence/fact.yaml", "convention: signed\n", "", "DOC-001", 1, None),
    ],
)
def test_a_wrong_edit_is_told_with_its_line_and_remedy(
    tmp_path: Path, name: str, right: str, wrong: str, code: str, row: int | None, near: str | None
) -> None:
    assert right in OWN[name]
    problems = refused(tmp_path, name, OWN[name].replace(right, wrong, 1))
    [problem] = [p for p in problems if row is None or p.row == row][:1]
    assert problem.code == code
    assert (problem.file or "").endswith(name)
    assert problem.row
    if near is not None:
        assert near in (problem.hint or "")


def test_an_identifier_stands_once(tmp_path: Path) -> None:
    entry = OWN["rules.yaml"].removeprefix("rules:\n")
    [problem] = refused(tmp_path, "rules.yaml", "rules:\n" + entry + entry)
    assert (problem.code, problem.row, problem.value) == ("DOC-020", 10, "DSI-01")


def test_a_qualification_needs_its_decision(tmp_path: Path) -> None:
    text = OWN["offers.yaml"].replace("    internal: INT\n", "") + (
        "    qualifications:\n      - {scheme: secnumcloud, layers: [iaas], from: 2026-01-01, to: 2028-12-31}\n"
    )
    [problem] = refused(tmp_path, "offers.yaml", text)
    assert (problem.code, problem.row) == ("DOC-025", 13)


def test_a_provider_is_not_made_part_of_the_state(tmp_path: Path) -> None:
    text = (
        "organisations:\n  - {id: OVHcloud, kind: ministry, title: {fr: a, en: a}, ref: r, since: 2020-01-01, "
        "force: politique, conf: A}\n"
    )
    assert [p.code for p in refused(tmp_path, "organisations.yaml", text)] == ["DOC-023"]


def test_a_presumption_with_an_end_is_refused(tmp_path: Path) -> None:
    text = (
        'presume:\n  - {id: P9, title: {fr: a, en: a}, when: {siiv: ["true"]}, then: {mission_essentielle: "true"}, '
        "ref: r, since: 2026-01-01, force: politique, conf: A}\n"
    )
    assert [p.code for p in refused(tmp_path, "presumptions.yaml", text)] == ["DOC-024"]
    (tmp_path / "presumptions.yaml").write_text(text.replace("2026-01-01", "2020-01-01"), encoding="utf-8")
    assert "P9" in load_doctrine(tmp_path).entries


def test_a_file_nobody_would_read_is_told(tmp_path: Path) -> None:
    for name in ("rule.yaml", "rules.yml", "tiers.yaml", "evidences/fact.yaml"):
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        [problem] = refused(folder, name, OWN["rules.yaml"])
        assert problem.code == "DOC-001"
        assert "rules.yaml" in (problem.hint or "")


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    for name, text in OWN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.replace("ref:", "reff:"), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(tmp_path)
    assert len({p.file for p in caught.value.problems}) == len(OWN)


ODD: list[Any] = [None, True, -1, 2.5, "", "x", [], ["x"], {}, {"x": "y"}, "2026-02-30", "FC-04", [[["x"]]], {"fr": 1}]
TEXTS = {
    name: OWN.get(name) or (SHIPPED / name).read_text(encoding="utf-8") for name in OVERLAID if name.endswith(".yaml")
} | {"evidence/fact.yaml": OWN["evidence/fact.yaml"]}
TREES = {name: yaml.safe_load(text) for name, text in TEXTS.items()}


def mutate(tree: Any, drawn: random.Random) -> Any:
    """One part of a tree replaced, removed, renamed or repeated."""
    tree = copy.deepcopy(tree)
    here = tree
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return tree
        key = drawn.choice(keys)
        if isinstance(here[key], dict | list) and here[key] and drawn.random() < 0.8:
            here = here[key]
            continue
        match drawn.choice(["replace", "remove", "rename", "repeat"]):
            case "replace":
                here[key] = drawn.choice(ODD)
            case "remove":
                del here[key]
            case "rename" if isinstance(here, dict):
                here[f"{key}x"] = here.pop(key)
            case _ if isinstance(here, list):
                here.append(here[key])
        return tree


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(TEXTS)), seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_a_mutated_file_is_read_or_refused(
    name: str, seed: int, count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn, tree = random.Random(seed), TREES[name]
    for _ in range(count):
        tree = mutate(tree, drawn)
    told_or_read(tmp_path_factory.mktemp("mutated"), name, yaml.safe_dump(tree, allow_unicode=True).encode())


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(OWN)), at=st.integers(0, 400), put=st.binary(max_size=6), cut=st.integers(0, 12))
def test_a_torn_file_is_read_or_refused(
    name: str, at: int, put: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = OWN[name].encode()
    at %= len(text)
    told_or_read(tmp_path_factory.mktemp("torn"), name, text[:at] + put + text[at + cut :])


@pytest.mark.parametrize(
    "text",
    [
        "&a [*a]",
        "rules: &a [*a]",
        "? [a]\n: b",
        "rules: .nan",
        "2026-01-01: x",
        "!!python/none x",
        "--- a\n--- b",
        "",
        "[",
        "rules: !!binary x",
        "{" * 2000,
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, "rules.yaml", text)


def told_or_read(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    problems: list[Problem] = []
    try:
        load_doctrine(folder)
    except InvalidInput as error:
        problems = list(error.problems)
    assert all(p.code.startswith(("DOC-0", "WSP-003")) and p.file and p.text() for p in problems)
