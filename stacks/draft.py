"""From a proposal to the zones it asks for: which applications land together, how large, how labelled.

Tables in, documents out: no file, no clock. Only what is lawful now lands, on offers whose API we drive.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Any

import polars as pl

from inventory.package import Package
from stacks.apis import driven_by
from stacks.archetypes import archetype_of, archetypes, groups_of
from stacks.labels import component_label, criticality_label, env_label, environment_class, layer_label
from stacks.language import _
from stacks.plan import SIDE_POOLS, AddressPlan, PoolName
from stacks.zone import (
    Application,
    Archetype,
    CiCredential,
    EnvironmentClass,
    KeyPair,
    Network,
    Quotas,
    SecurityGroup,
    Tags,
    Volume,
    Zone,
    zone_name,
)

LANDING = ("refactor", "replatform", "relocate", "rehost")
"""Treatments whose applications need room on an offer."""
HEADROOM = 1.2
"""Quotas over the sizes of the inventory: room to replace machines one by one."""
LEAST = Quotas(
    instances=2, vcpu=4, ram_gib=8, volumes=2, storage_gib=100, ports=10, security_groups=1, security_group_rules=4
)
"""Least quotas of a zone, also where no size is known."""
DATA_VOLUME_GIB = 20
CREDENTIAL_LIFE = timedelta(days=180)
CREDENTIAL_RENEWED = timedelta(days=30)
"""A CI credential is renewed when it has less than this left."""
OWN_PORTS = 6
"""Ports a network takes for itself: router, gateway, DHCP agents, metadata."""
NEUTRON_DEFAULT_RULES = 4
FUNCTION_LENGTH = 15
LINKING_WORDS = frozenset(
    ["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour", "un", "une"]
)
"""Words that a function's code does without."""
LISTED_OWNERS = 3


@dataclass(frozen=True, slots=True)
class Skipped:
    """An application that gets no zone, and why."""

    application_id: str
    name: str
    reason: str


@dataclass(slots=True)
class Draft:
    """A zone to be: its applications and servers, before it has a network."""

    function: str
    offer: str
    archetype: Archetype
    environment: EnvironmentClass
    applications: list[Mapping[str, Any]] = field(default_factory=list)
    servers: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The zone's name."""
        return zone_name(self.function, self.offer, self.archetype, self.environment)

    @property
    def pool(self) -> PoolName:
        """The pool its network is taken from."""
        return SIDE_POOLS[archetypes().of(self.archetype).side]


def draft(proposal: Package, dataset: Package, apis: Mapping[str, Sequence[str]]) -> tuple[list[Draft], list[Skipped]]:
    """The zones a proposal asks for, by name, and the applications that get none.

    Args:
        proposal: the proposal (``applications``: treatment, tier, offer, lawful_now…).
        dataset: the inventory it was made of (servers, deployments, exposure, environments).
        apis: offer → the APIs it has.
    """
    inventory = {row["id"]: row for row in dataset["applications"].iter_rows(named=True)}
    servers = _servers_of(dataset)
    drafts: dict[str, Draft] = {}
    skipped: list[Skipped] = []
    for row in proposal["applications"].sort("id").iter_rows(named=True):
        reason = _no_zone(row, apis)
        if reason:
            skipped.append(Skipped(row["id"], row["name"] or row["id"], reason))
            continue
        known = {**inventory.get(row["id"], {}), **{k: v for k, v in row.items() if v is not None}}
        for environment, own in _by_class(known, servers.get(row["id"], [])).items():
            kind = archetype_of(str(row["effective_sensitivity"] or ""), known.get("exposition"))
            one = Draft(function_code(known.get("function")), row["offer"], kind, environment)
            one = drafts.setdefault(one.name, one)
            one.applications.append(known)
            one.servers.update({s["id"]: s for s in own})
    return [drafts[name] for name in sorted(drafts)], skipped


def zone_of(one: Draft, plan: AddressPlan, dataset: Package, digest: str, as_of: date, before: Zone | None) -> Zone:
    """The zone file of a draft.

    Args:
        one: the draft; its network stands in *plan*.
        plan: the address plan.
        dataset: the inventory, for the components.
        digest: that of the proposal.
        as_of: the day, from which the CI credential's life is counted.
        before: the zone file as it is, whose credential is kept while it has time left.
    """
    kind = archetypes().of(one.archetype)
    cidr = plan.allocations[one.name].cidr
    groups = groups_of(kind, cidr, plan)
    apps = sorted(one.applications, key=lambda a: str(a["id"]))
    return Zone(
        name=one.name, function=one.function, offer=one.offer, archetype=one.archetype, environment=one.environment,
        organisations=tuple(sorted({str(a["organisation_id"]) for a in apps if a.get("organisation_id")})),
        proposal_digest=digest,
        applications=tuple(
            Application(id=a["id"], name=a.get("name") or a["id"], tier=str(a["tier"]),
                        sensitivity=str(a["effective_sensitivity"]))
            for a in apps
        ),
        network=Network(cidr=cidr, side=kind.side, gateway=kind.gateway),
        security_groups=groups,
        volumes=(Volume(name="donnees", size_gib=DATA_VOLUME_GIB),),
        key_pairs=(KeyPair(name="exploitation"),),
        ci_credential=CiCredential(expires_on=_expiry(before, as_of)),
        quotas=quotas(list(one.servers.values()), groups),
        tags=_tags(one, apps, dataset),
    )  # fmt: skip


def function_code(function: str | None) -> str:
    """A short, stable code of a function: its words, or the heads of the first and last and four signs of digest.

    Fifteen signs at most, so that the longest zone name still fits (:data:`stacks.zone.NAME_LENGTH`).
    """
    folded = unicodedata.normalize("NFKD", function or "").encode("ascii", "ignore").decode()
    words = [word for word in re.findall(r"[a-z0-9]+", folded.lower()) if word not in LINKING_WORDS]
    whole = "-".join(words)
    if not whole:
        return "sans-fonction"
    if len(whole) <= FUNCTION_LENGTH:
        return whole
    head = whole[:10] if len(words) == 1 else f"{words[0][:4]}-{words[-1][:5]}"
    return f"{head}-{hashlib.sha256(whole.encode()).hexdigest()[:4]}"


def quotas(servers: Sequence[Mapping[str, Any]], groups: Sequence[SecurityGroup]) -> Quotas:
    """What a zone must be allowed, from the sizes of its servers; never under :data:`LEAST`."""
    instances = max(ceil(len(servers) * HEADROOM), LEAST.instances)
    rules = sum(len(group.rules) for group in groups)
    return Quotas(
        instances=instances,
        vcpu=max(_sum(servers, "vcpu"), LEAST.vcpu),
        ram_gib=max(_sum(servers, "ram_gib"), LEAST.ram_gib),
        volumes=max(instances + 1, LEAST.volumes),
        storage_gib=max(_sum(servers, "storage_gib") + DATA_VOLUME_GIB, LEAST.storage_gib),
        ports=max(instances + OWN_PORTS, LEAST.ports),
        # The project's own default group counts, and each new group has two rules until they are deleted.
        security_groups=len(groups) + 1,
        security_group_rules=rules + 2 * len(groups) + NEUTRON_DEFAULT_RULES,
    )


def _no_zone(row: Mapping[str, Any], apis: Mapping[str, Sequence[str]]) -> str | None:
    treatment = row["treatment"]
    if treatment == "to_investigate":
        return _("to be investigated first; see: francecloud explain {id}", id=row["id"])
    if treatment not in LANDING:
        return _("its treatment is “{treatment}”: it needs no new room", treatment=treatment)
    if not row["offer"] or row["tier"] not in str(row["lawful_now"] or "").split("|"):
        return _("nothing is lawful now for it: {blocked}", blocked=_blocked(row))
    if driven_by(apis.get(row["offer"], ())) is None:
        listed = ", ".join(apis.get(row["offer"], ())) or _("none known")
        return _("offer {offer} has no API we drive ({apis})", offer=row["offer"], apis=listed)
    return None


def _blocked(row: Mapping[str, Any]) -> str:
    if "perimeter_missing" in str(row["blocked_by"] or "").split("|"):
        return _("no perimeter declaration in force says that it is not classified")
    missing = str(row["missing"] or "").replace("|", ", ")
    return _("these facts are missing: {missing}", missing=missing) if missing else _("no admissible offer")


def _servers_of(dataset: Package) -> Mapping[str, list[Mapping[str, Any]]]:
    """Application → its servers."""
    rows = {row["id"]: row for row in dataset["servers"].iter_rows(named=True)}
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for link in dataset["deployments"].iter_rows(named=True):
        if link["target_kind"] == "server" and link["target_id"] in rows:
            found[link["application_id"]].append(rows[link["target_id"]])
    return found


def _by_class(
    application: Mapping[str, Any], servers: Sequence[Mapping[str, Any]]
) -> Mapping[EnvironmentClass, list[Any]]:
    """The classes an application lives in, with its servers in each; one that has none lives in its own."""
    own = application.get("environment")
    found: dict[EnvironmentClass, list[Any]] = defaultdict(list)
    for server in servers:
        found[environment_class(server["environment"] or own)].append(server)
    return found or {environment_class(own): []}


def _sum(servers: Sequence[Mapping[str, Any]], column: str) -> int:
    return ceil(sum(server[column] or 0 for server in servers) * HEADROOM)


def _expiry(before: Zone | None, as_of: date) -> date:
    kept = before.ci_credential.expires_on if before and before.ci_credential else as_of
    return kept if kept - as_of >= CREDENTIAL_RENEWED else as_of + CREDENTIAL_LIFE


def _tags(one: Draft, apps: Sequence[Mapping[str, Any]], dataset: Package) -> Tags:
    subjects = {str(a["id"]) for a in apps} | set(one.servers)
    named = pl.col("subject_id").is_in(sorted(subjects)) & (pl.col("role") != "os")
    parts = dataset["components"].filter(named)
    owners = sorted({str(a["organisation_id"]) for a in apps if a.get("organisation_id")})
    environments = [s["environment"] for s in one.servers.values()] or [a.get("environment") for a in apps]
    return Tags(
        env=env_label(environments, one.environment),
        tier=layer_label(one.archetype, set(parts["role"])),
        criticality=criticality_label(a.get("criticality") for a in apps),
        component=component_label(set(parts["product"])),
        owner="+".join(owners) if 0 < len(owners) <= LISTED_OWNERS else "plusieurs" if owners else "inconnu",
    )
