"""The address plan: one file for all zones, no overlap, and no address moves when zones come and go.

``address-plan.yaml`` in the workspace. A zone keeps its network for as long as it stays on its side; the
network of a zone that goes is set aside for its return and given to another only once the pool is full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inventory.problems import Exit, InvalidInput, Problem, UserError
from inventory.workspace import Workspace
from stacks.documents import Document, body_of, generated, lay_schema, read_document, untouched, write_text
from stacks.language import _
from stacks.zone import Cidr, Slug, Zone

PoolName = Literal["rie", "internet", "interne"]
SIDE_POOLS: Mapping[str, PoolName] = {"rie": "rie", "internet": "internet", "aucun": "interne"}
"""The side a zone looks at → the pool its network is taken from."""


class Full(UserError):
    """A pool has no network left of the size asked for (exit code 4)."""

    exit_code = Exit.RESOURCE


class Pool(Document):
    """The addresses of one side: its range, the usual length of a zone's network, its transit network."""

    cidr: Cidr
    prefix: Annotated[int, Field(ge=8, le=29)] = 24
    transit: Cidr


class Reserved(Document):
    """Addresses that no zone may be given, and why."""

    cidr: Cidr
    reason: str


class Allocation(Document):
    """The network a zone has, or had."""

    pool: PoolName
    cidr: Cidr


class AddressPlan(Document):
    """The plan. ``ranges`` are the known addresses of each side, where rules may come from."""

    schema_version: Literal["1"] = "1"
    pools: dict[PoolName, Pool]
    ranges: dict[PoolName, tuple[Cidr, ...]] = Field(default_factory=dict)
    reserved: tuple[Reserved, ...] = ()
    allocations: dict[Slug, Allocation] = Field(default_factory=dict)
    released: dict[Slug, Allocation] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        problems = [*_overlaps(_blocks(self)), *_outside(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def range_of(self, pool: PoolName) -> tuple[str, ...]:
        """The known addresses of a side: those written down, else those of its own zones."""
        return self.ranges.get(pool) or (self.pools[pool].cidr,)


def default_plan() -> AddressPlan:
    """A plan to begin with, of private addresses (RFC 1918): put in their place those you were given."""
    return AddressPlan(
        pools={
            "rie": Pool(cidr="10.128.0.0/12", transit="10.176.0.0/24"),
            "internet": Pool(cidr="10.144.0.0/12", transit="10.176.1.0/24"),
            "interne": Pool(cidr="10.160.0.0/12", transit="10.176.2.0/24"),
        }
    )


def allocate(plan: AddressPlan, wanted: Mapping[str, PoolName]) -> AddressPlan:
    """A plan where every zone wanted has a network, and those no longer wanted are set aside.

    Args:
        plan: the plan as it is.
        wanted: zone → the pool its side takes from.

    Raises:
        Full: a pool is full (``ZON-030``).
    """
    kept = {z: a for z, a in plan.allocations.items() if wanted.get(z) == a.pool}
    aside = {**plan.released, **{z: a for z, a in plan.allocations.items() if z not in kept}}
    for zone in sorted(set(wanted) - set(kept)):
        if zone in aside and aside[zone].pool == wanted[zone]:
            kept[zone] = aside.pop(zone)
        else:
            kept[zone] = _new(plan, kept, aside, zone, wanted[zone])
    return plan.model_copy(update={"allocations": dict(sorted(kept.items())), "released": dict(sorted(aside.items()))})


def read_plan(workspace: Workspace) -> AddressPlan:
    """The workspace's plan, :func:`default_plan` when it has none yet.

    Raises:
        InvalidInput: overlaps, addresses outside their pool, every other mistake at once (``ZON-008``).
    """
    path = plan_file(workspace)
    return read_document(path, AddressPlan, code="ZON-008") if path.is_file() else default_plan()


def write_plan(workspace: Workspace, plan: AddressPlan) -> bool:
    """Write the plan; whether it changed. Allocations go into a file that people edited too."""
    path = plan_file(workspace)
    lay_schema(path.parent, "address-plan")
    if path.is_file():
        if read_document(path, AddressPlan, code="ZON-008") == plan:
            return False
        if not untouched(path.read_text(encoding="utf-8")):
            return write_text(path, body_of(plan))
    return write_text(path, generated(plan, "address-plan"))


def plan_file(workspace: Workspace) -> Path:
    """Where the plan is."""
    return workspace.root / "address-plan.yaml"


def check_zone(workspace: Workspace, zone: Zone) -> None:
    """Check a zone against the plan: its network is its own.

    Raises:
        InvalidInput: the plan gives it another network, or gives some of it to another zone (``ZON-031``).
    """
    if not plan_file(workspace).is_file():
        return
    plan = read_plan(workspace)
    own = IPv4Network(zone.network.cidr)
    given = plan.allocations.get(zone.name)
    if given is not None and IPv4Network(given.cidr) == own:
        return
    others = [n for n, a in plan.allocations.items() if n != zone.name and IPv4Network(a.cidr).overlaps(own)]
    if given is None and not others:
        return
    message = (
        _("zone {zone} has network {cidr}, the plan gives it {given}",
          zone=zone.name, cidr=zone.network.cidr, given=given.cidr)
        if given
        else _("zone {zone} has network {cidr}, which the plan gives to {others}",
               zone=zone.name, cidr=zone.network.cidr, others=", ".join(others))
    )  # fmt: skip
    raise InvalidInput(
        Problem(
            code="ZON-031",
            message=message,
            file=f"zones/{zone.name}.yaml",
            field="network.cidr",
            value=zone.network.cidr,
            hint=_("bring the zone and address-plan.yaml to the same network"),
        )
    )


def _new(plan: AddressPlan, kept: Mapping[str, Allocation], aside: dict[str, Allocation], zone: str,
         name: PoolName) -> Allocation:  # fmt: skip
    pool = plan.pools[name]
    taken = [IPv4Network(a.cidr) for a in kept.values() if a.pool == name]
    taken += [IPv4Network(r.cidr) for r in plan.reserved] + [IPv4Network(p.transit) for p in plan.pools.values()]
    block = _free(pool, [*taken, *(IPv4Network(a.cidr) for a in aside.values())]) or _free(pool, taken)
    if block is None:
        raise Full(
            Problem(
                code="ZON-030",
                message=_("pool {pool} ({cidr}) has no network /{prefix} left for zone {zone}",
                          pool=name, cidr=pool.cidr, prefix=pool.prefix, zone=zone),
                file="address-plan.yaml",
                hint=_("widen the pool, or shorten the networks it gives"),
            )
        )  # fmt: skip
    for other in [z for z, a in aside.items() if IPv4Network(a.cidr).overlaps(block)]:
        del aside[other]
    return Allocation(pool=name, cidr=str(block))


def _free(pool: Pool, taken: list[IPv4Network]) -> IPv4Network | None:
    """The first block of the pool's usual length that overlaps nothing taken."""
    step = 2 ** (32 - pool.prefix)
    whole = IPv4Network(pool.cidr)
    at, last = int(whole.network_address), int(whole.broadcast_address)
    spans = sorted((int(n.network_address), int(n.broadcast_address)) for n in taken if n.overlaps(whole))
    for first, end in spans:
        if first >= at + step:
            break
        if end >= at:
            at = (end // step + 1) * step
    return IPv4Network((at, pool.prefix)) if at + step - 1 <= last else None


def _blocks(plan: AddressPlan) -> Iterator[tuple[str, IPv4Network]]:
    for zone, allocation in plan.allocations.items():
        yield zone, IPv4Network(allocation.cidr)
    for number, reserved in enumerate(plan.reserved):
        yield f"reserved.{number}", IPv4Network(reserved.cidr)
    for name, pool in plan.pools.items():
        yield f"pools.{name}.transit", IPv4Network(pool.transit)


def _overlaps(blocks: Iterable[tuple[str, IPv4Network]]) -> Iterator[str]:
    """Pairs that overlap, found in one pass over blocks in the order of their first address."""
    ordered = sorted(blocks, key=lambda b: (int(b[1].network_address), int(b[1].broadcast_address)))
    widest: tuple[str, IPv4Network] | None = None
    for name, block in ordered:
        if widest is not None and block.overlaps(widest[1]):
            yield _("{first} ({first_cidr}) and {second} ({second_cidr}) overlap",
                    first=widest[0], first_cidr=widest[1], second=name, second_cidr=block)  # fmt: skip
        if widest is None or int(block.broadcast_address) > int(widest[1].broadcast_address):
            widest = (name, block)


def _outside(plan: AddressPlan) -> Iterator[str]:
    yield from _overlaps((f"pools.{name}", IPv4Network(pool.cidr)) for name, pool in plan.pools.items())
    for zone, allocation in plan.allocations.items():
        pool = plan.pools.get(allocation.pool)
        if pool is None or not IPv4Network(allocation.cidr).subnet_of(IPv4Network(pool.cidr)):
            yield _("{zone}: {cidr} is not in pool {pool}", zone=zone, cidr=allocation.cidr, pool=allocation.pool)
