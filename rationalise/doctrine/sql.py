"""The same law as one SQL query, for an inventory that lives in a database.

Built from the compiled doctrine and not written twice: the signals become conditions, the masks of each tier
and offer become their disjunctions. What comes back is what :func:`rationalise.doctrine.evaluation.evaluate` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import reduce

from sqlglot import exp

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.conditions import ASSESSED
from rationalise.doctrine.evaluation import asked_offers, compiled
from rationalise.doctrine.models import Attribute, Presumption
from rationalise.doctrine.signals import Signal, Signals, Term
from rationalise.doctrine.speech import Voices

DIALECTS = ("duckdb", "postgres", "spark", "sqlite")


def to_sql(
    doctrine: Doctrine,
    as_of: date,
    dialect: str,
    *,
    table: str = "profiles",
    offers: Collection[str] | None = None,
) -> str:
    """The verdicts of every row of a table, as a query.

    Args:
        doctrine: the catalogue, overlays included.
        as_of: the day; the query holds its law and no other.
        dialect: one that sqlglot writes; :data:`DIALECTS` are tested.
        table: ``id`` and one text column an attribute, NULL or a word not in the list is unknown.
        offers: identifiers of the offers to judge besides the tiers.

    Returns:
        a query of ``id``, ``tier``, ``offer`` (NULL for the tier itself), ``verdict``, ``rules``, ``causes``
        (``A|B``) and ``blocking``; rows in no order.

    Raises:
        InvalidInput: the day is before what is modelled (``DOC-010``) or an offer is unknown (``DOC-003``).
    """
    wanted = asked_offers(doctrine, as_of, offers)
    law = compiled(doctrine, as_of)
    targets: list[tuple[str | None, Voices]] = [(None, law.tiers[tier]) for tier in doctrine.tiers]
    targets += [(offer, law.offers[offer]) for offer in wanted]
    steps = [("p0", _listed(doctrine.attributes, table))]
    for place, presumption in enumerate(doctrine.presumptions):
        steps.append((f"p{place + 1}", _presumed(doctrine.attributes, presumption, f"p{place}")))
    steps.append(("s", _signals(law.signals, steps[-1][0])))
    parts = [_answers(offer, voices) for offer, voices in targets]
    query: exp.Select | exp.Union = parts[0]
    for part in parts[1:]:
        query = exp.union(query, part, distinct=False, copy=False)
    for name, step in steps:
        query = query.with_(name, as_=step, copy=False)
    return query.sql(dialect=dialect)


def _listed(attributes: Mapping[str, Attribute], table: str) -> exp.Select:
    """A word that is not in the list tells nothing."""
    cells = [
        exp.alias_(
            exp.Case(ifs=[exp.If(this=_in(_column(a.name), a.values), true=_column(a.name))]), a.name, quoted=True
        )
        for a in attributes.values()
    ]
    return exp.select(_column("id"), *cells).from_(exp.to_table(table))


def _presumed(attributes: Mapping[str, Attribute], presumption: Presumption, before: str) -> exp.Select:
    holds: list[exp.Expr] = []
    for name, values in presumption.when.items():
        unknown = attributes[name].unknown_as if name == ASSESSED else None
        column = _coalesced(_column(name), unknown)
        holds.append(_known(_in(column, values)))
    cells: list[exp.Expr] = []
    for name in attributes:
        value = presumption.then.get(name)
        if value is None:
            cells.append(_column(name))
            continue
        applies = list(holds)
        if presumption.unless_signed:
            signed = exp.and_(_known(_in(_column(ASSESSED), ["signed"])), exp.not_(_is_null(_column(name))))
            applies.append(exp.not_(exp.paren(signed)))
        chosen = exp.Case(ifs=[exp.If(this=exp.and_(*applies), true=exp.Literal.string(value))], default=_column(name))
        cells.append(exp.alias_(chosen, name, quoted=True))
    return exp.select(_column("id"), *cells).from_(before)


def _signals(signals: Signals, before: str) -> exp.Select:
    columns = [exp.alias_(_signal(s, signals.attributes), f"s{n}") for s, n in signals.number.items()]
    return exp.select(_column("id"), *columns).from_(before)


def _signal(wanted: Signal, attributes: Mapping[str, Attribute]) -> exp.Expr:
    return _all(exp.paren(_term(term, attributes)) for term in wanted)


def _term(term: Term, attributes: Mapping[str, Attribute]) -> exp.Expr:
    return _some(_member(attributes[name], values, term) for name, values in term.members)


def _member(attribute: Attribute, values: Collection[str], term: Term) -> exp.Expr:
    column = _column(attribute.name)
    if term.reading == "unknown":
        return _is_null(column)
    if term.reading == "sure":
        return _known(_in(column, values))
    if term.reading == "possible":
        return exp.paren(exp.or_(_is_null(column), _in(column.copy(), values)))
    closed = _known(_in(_coalesced(column, attribute.unknown_as), values))
    return exp.not_(closed) if term.reading == "otherwise" else closed


def _answers(offer: str | None, voices: Voices) -> exp.Select:
    denied = _bits(reduce(int.__or__, (v.denies for v in voices.voices), 0))
    asked = _bits(reduce(int.__or__, (v.asks for v in voices.voices), 0))
    awaited = _bits(reduce(int.__or__, (v.awaits for v in voices.voices), 0))
    verdict = exp.Case(
        ifs=[
            exp.If(this=denied, true=exp.Literal.string("denied")),
            exp.If(this=asked, true=exp.Literal.string("conditional")),
        ],
        default=exp.Literal.string("allowed"),
    )
    causes = exp.Case(
        ifs=[exp.If(this=denied.copy(), true=_names((v.rule, v.denies) for v in voices.voices))],
        default=_names((v.rule, v.asks) for v in voices.voices),
    )
    name = exp.cast(exp.Literal.string(offer) if offer else exp.null(), "text")
    return exp.select(
        _column("id"),
        exp.alias_(exp.Literal.string(voices.tier), "tier"),
        exp.alias_(name, "offer"),
        exp.alias_(verdict, "verdict"),
        exp.alias_(_names((v.rule, v.speaks) for v in voices.voices), "rules"),
        exp.alias_(causes, "causes"),
        exp.alias_(exp.and_(awaited, exp.not_(exp.paren(denied.copy()))), "blocking"),
    ).from_("s")


def _names(rules: Iterable[tuple[str, int]]) -> exp.Expr:
    """The rules whose mask meets the signals, joined by bars: each brings its bar, the first one's is cut."""
    said: list[exp.Expr] = [
        exp.Case(ifs=[exp.If(this=_bits(mask), true=exp.Literal.string(f"|{rule}"))], default=exp.Literal.string(""))
        for rule, mask in rules
        if mask
    ]
    if not said:
        return exp.Literal.string("")
    joined = reduce(lambda left, right: exp.DPipe(this=left, expression=right, safe=True), said)
    return exp.Substring(this=exp.paren(joined), start=exp.Literal.number(2))


def _bits(mask: int) -> exp.Expr:
    return exp.paren(_some(exp.column(f"s{n}") for n in range(mask.bit_length()) if mask >> n & 1))


def _all(parts: Iterable[exp.Expr]) -> exp.Expr:
    listed = list(parts)
    return exp.and_(*listed) if listed else exp.true()


def _some(parts: Iterable[exp.Expr]) -> exp.Expr:
    listed = list(parts)
    return exp.or_(*listed) if listed else exp.false()


def _in(column: exp.Expr, values: Iterable[str]) -> exp.Expr:
    listed = [exp.Literal.string(v) for v in values]
    return exp.In(this=column, expressions=listed) if listed else exp.false()


def _known(condition: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def _coalesced(column: exp.Expr, unknown: str | None) -> exp.Expr:
    return exp.Coalesce(this=column, expressions=[exp.Literal.string(unknown)]) if unknown is not None else column


def _is_null(column: exp.Expr) -> exp.Expr:
    return exp.Is(this=column, expression=exp.null())


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)
