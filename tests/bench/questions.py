"""From three exports that fit together to decided applications, twelve signatures at most.

``python -m tests.bench.questions [SEED]`` makes a DSI of 200 applications and 2,000 servers (an RVTools
workbook, a GLPI export, a list kept by hand), imports and analyses them, signs the proposed sheets one by
one as the truth of the generator says, and prints the curve. Then: how long ranking 5,000 applications
takes, and how far the greedy choice is from the best on small cases.
"""

from __future__ import annotations

import csv
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from francecloud.demo.workbook import workbook_bytes
from inventory import read_dataset
from inventory.importing import import_files
from inventory.package import Package
from inventory.workspace import Workspace
from rationalise import analyse, load_decisions, load_doctrine
from rationalise.decisions import Decisions
from rationalise.questioning.choice import Answers, greedy, worth
from rationalise.questioning.ranking import Ranking, rank
from rationalise.questioning.sheets import sheets, write_sheets
from rationalise.sensitivity import sensitivity

DAY = date(2026, 11, 23)
LIMIT = 12
ENTITIES = {"Direction A": 42, "Direction B": 26, "Direction C": 16, "Direction D": 10, "Service E": 6}
"""Entities of the DSI as GLPI names them, and their share of the applications, in percent."""
FUNCTIONS = ("Ressources humaines", "Finances", "Métier", "Documents", "Communication", "Support")
CLUSTERS = ("cl-01", "cl-02", "cl-03")


@dataclass(frozen=True)
class Truth:
    """What is true of the generated portfolio and no export says: what people would correct before signing."""

    files: tuple[Path, ...]
    health: frozenset[str] = field(default_factory=frozenset)
    """Names of applications that do hold health data for another controller."""
    restricted: frozenset[str] = field(default_factory=frozenset)
    """Names of applications that are marked Diffusion Restreinte."""


def lay(folder: Path, seed: int, applications: int = 200, servers: int = 2000) -> Truth:
    """Write the three exports under *folder*, the same for the same seed."""
    dice = random.Random(seed)
    names = [f"Appli {n:04}" for n in range(applications)]
    owner = {n: dice.choices(list(ENTITIES), weights=list(ENTITIES.values()))[0] for n in names}
    # One in ten has a copy for acceptance tests, its own record in GLPI.
    copies = [f"{n} recette" for n in names if dice.random() < 0.1]
    machines = {n: [] for n in [*names, *copies]}  # type: dict[str, list[str]]
    home = {n: dice.choice(CLUSTERS) for n in machines}
    rows: list[list[Any]] = [["VM", "Powerstate", "Template", "DNS Name", "CPUs", "Memory", "Provisioned MiB", "In Use MiB",
                              "Datacenter", "Cluster", "Host", "OS according to the VMware Tools", "VM UUID"]]  # fmt: skip
    for n in range(servers):
        application = list(machines)[n % len(machines)] if n < len(machines) * 2 else dice.choice(list(machines))
        cluster = home[application] if dice.random() < 0.97 else dice.choice(CLUSTERS)
        machines[application].append(f"srv{n:05}")
        rows.append([f"srv{n:05}", "poweredOn", "False", f"srv{n:05}.exemple.invalid", dice.choice((2, 4, 8)), 8192, 102400, 51200,
                     "dc", cluster, f"esx-{cluster}-{n % 8}", "Red Hat Enterprise Linux 9 (64-bit)",
                     f"4200{n:04x}-0000-4000-8000-{n:012x}"])  # fmt: skip
    glpi = [["Nom", "Entité", "Statut", "Environnement", "Machines"]]
    for n, there in machines.items():
        production = n.removesuffix(" recette")
        glpi.append([n, owner[production], "Production", "Recette" if n in copies else "Production", ",".join(there)])
    bare = [["Application", "Fonction", "Utilisateurs", "Secret protégé", "Atteinte"]]
    for n in names:
        secret = dice.random() < 0.15
        users = str(int(dice.paretovariate(0.9) * 20)) if dice.random() < 0.7 else ""
        bare.append([n, dice.choice(FUNCTIONS), users, "Oui" if secret else "", "Sécurité publique" if secret else ""])
    folder.mkdir(parents=True, exist_ok=True)
    files = (folder / "vcenter.xlsx", folder / "glpi.csv", folder / "liste.csv")
    files[0].write_bytes(workbook_bytes({"vInfo": rows}))
    files[1].write_text(_csv(glpi, quoting=csv.QUOTE_ALL), encoding="utf-8-sig")
    files[2].write_text(_csv(bare), encoding="cp1252")
    health = frozenset(n for n in names if dice.random() < 0.04)
    restricted = frozenset(n for n in names if dice.random() < 0.02)
    return Truth(files, health, restricted)


def _csv(rows: Sequence[Sequence[str]], quoting: Any = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=quoting).writerows(rows)
    return out.getvalue()


@dataclass(frozen=True)
class Point:
    """After some signatures: what the analysis itself finds decided, and what the answer signed was."""

    signed: int
    decided: int
    settled: int
    applications: int
    lawful: int
    what: str = ""

    @property
    def share(self) -> float:
        """Decided applications, of one."""
        return self.decided / self.applications


def play(root: Path, truth: Truth, limit: int = LIMIT) -> list[Point]:
    """Import, analyse, then sign the first proposed sheet and analyse again, *limit* times at most."""
    (root / "francecloud.toml").write_text("", encoding="utf-8")
    workspace = Workspace(root)
    result = import_files(list(truth.files), workspace, today=DAY)
    assert not result.refused, result.problems
    dataset = read_dataset(workspace)
    points = [_point(dataset, workspace, 0, "")]
    while points[-1].signed < limit:
        ranking, made = _proposed(dataset, workspace, limit - points[-1].signed)
        if not made:
            break
        written, _left = write_sheets(root / "decisions/a-signer", made, dataset, load_doctrine(), DAY)
        signatures = sign(written[0], root / "decisions" / made[0].place, dataset, truth)
        text = str(ranking.questions[0].text)
        points.append(_point(dataset, workspace, points[-1].signed + signatures, text))
    return [p for p in points if p.signed <= limit]


def sign(sheet: Path, place: Path, dataset: Package, truth: Truth) -> int:
    """What a person does: corrects the sheet by what is true, signs it, puts it in its place.

    Returns:
        How many signatures that took: where the answer is not the same for all, the others get a sheet of their own.
    """
    base = {i: str(n).removesuffix(" recette") for i, n in dataset["applications"].select("id", "name").iter_rows()}
    document = yaml.safe_load(sheet.read_text(encoding="utf-8"))
    others: list[str] = []
    if document["kind"] == "perimeter":
        owners = dict(dataset["applications"].select("id", "organisation_id").iter_rows())
        apart = [i for i, n in base.items() if n in truth.restricted and owners[i] in document["organisations"]]
        document["except"] = [{"application": i, "classification": "dr"} for i in apart]
    elif asked := {"sante", "responsable_distinct_hebergeur"} & set(document.get("answers", {})):
        others = [i for i in document["applications"] if base[i] in truth.health]
        document["applications"] = [i for i in document["applications"] if i not in others]
        corrected = {**document, "applications": others, "answers": dict.fromkeys(sorted(asked), True)}
    if document.get("applications") != []:
        _signed(place, document)
    if others:
        _signed(place.with_stem(f"{place.stem}-autres"), corrected)
    sheet.unlink()
    return (document.get("applications") != []) + bool(others)


def _signed(place: Path, document: dict[str, Any]) -> None:
    document |= {"signed_by": {"role": "signataire"}, "signed_on": DAY}
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _proposed(dataset: Package, workspace: Workspace, limit: int) -> tuple[Ranking, list[Any]]:
    doctrine, decisions = load_doctrine(), load_decisions(workspace.decisions)
    found = sensitivity(dataset, decisions, doctrine, DAY)
    ranking = rank(dataset, decisions, doctrine, DAY, found, limit=limit)
    first = replace(ranking, questions=ranking.questions[:1])
    return ranking, sheets(first, dataset, found, doctrine, DAY)


def _point(dataset: Package, workspace: Workspace, signed: int, what: str) -> Point:
    proposal = analyse(dataset, load_decisions(workspace.decisions), load_doctrine(), DAY)
    curve, totals = proposal.summary["questions"], proposal.summary["totals"]
    return Point(signed, curve["decided"][0], curve["settled"][0], curve["applications"], totals["lawful_now"], what)


def ratios(cases: int, seed: int) -> list[float]:
    """Greedy over the best of every combination, on random cases of at most twelve answers."""
    dice = random.Random(seed)
    found = []
    for _case in range(cases):
        weights, sets, answers, limit = random_case(dice)
        best = max(worth(weights, sets, some) for some in combinations(range(answers), min(limit, answers)))
        if best:
            found.append(worth(weights, sets, greedy(weights, sets, [1.0] * answers, limit)) / best)
    return found


def random_case(dice: random.Random) -> tuple[list[int], list[list[Answers]], int, int]:
    """Weights and deciding sets shaped like portfolios: few wide answers, many narrow ones, needed together."""
    answers = dice.randint(3, 12)
    wide = max(1, answers // 3)
    sets: list[list[Answers]] = []
    for _group in range(dice.randint(2, 15)):
        ways = {
            frozenset([dice.randrange(wide), *(dice.randrange(answers) for _ in range(dice.randint(0, 2)))])
            for _way in range(dice.randint(1, 3))
        }
        sets.append([w for w in ways if not any(o < w for o in ways)])
    return [int(dice.paretovariate(1.1) * 3) for _ in sets], sets, answers, dice.randint(1, answers)


def big(applications: int, seed: int) -> tuple[Package, Mapping[str, int]]:
    """A ministry's portfolio, straight as a dataset: twenty bodies under one, facts known by halves."""
    from inventory.dataset import empty_dataset, schema

    dice = random.Random(seed)
    bodies = [f"O{n:02}" for n in range(20)]
    yes_no = (None, None, None, True, False, False)
    rows = [
        {
            "id": f"A{n:05}", "name": f"Appli {n}" + (" recette" if dice.random() < 0.1 else ""), "organisation_id": dice.choice(bodies),
            "function": dice.choice(FUNCTIONS), "users": dice.choice((None, 10, 200, 3000)),
            "secret_protege": dice.choice(yes_no), "mission_essentielle": dice.choice(yes_no), "sante": dice.choice(yes_no),
            "siiv": dice.choice((None, False)), "usage_collaboratif": dice.choice((None, False, True)),
            "donnees_perso": dice.choice((None, "ordinaires", "aucune", "art9")),
        }
        for n in range(applications)
    ]  # fmt: skip
    organisations = [{"id": "MIN", "name": "Ministère", "kind": "ministere"}] + [
        {"id": b, "name": b, "kind": "dsi", "parent_id": "MIN"} for b in bodies
    ]
    made = {"applications": rows, "organisations": organisations}
    frames = {n: schema().tables[n].conform(pl.DataFrame(f, infer_schema_length=None)) for n, f in made.items()}
    return Package({**empty_dataset().tables, **frames}), {}


def main(seed: int) -> None:
    """Print the curve and the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = lay(root / "sources", seed)
        points = play(root, truth)
    total = points[0].applications
    print(f"seed {seed}: {total} applications, of which {len(truth.health)} hold health data that no export mentions")
    print("signed  decided       lawful now  tiers settled  answer")
    for p in points:
        print(f"{p.signed:6}  {p.decided:4} {p.share:6.1%}  {p.lawful:10}  {p.settled:13}  {p.what}")
    dataset, _ = big(5000, seed)
    doctrine = load_doctrine()
    found = sensitivity(dataset, Decisions(), doctrine, DAY)
    for limit in (12, 50):
        started = time.perf_counter()
        ranking = rank(dataset, Decisions(), doctrine, DAY, found, limit=limit)
        seconds = time.perf_counter() - started
        print(f"ranking 5,000 applications, {limit} answers: {seconds:.2f} s; "
              f"decided {ranking.decided} → {ranking.questions[-1].decided}")  # fmt: skip
    measured = ratios(500, seed)
    print(f"greedy / best on {len(measured)} small cases: mean {statistics.mean(measured):.3f}, least {min(measured):.3f}, "
          f"within 10 %: {sum(r >= 0.9 for r in measured) / len(measured):.1%}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2026)
