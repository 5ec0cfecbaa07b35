"""Names replaced by tokens that only the key can make, and only the key can undo.

A token is a keyed digest (BLAKE2b, 80 bits) of the kind and the name: the same everywhere under one key, hence joins
hold; unrelated under another. Nothing of a name is left in it, neither its length nor, of an address, its network.
What each stands for is in a correspondence sealed with the key (AES-SIV, authenticated, the same bytes every time).
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from inventory.contract import Table
from inventory.dataset import COUNTED, schema
from inventory.language import _
from inventory.merge import SEPARATOR
from inventory.package import Package
from inventory.problems import InvalidInput, Problem
from inventory.sharing.keys import Key
from inventory.sharing.treatments import PREFIXES, treatments

SEALED = "correspondence.sealed"
TOKEN = r"\b[A-Z]{3}-[0-9a-f]{20}\b"  # noqa: S105 the shape of a pseudonym, not a secret
"""What a token looks like."""
BLOCK = 4096
"""The sealed correspondence is padded to a multiple of this: its size says little."""
SHORT, LONG = 3, 5
"""Names of fewer characters than the first are looked for as whole cells only; than the second, as whole words."""


@dataclass
class Tokens:
    """Tokens made so far, and what each stands for."""

    key: Key
    names: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """Name → token for the distinct *values* of a kind."""
        secret, person = self.key.derived(b"tokens"), kind.encode()
        found = {}
        for value in values:
            digest = hashlib.blake2b(value.encode(), key=secret, person=person, digest_size=10).hexdigest()
            token = found[value] = f"{PREFIXES[kind]}-{digest}"
            if self.names.setdefault(token, value) != value:
                raise ArithmeticError("two names share a token")  # one chance in 10^12 with a million names
        return found


@dataclass(frozen=True)
class Treated:
    """A dataset without names: its tables, the correspondence, and what became of each column."""

    tables: dict[str, pl.DataFrame]
    names: Mapping[str, str]
    report: list[dict[str, object]]


def pseudonymise(package: Package, key: Key) -> Treated:
    """Replace every name of a dataset.

    Args:
        package: the dataset.
        key: the key.

    Returns:
        The tables, sorted by their tokens: the order of the names is not told either. The report has a row a column:
        ``table``, ``column``, ``treatment``, ``kept``, ``replaced``, ``removed`` (cells).
    """
    tokens = Tokens(key)
    treated = {n: _treated(t, package, tokens) for n, t in schema().tables.items() if n != "origins"}
    _sweep(treated, tokens)
    treated["origins"] = _origins(package, treated, tokens)
    report = [
        _told(n, column, treatment, package[n][column], treated[n][column])
        for n, columns in treatments().items()
        for column, treatment in columns.items()
        if n in schema().tables and column in schema().tables[n].by_name
    ]
    done = {n: t.conform(treated[n]) if _leaves(t) else t.empty() for n, t in schema().tables.items()}
    return Treated(done, dict(sorted(tokens.names.items())), report)


def _leaves(table: Table) -> bool:
    """Whether a table is told at all: one whose key is removed is left out whole."""
    return all(treatments()[table.name][column] != "remove" for column in table.primary_key)


def _treated(table: Table, package: Package, tokens: Tokens) -> pl.DataFrame:
    frame = package[table.name]
    changed: list[pl.Expr | pl.Series] = []
    for column, treatment in treatments()[table.name].items():
        if column not in table.by_name:
            continue
        what, _sep, more = treatment.partition(":")
        if what == "remove":
            changed.append(pl.lit(None, table.polars[column]).alias(column))
        elif what == "token":
            changed.append(_replaced(frame[column], more, tokens))
        elif what == "reference":
            changed.append(_referred(frame, column, more, tokens))
        elif what == "end":
            changed.append(_end(frame[column], package, tokens))
    return frame.with_columns(changed)


def _replaced(values: pl.Series, kind: str, tokens: Tokens) -> pl.Series:
    found = tokens.of(kind, values.drop_nulls().unique(maintain_order=True))
    return values.replace_strict(found, default=None, return_dtype=pl.String)


def _referred(frame: pl.DataFrame, column: str, by: str, tokens: Tokens) -> pl.Series:
    parts = frame.select(pl.col(by), pl.col(column)).unique().drop_nulls()
    made = [tokens.of(kind, some[column]) for (kind,), some in parts.group_by(by, maintain_order=True)]
    kinds = [kind for (kind,), _some in parts.group_by(by, maintain_order=True)]
    rows = [(k, v, t) for k, found in zip(kinds, made, strict=True) for v, t in found.items()]
    names = pl.DataFrame(rows, schema={by: pl.String, column: pl.String, "_token": pl.String}, orient="row")
    return frame.join(names, on=[by, column], how="left", maintain_order="left")["_token"].alias(column)


def _end(values: pl.Series, package: Package, tokens: Tokens) -> pl.Series:
    """An end of a flow: the token of the application or server that it is, else of a stranger."""
    distinct = values.drop_nulls().unique(maintain_order=True)
    applications, servers = package["applications"]["id"], package["servers"]["id"]
    is_application = distinct.is_in(applications.implode())
    is_server = distinct.is_in(servers.implode()) & ~is_application
    found = tokens.of("application", distinct.filter(is_application))
    found |= tokens.of("server", distinct.filter(is_server))
    found |= tokens.of("stranger", distinct.filter(~is_application & ~is_server))
    return values.replace_strict(found, default=None, return_dtype=pl.String)


class _Names:
    """The names replaced, to be found in what is kept: whole cells, whole words, or parts of words, by length."""

    def __init__(self, names: Iterable[str]) -> None:
        folded = pl.DataFrame({"name": sorted(set(names))}, schema={"name": pl.String}).select(
            _folded(pl.col("name")).alias("name")
        )
        kept = folded["name"].drop_nulls().unique().sort()
        sizes = kept.str.strip_chars().str.len_chars()
        self.whole = kept.filter(sizes < SHORT)
        self.words = kept.filter((sizes >= SHORT) & (sizes < LONG))
        self.parts = kept.filter(sizes >= LONG).str.strip_chars()

    def found_in(self, values: pl.Series) -> pl.Series:
        """Those of the distinct *values* that hold a name."""
        text = values.to_frame("v").with_columns(_folded(pl.col("v")).alias("f"))
        held = pl.col("f").is_in(self.whole.implode())
        for patterns in (self.words, self.parts):
            if len(patterns):
                held = held | pl.col("f").str.contains_any(patterns.implode())
        return text.filter(held)["v"]


def _folded(text: pl.Expr) -> pl.Expr:
    plain = text.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return pl.concat_str([pl.lit(" "), plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars(), pl.lit(" ")])


def _kept_texts(table: Table) -> list[str]:
    """The columns kept as they are that may hold any text."""
    fields = (table.by_name.get(c) for c, treatment in treatments()[table.name].items() if treatment == "keep")
    return [f.name for f in fields if f is not None and not f.enum and f.type in ("string", "list")]


def _sweep(treated: dict[str, pl.DataFrame], tokens: Tokens) -> None:
    """Names found in the texts that are kept are replaced there too: the whole cell, by a token of a text."""
    columns = [
        (n, c) for n, f in treated.items() for c in _kept_texts(schema().tables[n]) if f[c].null_count() < f.height
    ]
    if not columns:
        return
    distinct = pl.concat([treated[n][c].drop_nulls().unique().alias("v") for n, c in columns]).unique().sort()
    # Looked for once in all: finding a hundred thousand names at once costs more to prepare than to do.
    found = tokens.of("text", _Names(list(tokens.names.values())).found_in(distinct))
    if found:
        for name, column in columns:
            treated[name] = treated[name].with_columns(pl.col(column).replace(found))


def _origins(package: Package, treated: Mapping[str, pl.DataFrame], tokens: Tokens) -> pl.DataFrame:
    """Where records come from, under their new keys; a record that is no more gets a token of its own."""
    origins = package["origins"]
    keys = [pl.DataFrame(schema={"table": pl.String, "id": pl.String, "_new": pl.String})]
    for name, table in schema().tables.items():
        if name in COUNTED:
            keys.append(
                pl.DataFrame(
                    {"id": package[name].select(record_key(table)).to_series(),
                     "_new": treated[name].select(record_key(table)).to_series()}
                ).select(pl.lit(name).alias("table"), "id", "_new")
            )  # fmt: skip
    known = origins.join(pl.concat(keys).unique(["table", "id"]), on=["table", "id"], how="left", maintain_order="left")
    lost = _replaced(known.filter(pl.col("_new").is_null())["id"], "record", tokens)
    gone = dict(zip(known.filter(pl.col("_new").is_null())["id"], lost, strict=True))
    return known.with_columns(
        pl.coalesce("_new", pl.col("id").replace(gone)).alias("id"),
        _replaced(origins["source"], "source", tokens).alias("source"),
        _replaced(origins["sheet"], "sheet", tokens).alias("sheet"),
    ).select(origins.columns)


def record_key(table: Table) -> pl.Expr:
    """The key of a record as ``origins`` writes it."""
    parts = [pl.col(c).cast(pl.String).fill_null("") for c in table.primary_key]
    return pl.concat_str(parts, separator=SEPARATOR).alias("key")


def _told(table: str, column: str, treatment: str, before: pl.Series, after: pl.Series) -> dict[str, object]:
    known, left = before.len() - before.null_count(), after.len() - after.null_count()
    same = int((before == after).sum() or 0) if treatment == "keep" else 0
    return {"table": table, "column": column, "treatment": treatment, "kept": same, "replaced": left - same,
            "removed": known - left}  # fmt: skip


def seal(names: Mapping[str, str], key: Key) -> bytes:
    """The correspondence, readable and changeable by whoever has the key only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    text = zlib.compress(json.dumps(dict(sorted(names.items())), ensure_ascii=False).encode(), 6)
    size = len(text).to_bytes(8, "big")
    padded = size + text + b"\0" * (-(len(text) + 8) % BLOCK)
    return AESSIV(key.derived(b"seal")).encrypt(padded, [b"francecloud correspondence 1"])


def unseal(body: bytes, key: Key) -> dict[str, str]:
    """The correspondence that :func:`seal` closed.

    Raises:
        InvalidInput: another key, or the file was changed (``INV-215``).
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    try:
        padded = AESSIV(key.derived(b"seal")).decrypt(body, [b"francecloud correspondence 1"])
    except (InvalidTag, ValueError) as error:
        raise InvalidInput(
            Problem(code="INV-215", message=_("this key does not open the correspondence"),
                    hint=_("it was sealed with another key, or changed on its way"))
        ) from error  # fmt: skip
    size = int.from_bytes(padded[:8], "big")
    found: dict[str, str] = json.loads(zlib.decompress(padded[8 : 8 + size]))
    return found


def restored(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """*frame* with the names that tokens stand for, wherever they stand in a text."""
    changed = []
    for column in (c for c, kind in frame.schema.items() if kind == pl.String):
        held = frame[column].drop_nulls().unique()
        held = held.filter(held.str.contains(TOKEN))
        if len(held):
            known = {text: re.sub(TOKEN, lambda m: names.get(m[0], m[0]), text) for text in held}
            changed.append(pl.col(column).replace(known))
    return frame.with_columns(changed)
