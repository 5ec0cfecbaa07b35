"""The one provider of a program: explicit, made of the settings, so that no shell decides which cloud."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi
import pulumi_openstack as openstack
import yaml

from inventory.problems import InvalidInput, Problem
from stacks.context import Context
from stacks.language import _

NOWHERE = "https://non-configure.invalid/v3"
"""An address that answers nothing: a preview of creations needs one and never calls it."""


def provider(context: Context, *, operator: bool = False) -> openstack.Provider:
    """The OpenStack provider of the context's offer.

    With no credential at hand a preview goes on against :data:`NOWHERE`, since nothing is called
    before a first creation.

    Args:
        context: where the program runs.
        operator: use the operator's credential rather than the tenant's.

    Raises:
        InvalidInput: a real run without a credential (``ZON-020``).
    """
    offer = context.zone.offer if context.zone else context.platform.offer if context.platform else ""
    settings = context.settings.offer(offer)
    cloud = settings.operator_cloud or settings.cloud if operator else settings.cloud
    if cloud and cloud in known_clouds():
        tenant = settings.project(context.stack) if context.zone and not operator else None
        return openstack.Provider("openstack", cloud=cloud, region=settings.region, tenant_id=tenant)
    if not context.dry_run:
        raise InvalidInput(_no_credential(offer, cloud))
    pulumi.log.warn(_no_credential(offer, cloud).message)
    return openstack.Provider("openstack", auth_url=NOWHERE, region=settings.region)


def known_clouds() -> set[str]:
    """The entries of the ``clouds.yaml`` that the provider will read: the first found of its usual places."""
    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    places = [Path(named)] if named else []
    places += [Path("clouds.yaml"), Path.home() / ".config/openstack/clouds.yaml", Path("/etc/openstack/clouds.yaml")]
    for place in places:
        if place.is_file():
            content = yaml.safe_load(place.read_text(encoding="utf-8")) or {}
            return set(content.get("clouds") or {})
    return set()


def _no_credential(offer: str, cloud: str | None) -> Problem:
    if cloud is None:
        message = _("offer {offer}: the settings name no cloud", offer=offer)
    else:
        message = _("offer {offer}: no clouds.yaml at hand has an entry “{cloud}”", offer=offer, cloud=cloud)
    return Problem(
        code="ZON-020",
        message=message,
        field=f"offers.{offer}.cloud",
        hint=_("fill in [offers.{offer}] cloud in francecloud.toml, and the entry in clouds.yaml "
               "(OS_CLIENT_CONFIG_FILE says where it is)", offer=offer),
    )  # fmt: skip
