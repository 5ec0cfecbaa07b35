"""What the law denies is stopped before anything is touched: by our verbs, and by plain Pulumi."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chain import AS_OF, SENSITIVE, SIGNED, Answer, edit, environment, francecloud, write
from plain import pulumi

pytestmark = [pytest.mark.needs("shared")]
REFERENCE = re.compile(r"FC-\d\d — .+ \(.+\)")
EXPIRING = "outscale-cloudgouv-eu-west-1"


@pytest.fixture
def workspace(analysed: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    root = tmp_path / "espace"
    shutil.copytree(analysed, root, ignore=shutil.ignore_patterns(".pulumi", "operations", ".git"))
    return root


def by_hand(root: Path) -> str:
    """Put the safe of restricted plans into the ordinary zone, as somebody in a hurry would; the zone's name."""
    [path] = root.glob("zones/*-pi-usuelle-*.yaml")
    safe = {"id": "APP-COFFRE", "name": "Coffre des plans", "tier": "INT", "sensitivity": "courante"}
    edit(path, lambda zone: zone["applications"].append(safe))
    return path.stem


def on_a_qualified_offer(root: Path) -> str:
    """A zone on an offer whose qualification ends, for an application that needs one; the zone's name."""
    write(root / "decisions/assessments/sensible.yaml", {
        "kind": "assessment", "applications": ["APP-MARCHES"], "answers": SENSITIVE, **SIGNED})  # fmt: skip
    edit(root / "decisions/assessments/ordinaires.yaml", lambda d: d["applications"].remove("APP-MARCHES"))
    [ordinary] = root.glob("zones/*-pi-usuelle-*.yaml")
    name = ordinary.stem.replace("pi-usuelle", EXPIRING)
    path = ordinary.rename(ordinary.with_name(f"{name}.yaml"))
    edit(
        root / "address-plan.yaml",
        lambda plan: plan["allocations"].update({name: plan["allocations"].pop(ordinary.stem)}),
    )

    def move(zone: dict[str, Any]) -> None:
        kept = [a for a in zone["applications"] if a["id"] == "APP-MARCHES"]
        zone.update(name=name, offer=EXPIRING, applications=kept)

    edit(path, move)
    return name


def run(root: Path, *words: str, as_of: str = AS_OF) -> Answer:
    return francecloud(*words, "--as-of", as_of, cwd=root, env=environment())


CASES: list[tuple[str, Callable[[Path], str], str, tuple[str, ...]]] = [
    ("denied", by_hand, AS_OF, ("Coffre des plans", "APP-COFFRE", "FC-03", AS_OF)),
    ("expired", on_a_qualified_offer, "2026-12-01", ("Suivi des marchés", "APP-MARCHES", "FC-0", "2026-12-01")),
]


@pytest.mark.parametrize(("case", "spoil", "day", "named"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("verb", [("preview",), ("up", "--yes")], ids=["preview", "up"])
def test_our_verbs_stop_with_5_and_say_why(
    workspace: Path, verb: tuple[str, ...], case: str, spoil: Callable[[Path], str], day: str, named: tuple[str, ...]
) -> None:
    zone = spoil(workspace)
    answer = run(workspace, verb[0], zone, *verb[1:], as_of=day)
    assert answer.code == 5, answer.err
    for word in named:
        assert word in answer.err
    assert REFERENCE.search(answer.err), "the reference follows the rule"
    assert not list(workspace.glob("state/.pulumi/**/*.json")), "nothing was begun"


@pytest.mark.needs("engine")
@pytest.mark.parametrize(("case", "spoil", "day", "named"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("verb", [("preview",), ("up", "--yes")], ids=["preview", "up"])
def test_plain_pulumi_stops_too(
    workspace: Path, engine: Any, verb: tuple[str, ...], case: str, spoil: Callable[[Path], str], day: str,
    named: tuple[str, ...],
) -> None:  # fmt: skip
    zone = spoil(workspace)
    folder = workspace / "stacks" / ("external" if EXPIRING in zone else "landing_zone")
    pulumi(engine, "stack", "init", zone, cwd=folder).ok()
    pulumi(engine, "config", "set", "francecloud:as_of", day, "--stack", zone, cwd=folder).ok()
    answer = pulumi(engine, *verb, "--stack", zone, cwd=folder)
    told = answer.out + answer.err
    assert answer.code not in (0, 2), told
    for word in named:
        assert word in told
    state = pulumi(engine, "stack", "export", "--stack", zone, cwd=folder).ok().json
    held = {r["type"] for r in state["deployment"].get("resources") or ()}
    assert held <= {"pulumi:pulumi:Stack"}, "no resource before the verdict"


def test_the_last_day_of_a_qualification_is_a_valid_one(workspace: Path) -> None:
    zone = on_a_qualified_offer(workspace)
    assert run(workspace, "preview", zone, "--without-engine", as_of="2026-11-30").code == 0


def test_a_note_says_it_and_the_other_zones_are_still_looked_at(workspace: Path) -> None:
    zone = by_hand(workspace)
    answer = run(workspace, "preview", "--without-engine", "--note", "note.md", "--json")
    assert answer.code == answer.json["exit_code"] == 5
    note = (workspace / "note.md").read_text(encoding="utf-8")
    assert "⛔" in note.splitlines()[1]
    assert "Coffre des plans" in note
    assert "FC-03" in note
    assert [stack["stack"] for stack in answer.json["stacks"]] == [
        path.stem for path in sorted(workspace.glob("zones/*.yaml")) if path.stem != zone
    ]
    assert all(stack["mode"] == "a_blanc" for stack in answer.json["stacks"])


def test_without_evidence_nothing_is_green(workspace: Path) -> None:
    shutil.rmtree(workspace / "dataset")
    [zone] = [path.stem for path in workspace.glob("zones/*-pi-usuelle-*.yaml")]
    assert run(workspace, "preview", zone).code == 5
