"""Technical hubs: which systems everything is linked to, by closed words, by their flows, or by a signed word."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from inventory.documents import read_document
from inventory.package import Package
from rationalise.decisions import Decisions, Hub
from rationalise.doctrine.models import Text

WORDS = Path(__file__).parent / "hubs.yaml"
CODE = "ANA-040"
Sense = Literal["data", "mission"]
SCHEMA = {"id": pl.String, "hub": pl.String, "how": pl.String}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubKind(_Part):
    """A kind of hub: the words that name it, and what it takes on itself."""

    id: str
    title: Text
    keeps: tuple[Sense, ...]
    functions: tuple[str, ...]
    names: tuple[str, ...]
    natures: tuple[str, ...]


class HubWords(_Part):
    """The whole file."""

    read_on: date
    source: str
    peers: int
    """With flows of one kind alone, a system linked to as many others is a hub."""
    hubs: tuple[HubKind, ...]
    natures_without_data: tuple[str, ...]

    def keeping(self, sense: Sense) -> list[str]:
        """The kinds of hub that take on what reaches them."""
        return [h.id for h in self.hubs if sense in h.keeps]


@lru_cache(maxsize=1)
def hub_words() -> HubWords:
    """The closed words, read once.

    Raises:
        InvalidInput: the file is not what it must be (``ANA-040``).
    """
    return read_document(WORDS, HubWords, code=CODE)


def hubs(dataset: Package, decisions: Decisions, as_of: date) -> pl.DataFrame:
    """The hubs: ``id``, ``hub`` (its kind), ``how`` (function, name, flows, or the file of the decision).

    A signed decision stands above the words, whichever way it goes.
    """
    said = [(h.application, h.hub, file) for file, h in decisions.of(Hub, as_of)]
    signed = pl.DataFrame(said, schema=SCHEMA, orient="row").unique("id", keep="first", maintain_order=True)
    found = pl.concat([signed, _by_function(dataset), _by_name(dataset), _by_flows(dataset)])
    return found.unique("id", keep="first", maintain_order=True).filter(pl.col("hub") != "none").sort("id")


def plain(column: str) -> pl.Expr:
    """Words as the closed lists hold them: without case, accents nor punctuation."""
    bare = pl.col(column).str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return bare.str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars()


def _kinds(which: Literal["functions", "names", "natures"]) -> dict[str, str]:
    return {word: hub.id for hub in reversed(hub_words().hubs) for word in getattr(hub, which)}


def _typed(frame: pl.DataFrame, column: str, words: dict[str, str], how: str) -> pl.DataFrame:
    hub = plain(column).replace_strict(words, default=None, return_dtype=pl.String)
    return frame.select("id", hub.alias("hub"), pl.lit(how).alias("how")).drop_nulls("hub")


def _by_function(dataset: Package) -> pl.DataFrame:
    listed = dataset["applications"].select("id", "function", "functions")
    parts = [_typed(listed, "function", _kinds("functions"), "function")]
    if listed["functions"].is_not_null().any():
        each = listed.select("id", pl.col("functions").cast(pl.String).str.split("|")).explode("functions")
        parts.append(_typed(each, "functions", _kinds("functions"), "function"))
    return pl.concat(parts)


def _by_name(dataset: Package) -> pl.DataFrame:
    """Of a system outside the inventory nothing is known but its name, which stands as its identifier."""
    known = pl.concat([dataset[t].select("id") for t in ("applications", "servers", "databases")])
    ends = pl.concat([dataset["flows"].select(id=c) for c in ("source_id", "target_id")])
    outside = ends.drop_nulls().unique().join(known, on="id", how="anti").with_columns(name=pl.col("id"))
    named = pl.concat([dataset["applications"].select("id", "name"), outside])
    return _typed(named, "name", _kinds("names"), "name")


def _by_flows(dataset: Package) -> pl.DataFrame:
    flows = dataset["flows"].select(
        "source_id",
        "target_id",
        kind=plain("nature").replace_strict(_kinds("natures"), default="", return_dtype=pl.String),
    )
    one = flows.select(id="source_id", peer="target_id", kind=pl.col("kind").fill_null(""))
    other = flows.select(id="target_id", peer="source_id", kind=pl.col("kind").fill_null(""))
    return (
        pl.concat([one, other])
        .group_by("id")
        .agg(pl.col("kind").n_unique().alias("kinds"), pl.col("kind").first(), pl.col("peer").n_unique())
        .filter((pl.col("kinds") == 1) & (pl.col("kind") != "") & (pl.col("peer") >= hub_words().peers))
        .select("id", hub=pl.col("kind"), how=pl.lit("flows"))
        .drop_nulls("id")
        .sort("id")
    )
