"""The address plan: nothing overlaps, nothing moves."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory.problems import InvalidInput
from inventory.workspace import Workspace
from stacks.documents import body_of, parse_document
from stacks.plan import (
    AddressPlan,
    Full,
    Pool,
    PoolName,
    Reserved,
    allocate,
    check_zone,
    default_plan,
    read_plan,
    write_plan,
)
from stacks.zone import Zone

POOLS: tuple[PoolName, ...] = ("rie", "internet", "interne")
names = st.integers(0, 11).map(lambda n: f"zone-{n}")
demands = st.dictionaries(names, st.sampled_from(POOLS), max_size=8)
SMALL = AddressPlan(
    pools={
        "rie": Pool(cidr="10.0.0.0/20", transit="10.9.0.0/24"),
        "internet": Pool(cidr="10.1.0.0/20", prefix=23, transit="10.9.1.0/24"),
        "interne": Pool(cidr="10.2.0.0/20", transit="10.9.2.0/24"),
    },
    reserved=(Reserved(cidr="10.0.1.0/25", reason="ancien réseau"), Reserved(cidr="10.1.0.0/22", reason="baie")),
)


def blocks(plan: AddressPlan) -> list[IPv4Network]:
    return [IPv4Network(a.cidr) for a in plan.allocations.values()]


def room(plan: AddressPlan, name: str) -> int:
    """How many networks a pool can give at once, counted apart from how they are given."""
    pool = plan.pools[name]  # type: ignore[index]
    taken = [IPv4Network(r.cidr) for r in plan.reserved]
    every = IPv4Network(pool.cidr).subnets(new_prefix=pool.prefix)
    return sum(not any(network.overlaps(t) for t in taken) for network in every)


@settings(max_examples=150, deadline=None)
@given(st.lists(demands, min_size=1, max_size=6))
@example([dict.fromkeys((f"zone-{n}" for n in range(7)), "internet")])
@example([dict.fromkeys((f"zone-{n}" for n in range(6)), "internet"), {"autre": "internet"}])
def test_no_network_overlaps_and_none_moves_while_its_zone_stays(history: list[dict[str, PoolName]]) -> None:
    plan = SMALL
    for wanted in history:
        if any(list(wanted.values()).count(name) > room(plan, name) for name in plan.pools):
            with pytest.raises(Full):
                allocate(plan, wanted)
            continue
        before, plan = plan, allocate(plan, wanted)
        assert set(plan.allocations) == set(wanted)
        for zone, allocation in plan.allocations.items():
            pool = plan.pools[wanted[zone]]
            assert allocation.pool == wanted[zone]
            assert IPv4Network(allocation.cidr).subnet_of(IPv4Network(pool.cidr))
            assert IPv4Network(allocation.cidr).prefixlen == pool.prefix
            old = before.allocations.get(zone)
            if old is not None and old.pool == allocation.pool:
                assert allocation == old
        taken = [*blocks(plan), *(IPv4Network(r.cidr) for r in plan.reserved)]
        assert not any(a.overlaps(b) for i, a in enumerate(taken) for b in taken[i + 1 :])
        assert parse_document(body_of(plan), AddressPlan, code="ZON-008", file="plan") == plan


def test_a_zone_that_comes_back_finds_its_network_again() -> None:
    first = allocate(default_plan(), {"a": "rie", "b": "rie"})
    without = allocate(first, {"b": "rie", "c": "rie"})
    back = allocate(without, {"a": "rie", "b": "rie", "c": "rie"})
    assert back.allocations["a"] == first.allocations["a"]
    assert back.allocations["b"] == first.allocations["b"]
    assert back.allocations["c"] == without.allocations["c"]


def test_a_full_pool_takes_back_what_was_set_aside_then_says_so() -> None:
    tight = SMALL.model_copy(
        update={
            "pools": {**SMALL.pools, "rie": Pool(cidr="10.0.4.0/23", transit="10.9.0.0/24")},
            "reserved": (),
        }
    )
    plan = allocate(tight, {"a": "rie", "b": "rie"})
    plan = allocate(plan, {"b": "rie"})
    plan = allocate(plan, {"b": "rie", "c": "rie"})
    assert "a" not in plan.released
    with pytest.raises(Full, match="ZON-030"):
        allocate(plan, {"b": "rie", "c": "rie", "d": "rie"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (
            "allocations",
            {"a": {"pool": "rie", "cidr": "10.128.0.0/24"}, "b": {"pool": "rie", "cidr": "10.128.0.128/25"}},
        ),
        ("allocations", {"a": {"pool": "rie", "cidr": "10.144.0.0/24"}}),
        ("allocations", {"a": {"pool": "rie", "cidr": "10.128.0.1/24"}}),
        ("reserved", [{"cidr": "10.176.0.0/16", "reason": "x"}]),
    ],
)
def test_a_plan_that_overlaps_is_refused(workspace: Workspace, field: str, value: Any) -> None:
    import yaml

    content = {**yaml.safe_load(body_of(default_plan())), field: value}
    (workspace.root / "address-plan.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(InvalidInput, match="ZON-008"):
        read_plan(workspace)


def test_one_wide_block_is_found_among_many() -> None:
    plan = allocate(default_plan(), {f"z-{n}": "rie" for n in range(40)})
    content = plan.model_dump()
    content["allocations"]["large"] = {"pool": "rie", "cidr": "10.128.0.0/20"}
    with pytest.raises(ValueError, match="large"):
        AddressPlan.model_validate(content)


def test_a_zone_keeps_to_the_plan(workspace: Workspace, document: dict[str, Any]) -> None:
    zone = Zone.model_validate(_tuples(document))
    check_zone(workspace, zone)
    plan = allocate(default_plan(), {zone.name: "rie", "autre": "rie"})
    write_plan(workspace, plan)
    given_cidr = plan.allocations[zone.name].cidr
    network = zone.network.model_copy(update={"cidr": given_cidr})
    check_zone(workspace, zone.model_copy(update={"network": network}))
    moved = zone.network.model_copy(update={"cidr": plan.allocations["autre"].cidr})
    with pytest.raises(InvalidInput, match="ZON-031"):
        check_zone(workspace, zone.model_copy(update={"network": moved}))


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
