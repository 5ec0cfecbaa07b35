"""Profiles in, verdicts out, as text: what ``doctrine evaluate`` reads and answers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from inventory.documents import nearest
from inventory.problems import InvalidInput, Problem
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import judge
from rationalise.doctrine.models import Attribute
from rationalise.doctrine.notices import notices
from rationalise.doctrine.staleness import OFFERS
from rationalise.language import _

ID, AS_OF = "id", "as_of"
LINES = 4096
"""Answers written at a time."""


def profile_from_words(doctrine: Doctrine, words: Iterable[str]) -> pl.DataFrame:
    """One profile from ``attribute=value`` words.

    Raises:
        InvalidInput: every word that is not accepted, with what is (``DOC-011``, ``DOC-012``).
    """
    said: dict[str, str] = {}
    problems = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in doctrine.attributes:
            problems.append(_unknown_column(doctrine, name, None))
        else:
            said[name] = value
    row = {ID: "1", **{name: said.get(name) or None for name in doctrine.attributes}}
    frame = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String), orient="row")
    problems += _value_problems(doctrine, frame, None)
    if problems:
        raise InvalidInput(*problems)
    return _canonical(doctrine, frame)


def profiles_from_csv(doctrine: Doctrine, path: Path) -> pl.DataFrame:
    """Profiles from a CSV: ``id``, optional ``as_of``, and any of the attributes; empty is unknown.

    Raises:
        InvalidInput: every heading and value that is not accepted, with its row and what is.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False, empty_string_is_null=True)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InvalidInput(
            Problem(code="DOC-013", message=_("the file cannot be read: {error}", error=error), file=str(path))
        ) from error
    problems = [
        _unknown_column(doctrine, name, path) for name in frame.columns if name not in (ID, AS_OF, *doctrine.attributes)
    ]
    if ID not in frame.columns:
        problems.append(Problem(code="DOC-011", message=_("there is no column “id”"), file=str(path), row=1))
    if problems:
        raise InvalidInput(*problems)
    frame = frame.with_columns(pl.all().str.strip_chars().replace("", None))
    problems += _value_problems(doctrine, frame, path)
    if AS_OF in frame.columns:
        problems += _day_problems(frame, path)
    if problems:
        raise InvalidInput(*problems)
    missing = [pl.lit(None, pl.String).alias(n) for n in doctrine.attributes if n not in frame.columns]
    return _canonical(doctrine, frame.with_columns(missing))


def answers(
    doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, *, offers: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """One answer a profile, in the order given.

    Days between which nothing in the doctrine changes are judged together.

    Raises:
        InvalidInput: a day before what is modelled, an unknown offer.
    """
    for name, day, verdicts in _answered(doctrine, profiles, as_of, offers):
        yield {"id": name, "as_of": day, **verdicts}


def notice_lines(doctrine: Doctrine, offers: Collection[str], as_of: date) -> Iterator[str]:
    """What goes with every verdict on offers, for a person."""
    for notice in notices(doctrine, offers, as_of):
        yield f"  {notice.offer}: {notice} ({notice.gate})"


def answers_as_json(
    doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, *, offers: Collection[str] | None = None
) -> Iterator[str]:
    """The same as a JSON list, one answer a line, so that a long one can be read and compared.

    Nothing is yielded before every verdict is known: a refusal leaves the output empty.

    Raises:
        InvalidInput: as :func:`answers`.
    """
    found = _answered(doctrine, profiles, as_of, offers)
    spelt: dict[int, str] = {}
    yield "["
    for at in range(0, len(found), LINES):
        lines = [_line(spelt, *answer) for answer in found[at : at + LINES]]
        yield (",\n" if at else "\n") + ",\n".join(lines)
    yield "\n]\n"


def _line(spelt: dict[int, str], name: str, day: str, verdicts: dict[str, Any]) -> str:
    # Profiles of one pattern share their verdicts, so these are spelt once.
    if id(verdicts) not in spelt:
        spelt[id(verdicts)] = json.dumps(verdicts, ensure_ascii=False)[1:]
    return f'{{"id": {json.dumps(name, ensure_ascii=False)}, "as_of": "{day}", {spelt[id(verdicts)]}'


def _answered(
    doctrine: Doctrine, profiles: pl.DataFrame, as_of: date, offers: Collection[str] | None
) -> list[tuple[str, str, dict[str, Any]]]:
    """Identifier, day and verdicts of each profile."""
    days = _days(profiles, as_of)
    dated = profiles.with_columns(_representative(doctrine, offers, days).alias("_day")).with_row_index("_row")
    verdicts: dict[int, dict[str, Any]] = {}
    for (day,), group in dated.group_by("_day", maintain_order=True):
        assert isinstance(day, date)
        verdicts.update(zip(group["_row"], _judged(doctrine, group, day, offers), strict=True))
    texts = days.dt.to_string("%Y-%m-%d")
    return [(name, day, verdicts[row]) for row, (name, day) in enumerate(zip(profiles[ID], texts, strict=True))]


def _judged(
    doctrine: Doctrine, group: pl.DataFrame, day: date, offers: Collection[str] | None
) -> Iterator[dict[str, Any]]:
    """The verdicts of each profile; profiles that the law cannot tell apart share one object."""
    found = judge(doctrine, group, day, offers=offers)
    said = [
        {"verdict": verdict, "rules": rules.split("|") if rules else []}
        for verdict, rules in found.said.select("verdict", "rules").iter_rows()
    ]
    loosened = {"loosened": [entry.as_dict() for entry in doctrine.loosened]} if doctrine.loosened else {}
    spelt: list[dict[str, Any]] = []
    for tiers in found.tiers.iter_rows(named=True):
        by_tier = {tier: said[n] for tier, n in tiers.items()}
        denied = [tier for tier, verdict in by_tier.items() if verdict["verdict"] == "denied"]
        spelt.append({"denied": denied, "tiers": by_tier})
    if offers:
        warned = _warned(doctrine, found.offers.columns, day)
        for answer, judged in zip(spelt, found.offers.iter_rows(named=True), strict=True):
            answer["offers"] = {offer: {**said[n], **warned[offer]} for offer, n in judged.items()}
    spelt = [{**answer, **loosened} for answer in spelt]
    return (spelt[n] for n in found.pattern)


def _warned(doctrine: Doctrine, offers: Collection[str], day: date) -> dict[str, dict[str, Any]]:
    """What goes with every verdict on an offer; nothing where there is nothing to know."""
    found: dict[str, dict[str, Any]] = {name: {} for name in offers}
    for notice in notices(doctrine, offers, day):
        found[notice.offer].setdefault("notices", []).append(notice.as_dict())
    return found


def _days(profiles: pl.DataFrame, as_of: date) -> pl.Series:
    if AS_OF not in profiles.columns:
        return pl.repeat(as_of, profiles.height, dtype=pl.Date, eager=True)
    return profiles[AS_OF].str.to_date("%Y-%m-%d").fill_null(as_of)


def _representative(doctrine: Doctrine, offers: Collection[str] | None, days: pl.Series) -> pl.Series:
    """For each day, the last day before or at it on which something in the doctrine changed."""
    if days.len() and (first := days.min()) is not None and first < doctrine.modelled_since:  # type: ignore[operator]
        return days
    changes = {doctrine.modelled_since}
    for rule in doctrine.rules.values():
        changes.add(rule.since)
        if rule.until:
            changes.add(_after(rule.until))
    for gate in doctrine.gates.values() if offers else ():
        changes |= {gate.since, *([_after(gate.until)] if gate.until else [])}
    for name in offers or ():
        offer = doctrine.offers.get(name)
        if offer:
            changes.add(_after(offer.read_on + OFFERS))
        for since, to in offer.spans() if offer else ():
            changes |= {since, _after(to)} if to < date.max else {since}
    marks = pl.Series("mark", sorted(changes), dtype=pl.Date)
    return marks.gather(marks.search_sorted(days, side="right") - 1)


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _canonical(doctrine: Doctrine, frame: pl.DataFrame) -> pl.DataFrame:
    """A set is worth true, its explicit "none" is worth false; the rest stands as it is."""
    return frame.with_columns(
        pl.when(pl.col(a.name).is_null() | pl.col(a.name).is_in(list(a.values)))
        .then(pl.col(a.name))
        .when(pl.col(a.name) == a.none)
        .then(pl.lit("false"))
        .otherwise(pl.lit("true"))
        .alias(a.name)
        for a in doctrine.attributes.values()
        if a.set_of
    )


def _value_problems(doctrine: Doctrine, frame: pl.DataFrame, path: Path | None) -> list[Problem]:
    problems = []
    for attribute in doctrine.attributes.values():
        if attribute.name not in frame.columns:
            continue
        column = pl.col(attribute.name)
        good = column.is_in([*attribute.values, *([attribute.none] if attribute.none else [])])
        if attribute.set_of:
            good = good | column.str.split("|").list.eval(pl.element().is_in(list(attribute.set_of))).list.all()
        wrong = frame.with_row_index("_row", offset=2).filter(column.is_not_null() & ~good)
        problems += [
            _unknown_value(attribute, value, path, row)
            for row, value in wrong.select("_row", attribute.name).iter_rows()
        ]
    return problems


def _day_problems(frame: pl.DataFrame, path: Path) -> list[Problem]:
    wrong = frame.with_row_index("_row", offset=2).filter(
        pl.col(AS_OF).is_not_null() & pl.col(AS_OF).str.to_date("%Y-%m-%d", strict=False).is_null()
    )
    return [
        Problem(
            code="DOC-012",
            message=_("“{value}” is not a date", value=value),
            file=str(path),
            row=row,
            column=AS_OF,
            field=AS_OF,
            value=value,
            hint=_("expected for example 2026-11-23"),
        )
        for row, value in wrong.select("_row", AS_OF).iter_rows()
    ]


def _unknown_column(doctrine: Doctrine, name: str, path: Path | None) -> Problem:
    near = nearest(name, list(doctrine.attributes))
    accepted = ", ".join(doctrine.attributes)
    return Problem(
        code="DOC-011",
        message=_("“{name}” is not an attribute", name=name),
        file=str(path) if path else None,
        row=1 if path else None,
        column=name,
        hint=(_("did you mean “{near}”?", near=near) + " " if near else "")
        + _("accepted: {accepted}", accepted=accepted),
    )


def _unknown_value(attribute: Attribute, value: str, path: Path | None, row: int) -> Problem:
    accepted = attribute.accepted()
    near = nearest(value, list(accepted))
    return Problem(
        code="DOC-012",
        message=_("{name}: “{value}” is not accepted", name=attribute.name, value=value),
        file=str(path) if path else None,
        row=row if path else None,
        column=attribute.name,
        field=attribute.name,
        value=value,
        hint=(_("did you mean “{near}”?", near=near) + " " if near else "")
        + _("accepted: {accepted}", accepted=", ".join(accepted)),
    )
