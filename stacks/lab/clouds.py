"""The ``clouds.yaml`` of the lab: ``lab`` (project ``admin``) and ``lab-system`` (the whole system)."""

from __future__ import annotations

from typing import Any

from stacks.lab.passwords import passwords
from stacks.lab.settings import REGION, Lab, write_private

CLOUD = "lab"


def clouds(lab: Lab) -> dict[str, Any]:
    """The document, as openstacksdk reads it."""
    scopes: dict[str, dict[str, str]] = {
        CLOUD: {"project_name": "admin", "project_domain_name": "Default"},
        f"{CLOUD}-system": {"system_scope": "all"},
    }
    return {"clouds": {name: _cloud(lab, scope) for name, scope in scopes.items()}}


def _cloud(lab: Lab, scope: dict[str, str]) -> dict[str, Any]:
    return {
        "region_name": REGION,
        "identity_api_version": 3,
        "auth": {
            "auth_url": lab.url("keystone", "/v3"),
            "username": "admin",
            "password": passwords(lab)["admin"],
            "user_domain_name": "Default",
            **scope,
        },
    }


def clouds_text(lab: Lab) -> str:
    """The document as YAML."""
    import yaml

    return yaml.safe_dump(clouds(lab), sort_keys=False)


def write_clouds(lab: Lab) -> None:
    """Write ``clouds.yaml`` in the lab's folder."""
    write_private(lab.clouds_file, clouds_text(lab))
