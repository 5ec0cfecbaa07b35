"""A plugin built here is for labs: elsewhere, it takes a setting to use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from stacks.context import PLATFORM_PROJECTS
from stacks.language import _
from stacks.platform import find_platform
from stacks.run.problems import InvalidInput, problem
from stacks.run.target import Target
from stacks.settings import read_settings
from stacks.zone import find_zone


def require_trusted(target: Target, *, built_here: bool) -> None:
    """Refuse to touch a real cloud with a plugin that was built here, unless the settings say so.

    Raises:
        InvalidInput: ``RUN-004``.
    """
    settings = read_settings(target.workspace)
    if target.project == "external":  # no OpenStack there, no plugin of ours
        return
    if not built_here or settings.engine.allow_built_plugin or in_a_lab(target):
        return
    raise InvalidInput(
        problem(
            "RUN-004",
            _("{label}: the OpenStack plugin was built here, and its cloud is not a lab", label=target.label),
            hint=_(
                "install Pulumi's own (pulumi plugin install resource openstack), "
                "or set [engine] allow_built_plugin = true in francecloud.toml"
            ),
        )
    )


def in_a_lab(target: Target) -> bool:
    """Whether the target's cloud is reached at a loopback address; unknown is no."""
    settings = read_settings(target.workspace)
    operator = target.project in PLATFORM_PROJECTS
    offer = (find_platform if operator else find_zone)(target.workspace, target.stack).offer
    named = settings.offer(offer)
    cloud = (named.operator_cloud or named.cloud) if operator else named.cloud
    entry = clouds().get(cloud or "")
    return entry is not None and _loopback(str((entry.get("auth") or {}).get("auth_url", "")))


def clouds() -> Mapping[str, Any]:
    """The entries of the ``clouds.yaml`` in use: the first found of its usual places."""
    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    places = [Path(named)] if named else []
    places += [Path("clouds.yaml"), Path.home() / ".config/openstack/clouds.yaml", Path("/etc/openstack/clouds.yaml")]
    found = next((place for place in places if place.is_file()), None)
    content = yaml.safe_load(found.read_text(encoding="utf-8")) if found else None
    return (content or {}).get("clouds") or {}


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
