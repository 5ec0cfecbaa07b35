"""Which of our Pulumi projects drives an offer, by the APIs it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

APIS: Mapping[str, str] = {"openstack": "landing_zone", "ec2": "external"}
"""API → the project that drives it, best first."""


def driven_by(apis: Iterable[str]) -> str | None:
    """The project that drives an offer with these APIs, None when none does."""
    known = set(apis)
    return next((project for api, project in APIS.items() if api in known), None)
