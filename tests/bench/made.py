"""Inventories made for the benchmarks: the sizes of a ministry, drawn from a seed, the same bytes every time."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

WORDS = "Paie Stocks Élections Cadastre Visas Bourses Permis Douane Archives Concours Carrière Frais".split()
SYSTEMS = [
    "Debian GNU/Linux 12 (64-bit)",
    "Red Hat Enterprise Linux 8 (64-bit)",
    "Microsoft Windows Server 2016 (64-bit)",
]


def numbers(n: int, modulus: int, salt: int) -> pl.Series:
    """*n* whole numbers under *modulus*, spread by a multiplicative hash: no generator, no seed to keep."""
    return (pl.int_range(n, eager=True).cast(pl.UInt64) * 2654435761 + salt * 97_531) % 2**32 // 13 % modulus


def _picked(values: list[str], n: int, salt: int) -> pl.Series:
    return pl.Series(values).gather(numbers(n, len(values), salt))


def applications(n: int) -> pl.DataFrame:
    """*n* applications as a hand-kept list."""
    index = pl.int_range(n, eager=True)
    return pl.DataFrame(
        {
            "Code application": "APP" + index.cast(pl.String).str.zfill(6),
            "Nom": _picked(WORDS, n, 1) + " " + index.cast(pl.String),
            "Code organisation": "ORG" + numbers(n, 40, 2).cast(pl.String),
            "Nombre d'utilisateurs": numbers(n, 20_000, 3).cast(pl.String),
            "Classification": _picked(["Aucune", "Diffusion restreinte", "NC", ""], n, 4),
            "Données personnelles": _picked(["Aucune", "Ordinaires", "Article 9", ""], n, 5),
            "Criticité": _picked(["Haute", "Moyenne", "Faible", ""], n, 6),
        }
    )


def servers(n: int, of: int) -> pl.DataFrame:
    """*n* servers as a hand-kept list, each with one of *of* applications."""
    index = pl.int_range(n, eager=True)
    return pl.DataFrame(
        {
            "Serveur": "srv-" + index.cast(pl.String).str.zfill(7),
            "Système d'exploitation": _picked(SYSTEMS, n, 7),
            "vCPU": _picked(["1", "2", "4", "8", "16"], n, 8),
            "Mémoire (Go)": _picked(["2", "4", "8", "16", "32,5"], n, 9),
            "Stockage (Go)": (numbers(n, 4_000, 10) + 20).cast(pl.String),
            "Environnement": _picked(["Production", "Recette", "Développement"], n, 11),
            "Site": "SITE" + numbers(n, 25, 12).cast(pl.String),
            "Application": "APP" + numbers(n, of, 13).cast(pl.String).str.zfill(6),
        }
    )


def flows(n: int, of: int) -> pl.DataFrame:
    """*n* flows between *of* applications."""
    return pl.DataFrame(
        {
            "Source": "APP" + numbers(n, of, 14).cast(pl.String).str.zfill(6),
            "Cible": "APP" + numbers(n, of, 15).cast(pl.String).str.zfill(6),
            "Nature": _picked(["fichier", "API", "message", "SQL"], n, 16) + " " + numbers(n, 97, 17).cast(pl.String),
        }
    )


def machines(n: int) -> pl.DataFrame:
    """*n* machines as the sheet vInfo of RVTools tells them."""
    index = pl.int_range(n, eager=True)
    padded = index.cast(pl.String).str.zfill(12)
    return pl.DataFrame(
        {
            "VM": "srv-" + index.cast(pl.String).str.zfill(7),
            "Powerstate": _picked(["poweredOn", "poweredOn", "poweredOff"], n, 18),
            "Template": pl.repeat("False", n, eager=True),
            "SRM Placeholder": pl.repeat("False", n, eager=True),
            "CPUs": numbers(n, 16, 19) + 1,
            "Memory": (numbers(n, 64, 20) + 1) * 1024,
            "Provisioned MiB": (numbers(n, 900, 21) + 10) * 1024,
            "In Use MiB": (numbers(n, 400, 22) + 5) * 1024,
            "Datacenter": "DC" + numbers(n, 6, 23).cast(pl.String),
            "Cluster": "CL" + numbers(n, 60, 24).cast(pl.String),
            "Host": "esx" + numbers(n, 600, 25).cast(pl.String) + ".exemple.invalid",
            "OS according to the VMware Tools": _picked(SYSTEMS, n, 26),
            "Primary IP Address": "10." + numbers(n, 250, 27).cast(pl.String) + "." + numbers(n, 250, 28).cast(pl.String) + ".7",
            "VM UUID": "4230aaaa-0000-4000-8000-" + padded,
            "Annotation": "note " + index.cast(pl.String),
        }
    )  # fmt: skip


def write_csv(path: Path, frame: pl.DataFrame) -> Path:
    """A list as French spreadsheets save it."""
    frame.write_csv(path, separator=";")
    return path


def write_xlsx(path: Path, **sheets: pl.DataFrame) -> Path:
    """A workbook, one sheet a frame."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, frame.columns)
            for row, values in enumerate(frame.iter_rows(), start=1):
                sheet.write_row(row, 0, values)
    return path


def everything(folder: Path, share: float) -> None:
    """The files of ``tests.bench.imports``, at a share of their size."""
    apps, many, links, rows, some, few = (int(n * share) for n in (5_000, 50_000, 30_000, 1_000_000, 20_000, 2_000))
    write_csv(folder / "applications.csv", applications(apps))
    write_csv(folder / "serveurs.csv", servers(many, apps))
    write_csv(folder / "flux.csv", flows(links, apps))
    write_xlsx(folder / "rvtools.xlsx", vInfo=machines(some))
    write_xlsx(folder / "applications.xlsx", Applications=applications(few))
    million = servers(rows, apps).drop("Application")
    write_csv(folder / "million.csv", million)
    million.write_csv(folder / "quoted.csv", separator=";", quote_style="always")


if __name__ == "__main__":
    everything(Path(sys.argv[1]), float(sys.argv[2]))
