"""The driver on a real OpenStack: every kind taken back, drift, down. Nothing left."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import every_kind
from killed import leave_unfinished, state

pytestmark = [pytest.mark.needs("engine", "lab"), pytest.mark.slow]
MARK = f"francecloud:zone={every_kind.NAME}"
REMADE = {"credential", "made-key"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from datetime import date

    from inventory.workspace import open_workspace
    from stacks.run.target import Target

    folder = tmp_path_factory.mktemp("espace")
    (folder / "francecloud.toml").touch()
    return Target(open_workspace(folder), "landing_zone", every_kind.NAME, date(2026, 11, 23))


def ids(target: Any) -> dict[str, str]:
    from stacks.run.session import stored

    state = stored(target)
    assert state is not None
    return {r["urn"].rpartition("::")[2]: r["id"] for r in state["deployment"]["resources"] if r.get("id")}


@pytest.fixture(scope="module")
def deployed(cloud: Any, image: str, stack: Any, engine: Any) -> Iterator[dict[str, Any]]:
    """The stack with every kind, deployed, told as killed while it made each of them, deployed again."""
    from stacks.run.changes import deploy, destroy
    from stacks.run.recovery.census import take_census

    def run() -> Any:
        return deploy(stack, engine, MARK, lambda text: None, program=lambda: every_kind.program({"image": image}))

    present, began = take_census(cloud), datetime.now(UTC)
    first = run()
    made, told = ids(stack), every_kind.census(cloud)
    leave_unfinished(stack, began, lambda resource: True, present)
    second, third = run(), run()
    yield {"first": first, "made": made, "census": told, "second": second, "third": third, "run": run}
    destroy(stack, engine, MARK, lambda text: None)
    assert not any(every_kind.census(cloud).values())


def kinds_of_the_program() -> list[str]:
    """The resources of the program, by name; asked of the program itself, à blanc."""
    from stacks.run.blank import declare

    found = declare("landing_zone", "essai", lambda: every_kind.program({"image": "i"}), {})
    return sorted(item.urn.rpartition("::")[2] for item in found if item.custom and "providers" not in item.type)


@pytest.mark.parametrize("name", kinds_of_the_program())
def test_a_creation_cut_short_is_settled(deployed: dict[str, Any], stack: Any, name: str) -> None:
    [settled] = [s for s in deployed["second"].settled if s.urn.endswith(f"::{name}")]
    assert settled.id == deployed["made"][name]
    assert settled.act == ("remake" if name in REMADE else "adopt")
    assert (ids(stack)[name] == settled.id) is (name != "credential")


def test_only_what_cannot_be_taken_in_is_made_again(deployed: dict[str, Any], cloud: Any) -> None:
    assert {step.name for step in deployed["second"].steps if step.op != "same"} == REMADE
    assert every_kind.census(cloud) == deployed["census"]


def test_a_run_more_changes_nothing(deployed: dict[str, Any]) -> None:
    assert not deployed["third"].changed
    assert deployed["third"].settled == ()


def test_what_is_changed_by_hand_is_seen_then_set_right(
    deployed: dict[str, Any], cloud: Any, stack: Any, engine: Any
) -> None:
    from stacks.run.drift import drift

    assert not drift(stack, engine).found
    made = deployed["made"]
    cloud.network.update_network(made["network"], name="renommé")
    cloud.network.delete_security_group_rule(made["rule"])
    by_hand = cloud.network.create_security_group_rule(
        security_group_id=made["group-of-rules"], direction="ingress", ethertype="IPv4", protocol="tcp",
        port_range_min=22, port_range_max=22, remote_ip_prefix="0.0.0.0/0",
    )  # fmt: skip
    found = drift(stack, engine)
    assert {(step.op, step.name) for step in found.steps if step.op != "same"} == {
        ("update", "network"),
        ("delete", "rule"),
    }
    [stray] = found.strays
    assert (stray.id, stray.group, stray.ports, stray.remote) == (by_hand.id, "group-of-rules", "22", "0.0.0.0/0")
    cloud.network.delete_security_group_rule(by_hand)
    deployed["run"]()
    assert not drift(stack, engine).found


def test_a_colleague_s_object_is_not_taken(deployed: dict[str, Any], cloud: Any, stack: Any) -> None:
    from stacks.run.problems import Unsure

    began = datetime.now(UTC)
    twin = cloud.network.create_router(name=every_kind.NAME)
    before = every_kind.census(cloud)
    kept = state(stack).read_text(encoding="utf-8")
    try:
        leave_unfinished(stack, began, lambda resource: resource["urn"].endswith("Router::router"))
        with pytest.raises(Unsure) as caught:
            deployed["run"]()
        assert caught.value.problems[0].code == "RUN-020"
        assert twin.id in caught.value.problems[0].message
        assert every_kind.census(cloud) == before
    finally:
        cloud.network.delete_router(twin)
        state(stack).write_text(kept, encoding="utf-8")
        stack.journal.unlink(missing_ok=True)
