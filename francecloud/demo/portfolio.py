"""The fictitious portfolio: bodies, applications and servers, drawn the same way every time.

Every value is drawn from a digest of what it is about (application, attribute), so there is no
generator to seed, and adding an attribute moves no other one.
"""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

SMALL_STAFF = 20
"""Below this many people a body runs only the few support applications marked ``shared``."""


@dataclass(frozen=True, slots=True)
class Body:
    """A ministry, a department, an operator: a fictitious one."""

    id: str
    name: str
    short: str
    kind: str
    entity_kind: str
    programme: str
    parent: str = ""
    staff: int = 0
    care: str = ""
    perimeter: str = ""

    @property
    def runs_systems(self) -> bool:
        """Whether it has applications of its own (ministries have them through their DSI)."""
        return bool(self.care)


@dataclass(frozen=True, slots=True)
class Application:
    """An application of the sample; ``traits`` are the keys of its entry in portfolio.toml."""

    id: str
    name: str
    body: Body
    function: str
    traits: dict[str, Any]
    servers: tuple[str, ...] = field(default=())

    @property
    def opaque(self) -> bool:
        """Whether only an identifier may be known of it."""
        return not self.name


def draw(*about: str) -> int:
    """A number of 0 to 9999 that depends only on what it is about."""
    return int.from_bytes(hashlib.sha256("/".join(about).encode()).digest()[:8]) % 10_000


def chance(percent: float, *about: str) -> bool:
    """Whether something true of *percent* of cases is true of this one."""
    return draw(*about) < percent * 100


def pick(options: Sequence[T], *about: str) -> T:
    """One of *options*, evenly."""
    return options[draw(*about) % len(options)]


def slug(text: str) -> str:
    """ASCII letters and digits in lower case, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


@lru_cache
def bodies() -> tuple[Body, ...]:
    """Every body of the sample."""
    return tuple(Body(**entry) for entry in _data()["organisations"])


@lru_cache
def applications() -> tuple[Application, ...]:
    """Every application, in the order of its identifier."""
    named = [(body, entry, entry["label"]) for entry in _data()["support"] for body in _who_runs(entry)]
    by_id = {b.id: b for b in bodies()}
    named += [(by_id[e["owner"]], e, label) for e in _data()["business"] for label in e["labels"]]
    listed = [_application(n, body, entry, label) for n, (body, entry, label) in enumerate(named, 1)]
    for entry in _data()["opaque"]:
        for _ in range(entry["count"]):
            listed.append(Application(f"APP-{len(listed) + 1:04}", "", by_id[entry["owner"]], "", {}))
    return tuple(listed)


def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "portfolio.toml").read_text(encoding="utf-8"))


def _who_runs(support: dict[str, Any]) -> list[Body]:
    return [b for b in bodies() if b.runs_systems and (support.get("shared") or b.staff >= SMALL_STAFF)]


def _application(number: int, body: Body, entry: dict[str, Any], label: str) -> Application:
    identifier = f"APP-{number:04}"
    return Application(
        id=identifier,
        name=f"{label} ({body.short.upper()})",
        body=body,
        function=entry["function"],
        traits={k: v for k, v in entry.items() if k not in ("label", "labels", "owner", "function", "shared")},
        servers=tuple(_server_names(identifier, body, label, entry)),
    )


def _server_names(identifier: str, body: Body, label: str, entry: dict[str, Any]) -> list[str]:
    stem = f"{body.short}-{slug(label)[:14].strip('-')}"
    weight = 1 + draw(identifier, "size") % 3 + (1 if "exposure" in entry else 0) + (4 if entry.get("vital") else 0)
    roles = ["app", "sgbd", "web", "app", "app", "web", "sgbd", "app"][:weight]
    names = [f"{stem}-{role}{roles[:n].count(role) + 1:02}" for n, role in enumerate(roles)]
    if chance(60, identifier, "test environment"):
        names.append(f"{stem}-rec01")
    return names
