"""What damage starts from: real files of every format, and small ones made here."""

from __future__ import annotations

from pathlib import Path

from tests.inventory.fuzz.hostile import O_CELL, O_ROW, O_TITLES, TITLES, ods, row, xlsx

SMALL = 600_000
READ = {".csv", ".xlsx", ".xls", ".ods", ".xml", ".json", ".sql"}


def real(samples: Path) -> dict[str, bytes]:
    """Every sample that is small enough to be damaged many times."""
    found = (p for p in sorted(samples.rglob("*")) if p.suffix in READ and p.stat().st_size < SMALL)
    return {p.name: p.read_bytes() for p in found}


def made() -> dict[str, bytes]:
    """A small file of each kind."""
    rows = [("A1", "Paie", "12"), ("A2", "Stocks", "1 234"), ("A3", "Visas", "")]
    text = "\r\n".join(";".join(r) for r in [("Code application", "Nom", "Utilisateurs"), *rows])
    quoted = "\n".join(",".join(f'"{c}"' for c in r) for r in [("Code application", "Nom", "Utilisateurs"), *rows])
    machines = "".join(row(n, f"srv-{n}", "poweredOn", str(n)) for n in range(2, 9))
    book = xlsx(TITLES + "".join(row(n, *r) for n, r in enumerate(rows, start=2)))
    return {
        "liste.csv": text.encode(),
        "citee.csv": quoted.encode("utf-8-sig"),
        "unicode.csv": text.encode("utf-16"),
        "liste.xlsx": book,
        "vinfo.xlsx": xlsx(row(1, "VM", "Powerstate", "CPUs") + machines).replace(b'name="F"', b'name="v"'),
        "liste.ods": ods(O_TITLES + "".join(O_ROW.format("".join(O_CELL.format("", c) for c in r)) for r in rows)),
        "vm.json": b'{"action":"inventory","itemtype":"Computer","deviceid":"srv-2020","content":{"hardware":{"name":"srv"}}}',
        "serveurs.xml": b'<?xml version="1.0"?><Set><Server id="1"><name>srv</name><org_id>Demo</org_id></Server></Set>',
    }
