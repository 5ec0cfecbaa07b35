"""What destroying a stack does not undo: quotas, which the provider only forgets (their delete does nothing)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stacks.language import _
from stacks.run.recovery.cloud import connect
from stacks.run.target import Target

Reset = Callable[[Mapping[str, Any]], list[str]]


def reset_for(target: Target) -> Reset | None:
    """What must be undone by hand after the project's stacks are destroyed; None where nothing must."""
    if target.project != "foundation":
        return None

    def reset(before: Mapping[str, Any]) -> list[str]:
        from stacks.foundation.quotas import QUOTAS, reset_quotas

        resources = before["deployment"].get("resources") or ()
        held = [resource for resource in resources if resource["type"] in QUOTAS]
        if not held:
            return []
        try:
            return reset_quotas(before, connect(operator_access(target)))
        except Exception as error:  # whatever the reason, the quotas are still there: that is what must be said
            return [
                _("quotas of {n} services: the cloud cannot be asked to reset them ({error})", n=len(held), error=error)
            ]

    return reset


def operator_access(target: Target) -> dict[str, str]:
    """How the operator's cloud of a platform is reached, in the provider's words."""
    from stacks.platform import find_platform
    from stacks.settings import read_settings

    settings = read_settings(target.workspace).offer(find_platform(target.workspace, target.stack).offer)
    named = {"cloud": settings.operator_cloud or settings.cloud, "region": settings.region}
    return {key: value for key, value in named.items() if value}
