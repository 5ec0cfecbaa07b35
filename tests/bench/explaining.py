"""How long explaining, supposing and looking ahead take on a portfolio.

``python -m tests.bench.explaining [APPLICATIONS]`` makes a workspace (5,000 applications by default, most of them
half known), runs each verb's function in process three times and prints the fastest, in seconds of processor and
of clock, with the ratio to one analysis of the same portfolio in the same run.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from inventory import read_dataset
from inventory.dataset import empty_dataset, schema
from inventory.package import write_package
from inventory.workspace import Workspace, open_workspace
from rationalise import analyse, explain_application, load_decisions, load_doctrine
from rationalise.supposing.suppositions import Suppositions
from rationalise.supposing.whatif import whatif
from rationalise.timeline import timeline

DAY, END = date(2026, 11, 23), date(2029, 11, 22)
OFFERS = ("pi-usuelle", "outscale-cloudgouv-eu-west-1", "ovh-hosted-private-cloud-vmware", "us-hyperscaler", None)
PERIMETER = """kind: perimeter
organisations: [D0, D1, D2, D3]
statement: nothing_classified
signed_by: {role: AQSSI}
signed_on: 2026-01-05
expires_on: 2027-12-31
"""


def lay(root: Path, applications: int) -> Workspace:
    """Write the workspace, the same for the same size; application ``A00000`` is the least known."""
    dice = random.Random(5)

    def maybe(*values: object) -> object:
        return dice.choice([None, *values])

    tables = schema().tables
    rows = [
        {"id": f"A{n:05}", "name": f"Appli {n}", "organisation_id": f"D{n % 7}", "function": f"F{n % 20}",
         "users": dice.randrange(1, 9999), "secret_protege": maybe(True, False), "mission_essentielle": maybe(True, False),
         "atteinte": maybe("aucune", "ordre_public"), "donnees_perso": maybe("aucune", "ordinaires", "art9"),
         "sante": maybe(True, False), "siiv": maybe(False), "usage_collaboratif": maybe(True, False),
         "acces_hors_ue": maybe("none", "documente"), "offre_actuelle": dice.choice(OFFERS)}
        for n in range(1, applications)
    ]  # fmt: skip
    bodies = [{"id": "MIN", "name": "Ministère", "kind": "ministere", "parent_id": None}]
    bodies += [{"id": f"D{n}", "name": f"D{n}", "kind": "dsi", "parent_id": "MIN"} for n in range(7)]  # type: ignore[list-item]
    servers = [{"id": f"S{n}", "name": f"s{n}", "os": "Debian GNU/Linux 13", "vcpu": 4, "ram_gib": 8.0, "storage_gib": 50.0}
               for n in range(3 * applications)]  # fmt: skip
    on = [
        {"application_id": f"A{n // 3:05}", "target_kind": "server", "target_id": f"S{n}"}
        for n in range(3 * applications)
    ]
    made = {
        "applications": [{"id": "A00000", "name": "Inconnue"}, *rows], "organisations": bodies, "servers": servers,
        "deployments": on,
    }  # fmt: skip
    frames = {n: tables[n].conform(pl.DataFrame(listed, infer_schema_length=None)) for n, listed in made.items()}
    write_package(root / "dataset", schema(), {**empty_dataset().tables, **frames})
    (root / "francecloud.toml").write_text("")
    (root / "decisions/perimeters").mkdir(parents=True)
    (root / "decisions/perimeters/min.yaml").write_text(PERIMETER)
    return open_workspace(root)


def fastest(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds of processor and of clock of the fastest of three runs."""
    found = []
    for _turn in range(3):
        processor, clock = time.process_time(), time.perf_counter()
        run()
        found.append((time.process_time() - processor, time.perf_counter() - clock))
    return min(found)


def main() -> None:
    """Print the figures."""
    applications = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        workspace = lay(Path(folder), applications)
        dataset, decisions, doctrine = (
            read_dataset(workspace.dataset),
            load_decisions(workspace.decisions),
            load_doctrine(),
        )
        reference = fastest(lambda: analyse(dataset, decisions, doctrine, DAY, questions=False))
        print(
            f"{applications} applications, {3 * applications} servers; one analysis: {reference[0]:.2f} s of processor"
        )
        for name, run in (
            ("explain, nothing known", lambda: explain_application(workspace, "A00000", DAY)),
            ("explain, half known", lambda: explain_application(workspace, "A00001", DAY)),
            ("whatif, two rules", lambda: whatif(workspace, Suppositions(without=("FC-04", "FC-05")), DAY)),
            ("whatif, another day", lambda: whatif(workspace, Suppositions(at=date(2026, 12, 1)), DAY)),
            ("timeline, three years", lambda: timeline(dataset, decisions, doctrine, DAY, END, {})),
        ):
            processor, clock = fastest(run)
            print(f"{name:24} {processor:6.2f} s processor  {clock:6.2f} s clock  × {processor / reference[0]:.1f}")


if __name__ == "__main__":
    main()
