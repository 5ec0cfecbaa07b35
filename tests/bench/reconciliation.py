"""One ministry, three sources that overlap by half, made from a truth that is kept: how well they are reconciled.

``python -m tests.bench.reconciliation [SERVERS] [--seed N]`` prints precision and recall of the pairs at the zone
"same", the share left to a person, the time and the memory. The truth is never shown to what reconciles.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path

import xlsxwriter

from inventory.dataset import read_dataset
from inventory.importing import import_files
from inventory.regroup import own_names
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
FUNCTIONS = ["paie", "solde", "rh", "finances", "courrier", "annuaire", "sig", "archives", "portail", "depot", "agenda",
             "stocks", "achats", "contentieux", "permis", "subventions", "formation", "marches", "immobilier", "logistique"]  # fmt: skip
ROLES = ["web", "app", "bdd", "proxy", "batch", "fic", "ldap", "cache"]
SYSTEMS = [("Debian GNU/Linux 12 (64-bit)", "Debian 12"), ("Red Hat Enterprise Linux 8 (64-bit)", "RHEL 8.6"),
           ("Microsoft Windows Server 2019 (64-bit)", "Windows Server 2019 Standard"), ("Ubuntu Linux 22 (64-bit)", "Ubuntu 22.04 LTS"),
           ("Microsoft Windows Server 2016 (64-bit)", "Windows Server 2016")]  # fmt: skip
DOMAINS = ["intra.ministere.example", "dmz.ministere.example"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
OVERLAP = 0.5


@dataclass
class Machine:
    """A true machine."""

    number: int
    name: str
    domain: str
    uuid: str
    ip: str
    system: tuple[str, str]
    vcpu: int
    ram: int
    cluster: str
    host: str
    sources: set[str] = field(default_factory=set)


def truth(servers: int, dice: random.Random) -> list[Machine]:
    """Machines, some of them clones of others, some with an address that another had."""
    machines: list[Machine] = []
    count: Counter[str] = Counter()
    while len(machines) < servers:
        number = len(machines)
        if machines and dice.random() < 0.04:
            model = dice.choice(machines)
            name = model.name + dice.choice(["-old", "-dr", "-bak", "-clone", "-test"])
            taken = Machine(number, name, model.domain, _uuid(dice), _ip(number) if dice.random() < 0.7 else model.ip,
                            model.system, model.vcpu, model.ram, model.cluster, model.host)  # fmt: skip
            if count[name]:
                continue
            count[name] += 1
            machines.append(taken)
            continue
        stem = f"{dice.choice(['srv', 'vm', 'lx', 'win'])}-{dice.choice(FUNCTIONS)}-{dice.choice(ROLES)}"
        count[stem] += 1
        ip = dice.choice(machines).ip if machines and dice.random() < 0.02 else _ip(number)
        cluster = dice.randrange(max(2, servers // 400))
        machines.append(
            Machine(number, f"{stem}{count[stem]:02d}", dice.choice(DOMAINS), _uuid(dice), ip, dice.choice(SYSTEMS),
                    dice.choice([1, 2, 2, 4, 4, 8, 16]), dice.choice([2, 4, 8, 8, 16, 32, 64]), f"CLU{cluster:03d}",
                    f"esx{cluster * 12 + dice.randrange(12):04d}.infra.example")
        )  # fmt: skip
    for machine in machines:
        first = dice.choice(["rvtools", "glpi", "list"])
        machine.sources.add(first)
        if dice.random() < OVERLAP:
            machine.sources |= set(dice.sample(["rvtools", "glpi", "list"], dice.choice([2, 3])))
    return machines


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _ip(number: int) -> str:
    return f"10.{number // 62500 + 1}.{number // 250 % 250}.{number % 250 + 1}"


def spoilt(name: str, domain: str, dice: random.Random, much: float) -> str:
    """A name as somebody writes it: case, domain, zeros dropped, a letter wrong."""
    if dice.random() < much * 0.3:
        name = name.replace("0", "", 1) if name[-2:-1] == "0" else name
    if dice.random() < much * 0.12:
        spot = dice.randrange(3, len(name) - 3)
        if name[spot].isalpha() and name[spot + 1].isalpha():
            name = dice.choice([name[:spot] + name[spot + 1 :], name[:spot] + name[spot + 1] + name[spot] + name[spot + 2 :],
                                name[:spot] + dice.choice(LETTERS) + name[spot + 1 :]])  # fmt: skip
    if dice.random() < much * 0.5:
        name = name.upper()
    if dice.random() < much * 0.4:
        name = f"{name}.{domain}"
    if dice.random() < much * 0.1:
        name = name.replace("-", "_")
    return name


def write_sources(
    machines: list[Machine], folder: Path, dice: random.Random
) -> tuple[list[Path], dict[tuple[str, int], int]]:
    """The three sources, and which machine each row is: ``(source, row)`` → number."""
    rows: dict[tuple[str, int], int] = {}
    paths = [folder / "rvtools.xlsx", folder / "glpi.csv", folder / "liste.csv"]
    book = xlsxwriter.Workbook(str(paths[0]), {"constant_memory": True})
    sheet = book.add_worksheet("vInfo")
    sheet.write_row(0, 0, ["VM", "Powerstate", "CPUs", "Memory", "Primary IP Address", "DNS Name", "Cluster", "Host",
                           "OS according to the VMware Tools", "VM UUID"])  # fmt: skip
    line = 1
    for m in _of(machines, "rvtools", dice):
        sheet.write_row(line, 0, [m.name, "poweredOn", m.vcpu, m.ram * 1024, m.ip if dice.random() < 0.85 else None,
                                  f"{m.name}.{m.domain}" if dice.random() < 0.7 else None, m.cluster, m.host, m.system[0], m.uuid])  # fmt: skip
        line += 1
        rows["rvtools.xlsx", line] = m.number
    book.close()
    glpi = ["Nom de la machine;UUID;Adresse IP;Système;vCPU;RAM (Go)"]
    for m in _of(machines, "glpi", dice):
        own = m.uuid if dice.random() < 0.4 else ""
        if own and dice.random() < 0.3:
            own = uuid.UUID(bytes=uuid.UUID(own).bytes_le).__str__().upper()
        ip = m.ip if dice.random() < 0.8 else ""
        ram = m.ram if dice.random() < 0.95 else m.ram * 2
        glpi.append(f"{spoilt(m.name, m.domain, dice, 0.6)};{own};{ip};{m.system[1]};{m.vcpu};{ram}")
        rows["glpi.csv", len(glpi)] = m.number
    paths[1].write_text("\n".join(glpi) + "\n", encoding="utf-8")
    kept = ["Serveur;Adresse IP;OS;CPU;RAM (Go);Cluster"]
    for m in _of(machines, "list", dice):
        ip = m.ip if dice.random() < 0.6 else ""
        size = (str(m.vcpu), str(m.ram)) if dice.random() < 0.8 else ("", "")
        cluster = m.cluster if dice.random() < 0.6 else ""
        kept.append(
            f"{spoilt(m.name, m.domain, dice, 1.0)};{ip};{m.system[1] if dice.random() < 0.8 else ''};{size[0]};{size[1]};{cluster}"
        )
        rows["liste.csv", len(kept)] = m.number
    paths[2].write_text("\n".join(kept) + "\n", encoding="utf-8")
    return paths, rows


def _of(machines: list[Machine], source: str, dice: random.Random) -> list[Machine]:
    found = [m for m in machines if source in m.sources]
    dice.shuffle(found)
    return found


@dataclass(frozen=True)
class Score:
    """How well the sources were reconciled, pairs of rows of two sources being counted."""

    rows: int
    records: int
    true_pairs: int
    found: int
    right: int
    seconds: float
    cpu: float
    wrong: list[tuple[str, int, str, int]]
    missed: list[tuple[str, int, str, int]]

    @property
    def precision(self) -> float:
        """The share of the pairs found that are right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that are found."""
        return self.right / self.true_pairs


def measure(servers: int, seed: int, folder: Path) -> Score:
    """Make the sources, import them, compare with the truth."""
    dice = random.Random(seed)
    paths, rows = write_sources(truth(servers, dice), folder, dice)
    root = folder / "ws"
    root.mkdir()
    workspace = Workspace(root, {})
    begun, busy = time.perf_counter(), time.process_time()
    result = import_files(paths, workspace, today=DAY)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - busy
    assert not result.refused, result.problems[:3]
    origins = read_dataset(workspace)["origins"]
    assert own_names(dict(read_dataset(workspace).tables), "servers").height
    place: dict[str, list[tuple[str, int]]] = {}
    for table, identifier, source, row, name in origins.select("table", "id", "source", "row", "field").iter_rows():
        if table == "servers" and name is None:
            place.setdefault(identifier, []).append((source, row))
    seen = {p for places in place.values() for p in places}
    by_truth: dict[int, list[tuple[str, int]]] = {}
    for where, number in rows.items():
        if where in seen:
            by_truth.setdefault(number, []).append(where)
    true = {pair for places in by_truth.values() for pair in combinations(sorted(places), 2)}
    found = {pair for places in place.values() for pair in combinations(sorted(places), 2)}
    return Score(len(seen), len(place), len(true), len(found), len(true & found), seconds, cpu,
                 [(*a, *b) for a, b in sorted(found - true)], [(*a, *b) for a, b in sorted(true - found)])  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("servers", nargs="?", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        score = measure(asked.servers, asked.seed, Path(folder))
        print(f"servers {asked.servers}, rows {score.rows}, records {score.records}, true pairs {score.true_pairs}")
        print(
            f"precision {score.precision:.4f}  recall {score.recall:.4f}  import {score.seconds:.2f} s (processor {score.cpu:.2f} s)"
        )
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        for title, pairs in (("wrong", score.wrong), ("missed", score.missed)):
            for one, at, other, where in pairs[:8]:
                print(f"  {title}: {_line(Path(folder) / one, at)} | {_line(Path(folder) / other, where)}")


def _line(path: Path, row: int) -> str:
    if path.suffix == ".csv":
        return path.read_text(encoding="utf-8").splitlines()[row - 1]
    import fastexcel

    frame = fastexcel.read_excel(str(path)).load_sheet("vInfo", header_row=None).to_polars()
    return ";".join(str(c) for c in frame.row(row - 1))


if __name__ == "__main__":
    main()
