"""What a zone needs and its tenant may not do: requests to the operator, in words and as data.

``requests/<zone>.yaml`` keeps the answers; ``requests/<zone>.md`` is the same to be read or sent. A
request whose content changes is asked again; one that is no longer needed goes, and git keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from inventory.workspace import Workspace
from stacks.archetypes import METADATA
from stacks.documents import Document, body_of, generated, lay_schema, read_document, untouched, write_text
from stacks.language import _
from stacks.settings import OfferSettings, Settings
from stacks.zone import Zone

State = Literal["requested", "granted", "refused"]
Kind = Literal[
    "project", "quotas", "external_network", "rie_attachment", "internet_exposure", "encrypted_volume_type",
    "ci_credential",
]  # fmt: skip


class Request(Document):
    """One thing asked of an operator. ``wanted`` is the data of it; ``reference`` the operator's ticket."""

    id: Kind
    title: str
    text: str
    wanted: dict[str, str | int | tuple[str, ...]]
    state: State = "requested"
    since: date
    reference: str | None = None
    answer: str | None = None

    def line(self) -> str:
        """The request in one line, its state first."""
        return _("prerequisite, {state} since {since}: {title}",
                 state=state_word(self.state), since=self.since.isoformat(), title=self.title)  # fmt: skip


class Requests(Document):
    """The requests of a zone."""

    schema_version: Literal["1"] = "1"
    zone: str
    offer: str
    requests: tuple[Request, ...]


def state_word(state: State) -> str:
    """A state as a person says it."""
    return {"requested": _("requested"), "granted": _("granted"), "refused": _("refused")}[state]


def needed(zone: Zone, settings: OfferSettings, since: date) -> list[Request]:
    """What the zone needs of its operator, nothing answered yet."""
    found = [maker(zone, settings) for maker in _MAKERS]
    return [
        Request(id=kind, title=title, text=text, wanted=wanted, since=since)
        for kind, title, text, wanted in (f for f in found if f is not None)
    ]


def prerequisites(workspace: Workspace, zone: Zone, settings: Settings, since: date | None = None) -> list[Request]:
    """The zone's requests with the answers that are written down.

    Raises:
        InvalidInput: the file of the answers is invalid (``ZON-007``).
    """
    path = requests_file(workspace, zone.name)
    kept = {r.id: r for r in read_document(path, Requests, code="ZON-007").requests} if path.is_file() else {}
    wanted = needed(zone, settings.offer(zone.offer), since or date.min)
    return [_with_answer(request, kept.get(request.id)) for request in wanted]


def write_requests(workspace: Workspace, zone: Zone, settings: Settings, as_of: date) -> list[Request]:
    """Write both files of a zone's requests, answers kept.

    Raises:
        InvalidInput: the file of the answers is invalid (``ZON-007``).
    """
    asked = prerequisites(workspace, zone, settings, as_of)
    document = Requests(zone=zone.name, offer=zone.offer, requests=tuple(asked))
    path = requests_file(workspace, zone.name)
    if not path.is_file() or untouched(path.read_text(encoding="utf-8")):
        write_text(path, generated(document, "requests"))
    elif read_document(path, Requests, code="ZON-007") != document:
        write_text(path, body_of(document))
    lay_schema(path.parent, "requests")
    write_text(path.with_suffix(".md"), as_words(document))
    return asked


def requests_file(workspace: Workspace, zone: str) -> Path:
    """Where the requests of a zone are."""
    return workspace.requests / f"{zone}.yaml"


def as_words(document: Requests) -> str:
    """The requests as Markdown, to be read or pasted in an operator's form."""
    head = _("# Requests to the operator of {offer} for zone {zone}", offer=document.offer, zone=document.zone)
    parts = [head, _("What the tenant's credential may not do by itself. Answers are written in {file}.",
                     file=f"{document.zone}.yaml")]  # fmt: skip
    for request in document.requests:
        rows = [f"| {key} | {_cell(value)} |" for key, value in request.wanted.items()]
        answer = [_("Ticket: {reference}", reference=request.reference)] if request.reference else []
        answer += [_("Answer: {answer}", answer=request.answer)] if request.answer else []
        state = _("State: **{state}** since {since}.", state=state_word(request.state), since=request.since.isoformat())
        table = "\n".join([_("| what | value |"), "|---|---|", *rows])
        parts += [f"## {request.title}", " ".join([state, *answer]), request.text, table]
    return "\n\n".join(parts) + "\n"


def _cell(value: str | int | tuple[str, ...]) -> str:
    return "<br>".join(value) if isinstance(value, tuple) else str(value)


def _with_answer(request: Request, kept: Request | None) -> Request:
    if kept is None:
        return request
    if kept.wanted != request.wanted:
        return request.model_copy(update={"reference": kept.reference})
    answers = {"state": kept.state, "since": kept.since, "reference": kept.reference, "answer": kept.answer}
    return request.model_copy(update=answers)


Asked = tuple[Kind, str, str, dict[str, str | int | tuple[str, ...]]]


def _project(zone: Zone, settings: OfferSettings) -> Asked | None:
    if settings.project(zone.name):
        return None
    return (
        "project", _("A project for zone {zone}", zone=zone.name),
        _("A project named for its function, never for an organisation, with the role “member” given to a group of "
          "the team; its id then goes to [offers.{offer}] project_id of francecloud.toml.", offer=zone.offer),
        {"name": zone.name, "environment": zone.environment, "role": "member", "owner": zone.tags.owner},
    )  # fmt: skip


def _quotas(zone: Zone, settings: OfferSettings) -> Asked | None:
    return (
        "quotas", _("Quotas of the project"),
        _("What the zone needs at most, from the sizes in the inventory. Quotas already at least as large need no "
          "change."),
        dict(zone.quotas.model_dump()),
    )  # fmt: skip


def _external_network(zone: Zone, settings: OfferSettings) -> Asked | None:
    if not zone.network.gateway or settings.external_network(zone.network.side):
        return None
    return (
        "external_network", _("An external network for the zone's router"),
        _("The id of the external network to attach the router to, for [offers.{offer}] external_network_id of "
          "francecloud.toml. Without it the zone is made shut.", offer=zone.offer),
        {"zone": zone.name, "network": zone.network.cidr},
    )  # fmt: skip


def _rie(zone: Zone, settings: OfferSettings) -> Asked | None:
    if zone.network.side != "rie":
        return None
    return (
        "rie_attachment",
        _("Attachment to the inter-ministerial network (RIE)"),
        _("Routing of the zone's network on the RIE, and opening of the flows below."),
        {"network": zone.network.cidr, "flows": _flows(zone)},
    )


def _internet(zone: Zone, settings: OfferSettings) -> Asked | None:
    if zone.network.side != "internet":
        return None
    return (
        "internet_exposure", _("Exposure on the Internet"),
        _("A public address, with protection against denial of service and an application firewall in front, and "
          "opening of the flows below."),
        {"network": zone.network.cidr, "flows": _flows(zone), "floating_ips": zone.quotas.floating_ips},
    )  # fmt: skip


def _volume_type(zone: Zone, settings: OfferSettings) -> Asked | None:
    bare = tuple(v.name for v in zone.volumes if v.type is None)
    if not bare or settings.volume_type:
        return None
    return (
        "encrypted_volume_type", _("A volume type encrypted at rest"),
        _("The name of an encrypted volume type the project may use, for [offers.{offer}] volume_type of "
          "francecloud.toml. Without it the volumes are of the cloud's default type.", offer=zone.offer),
        {"volumes": bare},
    )  # fmt: skip


def _ci_credential(zone: Zone, settings: OfferSettings) -> Asked | None:
    wanted = zone.ci_credential
    if wanted is None or settings.can_create_credentials:
        return None
    return (
        "ci_credential", _("A credential for the zone's CI"),
        _("An application credential limited to the project, never unrestricted, with an end."),
        {"roles": wanted.roles, "expires_on": wanted.expires_on.isoformat()},
    )  # fmt: skip


_MAKERS: tuple[Callable[[Zone, OfferSettings], Asked | None], ...] = (
    _project, _quotas, _external_network, _rie, _internet, _volume_type, _ci_credential,
)  # fmt: skip
"""One a kind of request: to ask for something more is to add one."""


def _flows(zone: Zone) -> tuple[str, ...]:
    return tuple(_flow_lines(zone))


def _flow_lines(zone: Zone) -> Iterator[str]:
    for group in zone.security_groups:
        for rule in group.rules:
            if rule.remote and rule.remote != zone.network.cidr and rule.remote not in METADATA:
                way = f"{rule.remote} → {zone.network.cidr}"
                if rule.direction == "egress":
                    way = f"{zone.network.cidr} → {rule.remote}"
                yield f"{way} {rule.protocol}/{rule.ports or '*'} ({rule.name})"
