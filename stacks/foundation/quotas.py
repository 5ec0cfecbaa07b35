"""Quotas given back: deleting a quota resource leaves the quota, so it is done here, and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stacks.language import _
from stacks.states import Deployment

QUOTAS: dict[str, tuple[str, str]] = {
    "openstack:compute/quotaSetV2:QuotaSetV2": ("compute", "/os-quota-sets/{project}"),
    "openstack:blockstorage/quoteSetV3:QuoteSetV3": ("block_storage", "/os-quota-sets/{project}"),
    "openstack:networking/quotaV2:QuotaV2": ("network", "/quotas/{project}"),
}
"""Quota resources → the service that keeps them, and the address whose deletion restores its defaults."""


def reset_quotas(deployment: Mapping[str, Any], connection: Any) -> list[str]:
    """Give every quota of a stack back to the cloud's defaults.

    Args:
        deployment: the stack as exported before it was destroyed (``pulumi stack export``).
        connection: the operator's ``openstack.connection.Connection``.

    Returns:
        What could not be given back, in words; nothing when all was.
    """
    left = []
    for resource in Deployment(deployment).resources:
        if resource["type"] not in QUOTAS:
            continue
        service, address = QUOTAS[resource["type"]]
        project = str((resource.get("inputs") or {}).get("projectId") or resource["id"]).split("/")[0]
        answer = getattr(connection, service).delete(address.format(project=project))
        if answer.status_code not in (200, 202, 204, 404):
            left.append(
                _("quota of {service} for project {project}: kept by the cloud ({status})",
                  service=service, project=project, status=answer.status_code)
            )  # fmt: skip
    return left
