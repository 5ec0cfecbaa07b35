"""A creation told as failed: what it made all the same is removed; what is not surely ours is left alone."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stacks.run.recovery.doubtful import doubtful, remove_doubtful
from stacks.run.recovery.settle import Clouds
from stacks.run.recovery.verdict import Act

sys.path.insert(0, str(Path(__file__).parent))
from fakes import MARK, cloud

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PROVIDER = "urn:pulumi:z::p::pulumi:providers:openstack::nuage"
NETWORK = "openstack:networking/network:Network"
STATE = {"deployment": {"resources": [{"urn": PROVIDER, "type": "pulumi:providers:openstack", "inputs": {}}]}}


def failed(kind: str = NETWORK, op: str = "create", *, custom: bool = True) -> Any:
    new = SimpleNamespace(urn=f"urn:pulumi:z::p::{kind}::essai", type=kind, custom=custom, provider=f"{PROVIDER}::abc",
                          inputs={"name": "essai", "tags": [MARK]})  # fmt: skip
    return SimpleNamespace(op=SimpleNamespace(value=op), new=new)


def sweep(objects: list[dict[str, Any]], kind: str = NETWORK, state: Any = STATE) -> tuple[Any, Any, list[str]]:
    removed: list[tuple[str, str]] = []
    said: list[str] = []
    here = Clouds(state, state, lambda inputs: cloud(removed, network={"networks": objects}))
    entry = doubtful(failed(kind))
    assert entry is not None
    settled = remove_doubtful(state, [entry], mark=MARK, began=BEGAN, say=said.append, clouds=here, settling=0)
    return settled, removed, said


def test_what_the_failed_creation_made_is_removed_and_said() -> None:
    [settled], removed, [line] = sweep([{"id": "i", "name": "essai"}])
    assert (settled.act, settled.id) == (Act.REMAKE, "i")
    assert removed == [("delete_network", "i")]
    assert "essai" in line
    assert "i " in line


@pytest.mark.parametrize(
    "there",
    [
        pytest.param([], id="nothing was made"),
        pytest.param([{"id": "i", "name": "essai", "created_at": "2026-11-23T09:00:00Z"}], id="older"),
        pytest.param([{"id": "i", "name": "essai", "project_id": "eux"}], id="of another project"),
    ],
)
def test_nothing_else_is_touched(there: list[dict[str, Any]]) -> None:
    assert sweep(there) == ([], [], [])


def test_what_may_be_somebody_else_s_is_named_and_left_alone() -> None:
    settled, removed, [line] = sweep([{"id": "i", "name": "essai", "tags": [], "description": ""}])
    assert (settled, removed) == ([], [])
    assert "i" in line


def test_a_kind_that_cannot_be_looked_up_is_named() -> None:
    settled, removed, [line] = sweep([], kind="openstack:dns/zone:Zone")
    assert (settled, removed) == ([], [])
    assert "dns" in line


def test_a_cloud_that_cannot_be_asked_stops_nothing() -> None:
    settled, removed, said = sweep([], state={"deployment": {"resources": []}})
    assert (settled, removed, len(said)) == ([], [], 1)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(failed(op="update"), id="an update"),
        pytest.param(failed(op="delete"), id="a deletion"),
        pytest.param(failed("francecloud:zone:Zone", custom=False), id="a component"),
        pytest.param(failed("pulumi:providers:openstack"), id="a provider"),
    ],
)
def test_what_makes_nothing_leaves_no_doubt(step: Any) -> None:
    assert doubtful(step) is None
