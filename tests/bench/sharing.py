"""A big ministry's dataset exported, without names, restored and added up: ``python -m tests.bench.sharing``.

5,000 applications, 50,000 servers, 30,000 flows, generated. Prints seconds, sizes and the peak of memory of one run.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import polars as pl

from inventory.dataset import schema
from inventory.package import Package
from inventory.sharing.consolidation import Shared, consolidate
from inventory.sharing.formats import FORMATS
from inventory.sharing.keys import Key
from inventory.sharing.package_export import export_of
from inventory.sharing.pseudonyms import pseudonymise, restored, seal, unseal

APPLICATIONS, SERVERS, FLOWS = 5_000, 50_000, 30_000


def ministry(seed: int) -> Package:
    """A dataset of that size; two seeds share their organisations and sites, and one identifier in ten."""
    own = pl.when(pl.int_range(pl.len()) % 10 == 0).then(pl.lit("commun")).otherwise(pl.lit(f"m{seed}"))
    a = pl.select(n=pl.int_range(APPLICATIONS)).select(
        id=pl.format("APP-{}-{}", own, "n"), name=pl.format("Application {} n° {}", own, "n"),
        organisation_id=pl.format("DSI-{}-{}", pl.lit(seed), pl.col("n") % 12), users=pl.col("n") % 4000,
        cout_run_annuel=pl.col("n") * 1.25,
    )  # fmt: skip
    s = pl.select(n=pl.int_range(SERVERS)).select(
        id=pl.format("srv-{}-{}", own, "n"), name=pl.format("srv-{}-{}", own, "n"),
        organisation_id=pl.format("DSI-{}-{}", pl.lit(seed), pl.col("n") % 12),
        site_id=pl.format("salle-{}", pl.col("n") % 40), os=pl.format("Debian {}", pl.col("n") % 14),
        vcpu=pl.col("n") % 16, ram_gib=pl.col("n") % 64 * 0.5, created=pl.lit(date(2020, 1, 1)),
        ip=pl.format("10.{}.{}.{}", pl.lit(seed), pl.col("n") // 256, pl.col("n") % 256),
    )  # fmt: skip
    f = pl.select(n=pl.int_range(FLOWS)).select(
        id=pl.format("flux-{}-{}", pl.lit(seed), "n"), source_id=a["id"].gather(pl.select(pl.int_range(FLOWS) % APPLICATIONS).to_series()),
        target_id=a["id"].gather(pl.select((pl.int_range(FLOWS) * 7 + 1) % APPLICATIONS).to_series()),
    )  # fmt: skip
    d = pl.DataFrame({"application_id": a["id"].gather(pl.select(pl.int_range(SERVERS) % APPLICATIONS).to_series()),
                      "target_kind": ["server"] * SERVERS, "target_id": s["id"]})  # fmt: skip
    sources = pl.DataFrame({"id": ["parc.csv"], "digest": [f"sha256:{seed}"], "read_on": [date(2026, 1, seed)]})
    o = s.select(table=pl.lit("servers"), id="id", source=pl.lit("parc.csv"), row=pl.int_range(SERVERS) + 2)
    made = {"applications": a, "servers": s, "flows": f, "deployments": d, "sources": sources, "origins": o}
    return Package(
        {n: t.conform(made[n]) if n in made else t.empty() for n, t in schema().tables.items()}, {"marking": "sensible"}
    )


@contextmanager
def timed(what: str) -> Iterator[Callable[[str], None]]:
    """Print what the block took, and what it says of itself."""
    said: list[str] = []
    start = time.perf_counter()
    yield said.append
    print(f"{what:32} {time.perf_counter() - start:7.2f} s  {' '.join(said)}")


def main() -> None:
    """Run and print."""
    first, second = ministry(1), ministry(2)
    ready = export_of(first, "m1")
    for name in ("csv", "parquet", "json", "sqlite", "xlsx", "ods"):
        with timed(f"export {name}") as say:
            content = FORMATS[name].write(ready)
            size = len(content) if isinstance(content, bytes) else sum(map(len, content.values()))
            say(f"{size / 2**20:.1f} Mio")
    key = Key.of(bytes(range(64)))
    with timed("pseudonymise") as say:
        treated = pseudonymise(first, key)
        say(f"{len(treated.names)} names")
    with timed("seal and unseal"):
        names = unseal(seal(treated.names, key), key)
    with timed("restore"):
        back = {n: t.conform(restored(treated.tables[n], names)) for n, t in schema().tables.items()}
    assert all(back[n].equals(first[n]) for n in back)
    with timed("consolidate two") as say:
        total = consolidate([Shared.of(first, "m1"), Shared.of(second, "m2")])
        say(f"{total.tables['servers'].height} servers, {len(total.renamed)} renamed")
    print(f"{'peak memory':32} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:7.0f} Mio")


if __name__ == "__main__":
    main()
