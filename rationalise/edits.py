"""What was edited between two revisions of a workspace, and which applications an edit can move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import yaml

from inventory.workspace import SETTINGS
from rationalise.language import _

if TYPE_CHECKING:
    from inventory import Package

NOT_FACTS = frozenset({"sources", "origins"})
"""Tables that say where values come from: they move no verdict."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: its words, and whom it can move."""

    title: str
    """The file or table it is in."""
    text: str
    applications: Set[str]
    organisations: Set[str] = frozenset()
    everyone: bool = False

    def touches(self, application: str, organisation: str | None) -> bool:
        """Whether the edit can move *application*, of *organisation*."""
        return self.everyone or application in self.applications or organisation in self.organisations

    def as_dict(self) -> dict[str, str]:
        """The edit for a note or JSON."""
        return {"title": self.title, "text": self.text}


def edits_between(
    before: Package | None, after: Package | None, old_files: Mapping[str, bytes], new_files: Mapping[str, bytes]
) -> list[Edit]:
    """Every edit of the dataset, cell by cell, then of the other files, in a stable order."""
    edits: list[Edit] = []
    if before is not None and after is not None:
        owners = _owners(before, after)
        for name in sorted(after.tables):
            if name not in NOT_FACTS:
                edits += _table_edits(name, before, after, owners)
    for path in sorted(old_files.keys() | new_files.keys()):
        # A sheet that waits to be signed is read by nothing, so it moves nothing.
        if old_files.get(path) != new_files.get(path) and not path.startswith("decisions/a-signer/"):
            edits.append(_file_edit(path, old_files.get(path), new_files.get(path)))
    return edits


def _owners(*packages: Package) -> dict[str, set[str]]:
    """The applications that run on each server or database, in either revision."""
    owners: dict[str, set[str]] = {}
    for package in packages:
        for application, target in package["deployments"].select("application_id", "target_id").iter_rows():
            owners.setdefault(target, set()).add(application)
    return owners


def _key(package: Package, table: str) -> list[str]:
    resource = next(r for r in package.descriptor["resources"] if r["name"] == table)
    return list(resource["schema"]["primaryKey"])


def _table_edits(name: str, before: Package, after: Package, owners: Mapping[str, set[str]]) -> Iterator[Edit]:
    key = _key(after, name)
    # Only rows that differ are walked: a portfolio is large, an edit is small.
    old = before[name].join(after[name], on=after[name].columns, how="anti", nulls_equal=True)
    new = after[name].join(before[name], on=before[name].columns, how="anti", nulls_equal=True)
    was, now = _by_key(old, key), _by_key(new, key)
    for identity in sorted(was.keys() | now.keys()):
        yield from _row_edits(name, identity, was.get(identity), now.get(identity), owners)


def _by_key(frame: pl.DataFrame, key: list[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    return {tuple(str(row[k]) for k in key): row for row in frame.iter_rows(named=True)}


def _row_edits(
    table: str,
    identity: tuple[str, ...],
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    owners: Mapping[str, set[str]],
) -> Iterator[Edit]:
    row = now or was or {}
    applications, organisations = _touched(table, row, owners)
    label = " / ".join(identity)
    if was is None or now is None:
        text = _("{row} added", row=label) if was is None else _("{row} removed", row=label)
        yield Edit(table, text, applications, organisations)
        return
    for column in row:
        if was[column] != now[column]:
            before, after = (_("unknown") if r[column] is None else str(r[column]) for r in (was, now))
            text = _("{row}, {column}: {before} → {after}", row=label, column=column, before=before, after=after)
            yield Edit(table, text, applications, organisations)


def _touched(table: str, row: Mapping[str, Any], owners: Mapping[str, set[str]]) -> tuple[set[str], set[str]]:
    """The applications and organisations whose verdicts a row of *table* can move."""
    if table == "applications":
        return {row["id"]}, set()
    if table == "organisations":
        return set(), {row["id"]}
    if table == "flows":
        return {row["source_id"], row["target_id"]}, set()
    if table == "deployments":
        return {row["application_id"]}, set()
    subject = str(row.get("subject_id") or row.get("id"))
    return {subject} | owners.get(subject, set()), set()


def _file_edit(path: str, was: bytes | None, now: bytes | None) -> Edit:
    text = (
        _("{file} added", file=path)
        if was is None
        else _("{file} removed", file=path)
        if now is None
        else _("{file} changed", file=path)
    )
    folder = path.split("/")[0]
    if folder != "decisions":
        # A change of law, offer or price may move anybody; a zone file moves nobody's verdict.
        return Edit(folder, text, frozenset(), everyone=folder in ("doctrine", SETTINGS))
    applications: set[str] = set()
    organisations: set[str] = set()
    everyone = False
    for body in (was, now):
        document = _document(body)
        applications |= {str(a) for a in document.get("applications") or ()}
        applications |= {str(document["application"])} if "application" in document else set()
        applications |= {str(e.get("application")) for e in document.get("except") or () if isinstance(e, Mapping)}
        organisations |= {str(o) for o in document.get("organisations") or ()}
        everyone = everyone or document.get("all") is True
    return Edit(folder, text, applications, organisations, everyone)


def _document(body: bytes | None) -> dict[str, Any]:
    try:
        document = yaml.safe_load(body or b"")
    except yaml.YAMLError:
        return {}
    return document if isinstance(document, dict) else {}
