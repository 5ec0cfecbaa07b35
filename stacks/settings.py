"""What ``francecloud.toml`` says of the clouds: how each offer is reached, where states are kept.

Nothing here is a constant of ours: addresses, projects, networks and prices belong to who uses them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from inventory.problems import InvalidInput, Problem
from inventory.workspace import SETTINGS, Workspace
from stacks.documents import Document, nearest
from stacks.language import _
from stacks.zone import Side

WHOLE_OR_NOT = "metadata=skip"
"""Has the engine write a state in one act (rename): the companion file it would add is written in place."""

Amount = Annotated[float, Field(ge=0, strict=False)]


class OfferSettings(Document):
    """How one offer is reached, and with what rights.

    ``cloud``: the entry of ``clouds.yaml`` the tenant uses; ``operator_cloud``: the operator's, for
    ``foundation`` and ``network``. ``external_networks`` and ``projects`` are for a tenant that was given
    several: by side (``rie``, ``internet``, ``aucun``), by zone. Prices in euros a month, capacity in vCPU;
    absent is unpriced.
    """

    cloud: str | None = None
    operator_cloud: str | None = None
    region: str | None = None
    project_id: str | None = None
    projects: dict[str, str] = Field(default_factory=dict)
    external_network_id: str | None = None
    external_networks: dict[Side, str] = Field(default_factory=dict)
    volume_type: str | None = None
    availability_zone: str | None = None
    can_create_credentials: bool = True
    vcpu_month: Amount | None = None
    ram_gib_month: Amount | None = None
    storage_gib_month: Amount | None = None
    capacity_vcpu: Amount | None = None

    def project(self, zone: str) -> str | None:
        """The id of the project a zone lives in."""
        return self.projects.get(zone, self.project_id)

    def external_network(self, side: Side) -> str | None:
        """The id of the external network that the zones of a side are attached to."""
        return self.external_networks.get(side, self.external_network_id)


class StateSettings(Document):
    """Where states are kept, and how their secrets are encrypted."""

    backend: str = "file://state"
    secrets_provider: str = "passphrase"


class EngineSettings(Document):
    """Whether a plugin built here may be used outside a lab."""

    allow_built_plugin: bool = False


class Settings(Document):
    """The sections of ``francecloud.toml`` that this room reads."""

    offers: dict[str, OfferSettings] = Field(default_factory=dict)
    state: StateSettings = StateSettings()
    engine: EngineSettings = EngineSettings()

    def offer(self, offer: str) -> OfferSettings:
        """How an offer is reached; nothing known when its section is absent."""
        return self.offers.get(offer, OfferSettings())


def read_settings(workspace: Workspace) -> Settings:
    """The settings of a workspace.

    Raises:
        InvalidInput: ``ZON-004``, every setting that is unknown or of the wrong kind.
    """
    known = {name: workspace.settings[name] for name in Settings.model_fields if name in workspace.settings}
    try:
        return Settings.model_validate(known)
    except ValidationError as error:
        problems = []
        for item in error.errors():
            field = ".".join(str(part) for part in item["loc"])
            unknown = item["type"] == "extra_forbidden"
            near = nearest(str(item["loc"][-1]), list(OfferSettings.model_fields)) if unknown else None
            problems.append(
                Problem(
                    code="ZON-004",
                    message=_("setting “{field}” is not known", field=field)
                    if unknown
                    else _("setting “{field}”: {reason}", field=field, reason=item["msg"]),
                    file=str(workspace.root / SETTINGS),
                    field=field,
                    hint=_("did you mean “{near}”?", near=near) if near else None,
                )
            )
        raise InvalidInput(*problems) from error


def state_folder(workspace: Workspace) -> Path | None:
    """The folder that holds the states, None when they are kept elsewhere."""
    scheme, _sep, rest = read_settings(workspace).state.backend.partition("://")
    return workspace.root / Path(rest.partition("?")[0]).expanduser() if scheme == "file" else None


def state_backend(workspace: Workspace, root: str | None = None) -> str:
    """The address of the states for the engine, a relative ``file://`` one taken from *root* (the workspace)."""
    backend = read_settings(workspace).state.backend
    address, _sep, query = backend.partition("?")
    scheme, found, path = address.partition("://")
    if scheme != "file" or not found:
        return backend
    if not path.startswith(("/", "~")):
        path = f"{root or workspace.root}/{path}"
    return f"file://{path}?{query or WHOLE_OR_NOT}"
