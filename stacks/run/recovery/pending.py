"""The operations that a killed run left unfinished, as the state tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.run.steps import SECRET_MARK, name_of


@dataclass(frozen=True, slots=True)
class Pending:
    """One unfinished operation: ``creating``, ``updating``, ``deleting``, ``reading`` or ``importing``."""

    operation: str
    resource: Mapping[str, Any]

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return str(self.resource["urn"])

    @property
    def type(self) -> str:
        """The resource's type token."""
        return str(self.resource["type"])

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_of(self.urn)

    @property
    def on_a_cloud(self) -> bool:
        """Whether it stands for an object of a cloud; a component, a provider or the stack itself does not."""
        return bool(self.resource.get("custom")) and not self.type.startswith("pulumi:")

    @property
    def inputs(self) -> dict[str, Any]:
        """What the program asked for; secret values are left out."""
        inputs = self.resource.get("inputs") or {}
        return {
            key: value
            for key, value in inputs.items()
            if key != "__defaults" and not (isinstance(value, Mapping) and SECRET_MARK in value)
        }

    @property
    def provider(self) -> str:
        """The URN of the provider resource that was making it."""
        return str(self.resource.get("provider", "")).rpartition("::")[0]


def pending_operations(deployment: Mapping[str, Any]) -> list[Pending]:
    """The unfinished operations of an exported deployment."""
    body = deployment.get("deployment") or {}
    return [Pending(entry["type"], entry["resource"]) for entry in body.get("pending_operations") or ()]


def known_ids(deployment: Mapping[str, Any], type_token: str) -> set[str]:
    """The ids of a type that the state already holds: those are never a find."""
    body = deployment.get("deployment") or {}
    return {r["id"] for r in body.get("resources") or () if r.get("type") == type_token and r.get("id")}


def has_secret_provider(deployment: Mapping[str, Any]) -> bool:
    """Whether a provider of the state was given a credential kept as a secret."""
    body = deployment.get("deployment") or {}
    return any(
        isinstance(value, Mapping) and SECRET_MARK in value
        for r in body.get("resources") or ()
        if str(r.get("type", "")).startswith("pulumi:providers:")
        for value in (r.get("inputs") or {}).values()
    )


def in_clear(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of an export with ``--show-secrets``, secrets turned into their plain values."""
    return {
        key: json.loads(value["plaintext"]) if isinstance(value, Mapping) and "plaintext" in value else value
        for key, value in properties.items()
    }
