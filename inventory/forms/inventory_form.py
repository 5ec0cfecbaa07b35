"""The inventory as a form: empty or pre-filled, for some organisations, with only the questions that matter."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from inventory.classified import MARKED
from inventory.contract import Field, Table
from inventory.dataset import schema
from inventory.documents import nearest
from inventory.forms.model import LINK, TABLES, Column, Form, Sheet
from inventory.language import _, language
from inventory.package import Package
from inventory.problems import NotFound, Problem
from inventory.quality.needs import SERVERS, needs, unknown, whom

NOT_ASKED = {"applications": ("evaluation_art31",)}
"""What a spreadsheet does not settle: an assessment is signed."""
CONTEXT = {"applications": ("id", "name", "organisation_id"), "servers": ("id", "name", "os", "environment", LINK)}
"""The columns that stay when only what is missing is asked."""


def inventory_form(
    dataset: Package,
    *,
    prefilled: bool = False,
    organisations: Sequence[str] = (),
    missing: bool = False,
    more: Sequence[Sheet] = (),
) -> Form:
    """The form of an inventory, in the current language.

    Args:
        dataset: the inventory.
        prefilled: with the records known; else empty.
        organisations: identifiers or names; theirs and those of the organisations below them. All when empty.
        missing: only the applications and the facts that the analysis lacks, and the servers without an application.
        more: other sheets, for example a questionnaire.

    Raises:
        NotFound: no organisation bears that name (``INV-192``).
    """
    applications = chosen_applications(dataset, organisations)
    rows = {
        "applications": applications,
        "servers": _servers(dataset, applications, bool(organisations)),
        "flows": _flows(dataset, applications, bool(organisations)),
    }
    tables: tuple[str, ...] = TABLES
    columns = {t: _columns(schema().tables[t]) for t in TABLES}
    if missing:
        tables = TABLES[:2]
        asked = _asked(dataset, applications)
        rows["applications"] = applications.filter(pl.col("id").is_in(asked["id"].to_list()))
        rows["servers"] = rows["servers"].filter(pl.col(LINK).is_null())
        kept = {*CONTEXT["applications"], *(f for f in asked.columns if f != "id" and asked[f].any())}
        columns["applications"] = tuple(c for c in columns["applications"] if c.key in kept)
        columns["servers"] = tuple(c for c in columns["servers"] if c.key in CONTEXT["servers"])
    sheets = [
        Sheet(
            schema().tables[t].title[language()],
            t,
            columns[t],
            _texts(rows[t], columns[t], filled=prefilled or missing),
        )
        for t in tables
    ]
    return Form(
        title=_("Inventory to fill in"), instructions=instructions(), sheets=(*sheets, *more), words=(_("yes"), _("no")),
        cover=_("Instructions"),
    )  # fmt: skip


def instructions() -> tuple[str, ...]:
    """The lines of the first sheet."""
    return (
        _("Fill in what you know, on the sheets that follow; leave empty what you do not know: empty is never “no”."),
        _("Put the cursor on a heading to read what it asks, in which unit, and who can answer."),
        _("Some cells offer a list: choose in it. Where several values are possible, join them with “;”."),
        _("The grey cells identify the records we know: they are locked. Add new records below the last row."),
        _(
            "What you leave as it is changes nothing. An emptied cell deletes nothing either: say it to whom sent you this."
        ),
        _("Sheets may be sorted, filtered, and their columns moved; keep the headings and the names of the sheets."),
        _("Write no name of a person, and nothing classified."),
        _("Send the file back as it is, in XLSX or ODS: it is read by “francecloud import”."),
    )


def chosen_applications(dataset: Package, organisations: Sequence[str]) -> pl.DataFrame:
    """The applications of some organisations and of those below them; classified ones are never sent.

    Raises:
        NotFound: no organisation bears that name (``INV-192``).
    """
    marked = pl.col("classification").is_in(MARKED).fill_null(False)
    applications = dataset["applications"].filter(~marked)
    if not organisations:
        return applications
    return applications.filter(pl.col("organisation_id").is_in(sorted(_below(dataset["organisations"], organisations))))


def _below(known: pl.DataFrame, wanted: Sequence[str]) -> set[str]:
    """The organisations named and all below them."""
    names = {n: i for i, n in known.select("id", "name").drop_nulls().iter_rows()}
    names |= {i: i for i in known["id"]}
    lost = [name for name in wanted if name not in names]
    if lost:
        raise NotFound(*(_no_organisation(name, list(names)) for name in lost))
    found = {names[name] for name in wanted}
    while True:
        below = set(known.filter(pl.col("parent_id").is_in(sorted(found)))["id"]) - found
        if not below:
            return found
        found |= below


def _no_organisation(name: str, known: list[str]) -> Problem:
    near = nearest(name, known)
    return Problem(code="INV-192", message=_("no organisation is called “{name}”", name=name), value=name,
                   hint=_("did you mean “{near}”?", near=near) if near else None)  # fmt: skip


def _servers(dataset: Package, applications: pl.DataFrame, some: bool) -> pl.DataFrame:
    """The servers, each with the applications it carries; of some organisations, theirs and their applications'."""
    sent = pl.col("application_id").is_in(applications["id"].implode())
    carried = dataset["deployments"].filter((pl.col("target_kind") == "server") & sent)
    joined = carried.group_by(pl.col("target_id").alias("id")).agg(
        pl.col("application_id").sort().str.join("|").alias(LINK)
    )
    servers = dataset["servers"].join(joined, on="id", how="left", maintain_order="left")
    if not some:
        return servers
    own = (
        pl.col("organisation_id")
        .is_in(applications["organisation_id"].drop_nulls().unique().implode())
        .fill_null(False)
    )
    return servers.filter(own | pl.col(LINK).is_not_null())


def _flows(dataset: Package, applications: pl.DataFrame, some: bool) -> pl.DataFrame:
    ends = [pl.col(c).is_in(applications["id"].implode()).fill_null(False) for c in ("source_id", "target_id")]
    return dataset["flows"].filter(pl.any_horizontal(ends)) if some else dataset["flows"]


def _asked(dataset: Package, applications: pl.DataFrame) -> pl.DataFrame:
    """``id`` and, a column a fact that the form can ask, whether it is unknown; only applications that lack one."""
    fields = [n.field for n in needs().needs if n.field != SERVERS and n.field not in NOT_ASKED["applications"]]
    gaps = unknown(dataset).join(applications, on="id", how="semi", maintain_order="left").select("id", *fields)
    return gaps.filter(pl.any_horizontal(fields))


def _columns(table: Table) -> tuple[Column, ...]:
    columns = [_column(table, f) for f in table.fields if f.name not in NOT_ASKED.get(table.name, ())]
    if table.name == "servers":
        note = _("Identifiers or names of the applications it carries, joined by “;”")
        columns.insert(2, Column(LINK, _("Applications carried"), note, kind="list"))
    return tuple(columns)


def _column(table: Table, f: Field) -> Column:
    need = needs().by_field().get(f.name) if table.name == "applications" else None
    notes = [f.description[language()]]
    if f.unit:
        notes.append(_("Unit: {unit}", unit=f.unit))
    if f.enum:
        notes.append(_("Values: {values}", values=", ".join(f.enum)))
    if f.type == "list":
        notes.append(_("Several values: join them with “;”"))
    if need:
        notes.append(_("Why: {why}. Who answers: {whom}", why=need.why, whom=whom(need.whom)))
    title = f.label() + (f" ({f.unit})" if f.unit else "")
    return Column(f.name, title, "\n".join(notes), f.type, f.enum, many=f.type == "list", locked=f.name == "id")


def _texts(rows: pl.DataFrame, columns: tuple[Column, ...], *, filled: bool) -> pl.DataFrame:
    texts = rows.select(pl.col(c.key).cast(pl.String) for c in columns)
    return texts if filled else texts.clear()
