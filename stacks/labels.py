"""What the inventory says, in the closed words of Cloud π Native's labels (see :mod:`stacks.zone`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from stacks.zone import Component, Criticality, Env, EnvironmentClass, Layer

CLASSES: Mapping[str, EnvironmentClass] = {
    "production": "production",
    "secours": "production",
    "preproduction": "hors-prod",
    "recette": "hors-prod",
    "developpement": "hors-prod",
    "formation": "hors-prod",
}
"""Environments of the inventory → environment class of a zone; what runs as a standby is production."""

_ENVS: Mapping[str, Env] = {
    "production": "prod",
    "secours": "prod",
    "preproduction": "preprod",
    "recette": "qualif",
    "developpement": "dev",
    "formation": "formation",
}
_COMPONENTS: Mapping[str, Component] = {
    "postgresql": "postgres",
    "mongodb": "mongo",
    "apache-http-server": "apache",
    "apache-httpd": "apache",
    "nodejs": "node",
    "node.js": "node",
    "apache-tomcat": "tomcat",
    "apache-kafka": "kafka",
    "apache-activemq": "apachemq",
    "oracle-jdk": "java",
    "influxdb": "influx",
    "cockroachdb": "cockroach",
    "go": "golang",
}
"""Products as inventories name them → the label, where the two differ."""


def environment_class(environment: str | None) -> EnvironmentClass:
    """The class of an environment; where nobody said, production, which asks the most."""
    return CLASSES.get(environment or "", "production")


def env_label(environments: Iterable[str | None], kind: EnvironmentClass) -> Env:
    """The label of the commonest environment of a zone."""
    labels = Counter(_ENVS[e] for e in environments if e is not None and CLASSES.get(e) == kind)
    if not labels:
        return "prod" if kind == "production" else "test"
    return min(labels, key=lambda label: (-labels[label], label))


def criticality_label(criticalities: Iterable[str | None]) -> Criticality:
    """The highest of the zone's applications; unknown counts as medium, never as low."""
    levels = {{"vitale": 2, "haute": 2, "moyenne": 1, "faible": 0}.get(c or "", 1) for c in criticalities}
    words: tuple[Criticality, ...] = ("low", "medium", "high")
    return words[max(levels, default=1)]


def component_label(products: Collection[str]) -> Component | None:
    """The component of a zone that has one only; several, or one without a label: none."""
    known = get_args(Component)
    found = {_COMPONENTS.get(p.lower(), p.lower()) for p in products}
    only = found.pop() if len(found) == 1 else None
    return next((label for label in known if label == only), None)


def layer_label(archetype: str, roles: Collection[str]) -> Layer:
    """The layer: what faces the public is a front end, what holds databases only is a db."""
    if archetype == "expose":
        return "frontend"
    return "db" if set(roles) == {"sgbd"} else "backend"
