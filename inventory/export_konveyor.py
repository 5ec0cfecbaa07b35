"""The dataset as Konveyor's application import CSV, in the order of its columns, which it reads by position."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import polars as pl

from inventory.package import Package
from inventory.readers.konveyor import CATEGORIES

TAGS = 20
HEAD = (
    "Record Type", "Application Name", "Description", "Comments", "Business Service", "Dependency", "Dependency Direction",
    "Binary Group", "Binary Artifact", "Binary Version", "Binary Packaging", "Repository Type", "Repository URL",
    "Repository Branch", "Repository Path", "Owner", "Contributors",
    *(name for n in range(1, TAGS + 1) for name in (f"Tag Category {n}", f"Tag {n}")),
)  # fmt: skip
LONGEST_NAME, LONGEST_TEXT = 120, 250
"""What Konveyor's own form accepts."""
TITLES = {"os": "Operating System", "sgbd": "Database", "langage": "Language", "runtime": "Runtime"}


def konveyor_csv(package: Package) -> bytes:
    """Applications with their components as tags, then the dependencies between them, as UTF-8 CSV.

    An application without a name goes by its identifier, and so does one whose name another bears (Konveyor tells
    applications by name). Components past the twentieth have no column to be in. Of a classified application nothing
    is there but its identifier, and it is left out.

    Args:
        package: the inventory dataset.
    """
    applications = package["applications"].filter(~pl.col("classification").is_in(["secret", "tres_secret"]).fill_null(False))  # fmt: skip
    names = _names(applications)
    tags = _tags(package["components"])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for identifier, description, function in applications.select("id", "description", "function").iter_rows():
        cells = [c for tag in tags.get(identifier, [])[:TAGS] for c in tag]
        head = ["1", names[identifier], _short(description, LONGEST_TEXT), "", function or ""]
        writer.writerow([*head, *[""] * 12, *cells, *[""] * (2 * TAGS - len(cells))])
    for source, target in _dependencies(package["flows"], names):
        writer.writerow(["2", source, "", "", "", target, "southbound", *[""] * (len(HEAD) - 7)])
    return out.getvalue().encode()


def _names(applications: pl.DataFrame) -> dict[str, str]:
    """The name each application goes by: its own where no other bears it, as Konveyor compares names."""
    found = {i: _short(name or i, LONGEST_NAME) for i, name in applications.select("id", "name").iter_rows()}
    keys = [_compared(n) for n in found.values()]
    return {i: n if keys.count(_compared(n)) == 1 else _short(f"{n} ({i})", LONGEST_NAME) for i, n in found.items()}


def _compared(name: str) -> str:
    return "".join(c for c in name.casefold() if c not in " -_")


def _tags(components: pl.DataFrame) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    own = components.filter(pl.col("subject_kind") == "application").sort("subject_id", "role", "product")
    for subject, role, product, version in own.select("subject_id", "role", "product", "version").iter_rows():
        category = TITLES.get(role) or CATEGORIES.get(role, role).title()
        found.setdefault(subject, []).append((category, f"{product} {version}" if version else product))
    return found


def _dependencies(flows: pl.DataFrame, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    pairs = flows.select("source_id", "target_id").drop_nulls().unique().sort("source_id", "target_id")
    for source, target in pairs.iter_rows():
        if source in names and target in names and source != target:
            yield names[source], names[target]


def _short(text: str | None, most: int) -> str:
    plain = " ".join((text or "").split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
