"""What the State shares and who runs it: organisations, committees, shared services and what each can absorb."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field, model_validator

from rationalise.doctrine.models import Dated, Entry, Text
from rationalise.language import _

Status = Literal["established", "not_established", "not_confirmed"]
"""``not_established``: no source says it; ``not_confirmed``: a source exists that nobody could read."""


class Fact(Dated):
    """A dated entry that may be open: what is not known is said to be so, and why."""

    status: Status = "established"
    note: Text | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _open_is_explained(self) -> Fact:
        if self.status != "established" and self.note is None:
            raise ValueError(_("what is not established needs a note that says what is missing"))
        if self.status != "established" and self.conf != "C":
            raise ValueError(_("what is not established has the confidence C"))
        return self


class Organisation(Fact):
    """Who operates, decides or gives an opinion. ``parent`` is another organisation's id."""

    kind: Literal["ministry", "interministerial", "service", "operator", "authority", "buyer"]
    parent: str | None = None
    formerly: tuple[str, ...] = ()
    critical_size: bool = False

    @property
    def state(self) -> bool:
        """Whether an internal State cloud may be run by it."""
        return self.kind in ("ministry", "interministerial", "service")


class Committee(Fact):
    """Where programmes are arbitrated: who sits, on what, how often."""

    participants: tuple[str, ...]
    topics: Text
    frequency: tuple[Literal["annual", "half_yearly", "monthly"], ...]


class SocleFunction(Entry):
    """A closed word for what a shared service takes over, with the product names that betray it."""

    name: str
    title: Text
    products: tuple[str, ...] = ()


class Role(Entry):
    """What an organisation does for a shared service."""

    organisation: str
    does: Text


class Absorbs(Entry):
    """What a shared service can take over: words of ``functions``, and products it stands in for."""

    functions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


class Adoption(Entry):
    """How sure it is that people will move: never a hundred per cent take-up."""

    risk: Literal["low", "medium", "high", "not_established"]
    text: Text


class SharedService(Fact):
    """A service the State shares; ``seed`` is its name in the text of 20 April 2018, if it had one there."""

    seed: str | None = None
    operator: str | None
    roles: tuple[Role, ...] = ()
    provides: Text | None
    absorbs: Absorbs = Absorbs()
    exposure: tuple[Literal["rie", "internet"], ...] | None = None
    adoption: Adoption
    offers: tuple[str, ...] = ()
    """Where the service is itself a hosting offer: ids of ``offers.yaml``."""

    @model_validator(mode="after")
    def _open_absorbs_nothing(self) -> SharedService:
        if self.status != "established" and (self.absorbs.functions or self.absorbs.products):
            raise ValueError(_("a service that is not established absorbs nothing"))
        if self.status == "established" and (self.operator is None or self.provides is None):
            raise ValueError(_("an established service has an operator and says what it provides"))
        return self

    def absorbs_any(self, functions: Collection[str], products: Collection[str]) -> bool:
        """Whether it takes over one of these functions (closed words) or products (lower case)."""
        return bool(set(self.absorbs.functions) & set(functions)) or bool(set(self.absorbs.products) & set(products))


class OrganisationsFile(Entry):
    """``organisations.yaml``."""

    organisations: tuple[Organisation, ...] = ()
    committees: tuple[Committee, ...] = ()


class SharedServicesFile(Entry):
    """``shared_services.yaml``."""

    functions: tuple[SocleFunction, ...] = ()
    shared_services: tuple[SharedService, ...] = Field(default=())
