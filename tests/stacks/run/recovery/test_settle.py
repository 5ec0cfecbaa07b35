"""From a state with unfinished creations to one without, or to a question; nothing in between."""

import copy
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stacks.run.problems import Unsure
from stacks.run.recovery.settle import settle
from stacks.run.recovery.verdict import Act

sys.path.insert(0, str(Path(__file__).parent))
from fakes import MARK, cloud

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PROVIDER = "urn:pulumi:z::p::pulumi:providers:openstack::nuage"
NETWORK = "openstack:networking/network:Network"


def creation(name: str, kind: str = NETWORK, **inputs: Any) -> dict[str, Any]:
    return {
        "type": "creating",
        "resource": {
            "urn": f"urn:pulumi:z::p::{kind}::{name}", "custom": True, "type": kind, "provider": f"{PROVIDER}::abc",
            "inputs": {"__defaults": [], "name": name, **inputs}, "dependencies": [],
        },
    }  # fmt: skip


def deployment(*pending: dict[str, Any], resources: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    provider = {"urn": PROVIDER, "type": "pulumi:providers:openstack", "id": "abc", "inputs": {"cloud": "nuage"}}
    return {"version": 3, "deployment": {"resources": [provider, *resources], "pending_operations": list(pending)}}


def run(state: dict[str, Any], here: Any, **options: Any) -> Any:
    asked: list[Any] = []

    def connect_to(inputs: Any) -> Any:
        asked.append(inputs)
        return here

    said: list[str] = []
    result = settle(state, mark=MARK, began=BEGAN, say=said.append, connect_to=connect_to, settling=0, **options)
    assert asked in ([], [{"cloud": "nuage"}]), "one connection, as the provider of the state reaches its cloud"
    return *result, said


def test_an_object_that_exists_enters_the_state_with_what_was_asked() -> None:
    state = deployment(creation("essai", tags=[MARK]))
    untouched = copy.deepcopy(state)
    mended, [settled], said = run(state, cloud(network={"networks": [{"id": "i", "name": "essai"}]}))
    assert state == untouched
    assert settled.act is Act.ADOPT
    assert "pending_operations" not in mended["deployment"]
    entry = mended["deployment"]["resources"][-1]
    assert entry["id"] == "i"
    assert entry["outputs"] == {"name": "essai", "tags": [MARK], "id": "i"}
    assert entry["inputs"] == {"__defaults": [], "name": "essai", "tags": [MARK]}
    assert any("essai" in line for line in said)


def test_an_object_that_does_not_exist_is_forgotten() -> None:
    mended, [settled], _said = run(deployment(creation("essai")), cloud())
    assert settled.act is Act.FORGET
    assert len(mended["deployment"]["resources"]) == 1


def test_two_that_fit_stop_everything_and_name_them() -> None:
    twins = [{"id": "a", "name": "essai"}, {"id": "b", "name": "essai"}]
    state = deployment(creation("sûr"), creation("essai"))
    with pytest.raises(Unsure) as caught:
        run(state, cloud(network={"networks": [*twins, {"id": "c", "name": "sûr"}]}))
    [problem] = caught.value.problems
    assert caught.value.exit_code == 4
    assert problem.code == "RUN-020"
    assert "a (" in problem.message
    assert "b (" in problem.message


def test_every_question_is_asked_at_once() -> None:
    state = deployment(creation("un"), creation("deux", "openstack:dns/zone:Zone"))
    with pytest.raises(Unsure) as caught:
        run(state, cloud(network={"networks": [{"id": "a", "name": "un", "tags": [], "description": ""}]}))
    assert [problem.code for problem in caught.value.problems] == ["RUN-020", "RUN-021"]


def test_a_cloud_that_cannot_be_asked_stops_everything() -> None:
    def nobody(inputs: Any) -> Any:
        raise ConnectionError("refused")

    with pytest.raises(Unsure) as caught:
        settle(deployment(creation("essai")), mark=MARK, began=BEGAN, say=print, connect_to=nobody, settling=0)
    assert [problem.code for problem in caught.value.problems] == ["RUN-022"]


def test_what_is_shown_only_once_is_deleted_and_made_again() -> None:
    removed: list[tuple[str, str]] = []
    kind = "openstack:identity/applicationCredential:ApplicationCredential"
    here = cloud(removed, identity={"application_credentials": [{"id": "i", "name": "ci"}]})
    here.identity.delete_application_credential = lambda user, identity, **_: removed.append((user, identity))
    mended, [settled], _said = run(deployment(creation("ci", kind)), here)
    assert settled.act is Act.REMAKE
    assert removed == [("moi", "i")]
    assert len(mended["deployment"]["resources"]) == 1


def test_the_new_half_of_a_replacement_is_made_again() -> None:
    removed: list[tuple[str, str]] = []
    old = {**creation("essai")["resource"], "id": "vieux", "outputs": {}}
    here = cloud(removed, network={"networks": [{"id": "neuf", "name": "essai"}, {"id": "vieux", "name": "essai"}]})
    mended, [settled], _said = run(deployment(creation("essai"), resources=(old,)), here)
    assert (settled.act, settled.id) == (Act.REMAKE, "neuf")
    assert removed == [("delete_network", "neuf")]
    assert [r["id"] for r in mended["deployment"]["resources"]] == ["abc", "vieux"]


@pytest.mark.parametrize("kind", ["francecloud:landing:Storage", "pulumi:providers:openstack", "pulumi:pulumi:Stack"])
def test_what_is_on_no_cloud_is_simply_declared_again(kind: str) -> None:
    cut = creation("zone", kind)
    cut["resource"]["custom"] = kind.startswith("pulumi:providers")
    mended, [settled], said = run(deployment(cut), cloud())
    assert settled.act is Act.FORGET
    assert len(mended["deployment"]["resources"]) == 1
    assert said == []


def test_updates_and_deletions_are_left_to_the_refresh() -> None:
    there = {**creation("essai")["resource"], "id": "i", "outputs": {}}
    state = deployment(
        {"type": "updating", "resource": there}, {"type": "deleting", "resource": there}, resources=(there,)
    )
    mended, settled, _said = run(state, cloud())
    assert [s.act for s in settled] == [Act.FORGET, Act.FORGET]
    assert mended["deployment"]["resources"][-1] == there


def test_a_provider_s_secret_is_read_in_clear_and_never_kept() -> None:
    mark = "4dabf18193072939515e22adb298388d"
    sealed = {mark: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:xyz"}
    state, plain = deployment(creation("essai")), deployment()
    state["deployment"]["resources"][0]["inputs"]["password"] = sealed
    plain["deployment"]["resources"][0]["inputs"]["password"] = {**sealed, "plaintext": '"ouvre-toi"'}
    seen: list[Any] = []

    def connect_to(inputs: Any) -> Any:
        seen.append(inputs)
        return cloud()

    mended, _settled = settle(state, mark=MARK, began=BEGAN, say=lambda text: None, plain=plain,
                              connect_to=connect_to, settling=0)  # fmt: skip
    assert seen == [{"cloud": "nuage", "password": "ouvre-toi"}]
    assert "ouvre-toi" not in str(mended)
