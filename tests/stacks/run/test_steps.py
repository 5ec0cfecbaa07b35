"""The engine's events, read as steps: what is counted, what is shown, what is never shown."""

from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation.events import DiffKind, OpType, PropertyDiff

from stacks.run.steps import SECRET_MARK, UNKNOWN, Account, at, shown

URN = "urn:pulumi:z::landing_zone::openstack:networking/network:Network::réseau"
NETWORK = "openstack:networking/network:Network"


def event(**what: Any) -> Any:
    names = ("diagnostic_event", "resource_pre_event", "res_outputs_event", "res_op_failed_event", "summary_event")
    return SimpleNamespace(**{**dict.fromkeys(names), **what})


def meant(op: OpType, **more: Any) -> Any:
    content = {
        "op": op,
        "urn": URN,
        "type": NETWORK,
        "old": None,
        "new": None,
        "detailed_diff": {},
        "diffs": [],
        **more,
    }
    return SimpleNamespace(metadata=SimpleNamespace(**content))


def test_a_replacement_is_counted_once() -> None:
    account = Account()
    for op in (OpType.CREATE_REPLACEMENT, OpType.REPLACE, OpType.DELETE_REPLACED, OpType.CREATE, OpType.SAME):
        account.hear(event(resource_pre_event=meant(op)))
    assert account.counts() == {"create": 1, "update": 0, "delete": 0, "replace": 1, "same": 1}


def test_a_refresh_is_read_from_what_came_out() -> None:
    account = Account(outcome=True)
    account.hear(event(resource_pre_event=meant(OpType.REFRESH)))
    account.hear(event(res_outputs_event=meant(OpType.DELETE)))
    assert [step.op for step in account.steps] == ["delete"]


def test_a_change_tells_what_moves_and_keeps_secrets() -> None:
    difference = {"name": PropertyDiff(DiffKind.UPDATE, False), "key": PropertyDiff(DiffKind.UPDATE, False)}
    old = SimpleNamespace(outputs={"name": "avant", "key": {SECRET_MARK: "1b47", "ciphertext": "x"}}, inputs={})
    new = SimpleNamespace(inputs={"name": "après", "key": UNKNOWN}, outputs={})
    account = Account()
    account.hear(event(resource_pre_event=meant(OpType.UPDATE, detailed_diff=difference, old=old, new=new)))
    [step] = account.steps
    assert (step.kind, step.name) == ("networking/Network", "réseau")
    told = {change.path: (change.before, change.after) for change in step.changes}
    assert told == {"name": ("avant", "après"), "key": ("[secret]", "?")}


def test_errors_are_kept_once_without_colours() -> None:
    account = Account()
    message = SimpleNamespace(severity="error", message="<{%fg 1%}>quota dépassé<{%reset%}>\n")
    for _time in range(2):
        account.hear(event(diagnostic_event=message))
    account.hear(event(diagnostic_event=SimpleNamespace(severity="debug", message="bruit")))
    account.hear(event(res_op_failed_event=SimpleNamespace(metadata=SimpleNamespace(urn=URN))))
    assert account.errors == ["quota dépassé"]
    assert account.failed == [URN]
    assert not account.ended


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (2.0, "2"),
        ([1.0, "a"], "[1, 'a']"),
        ([UNKNOWN], "?"),
        (True, "True"),
        ("x" * 200, "x" * 117 + "…"),
    ],
)
def test_values_are_short_and_whole(value: object, text: str | None) -> None:
    assert shown(value) == text


def test_paths_reach_into_lists_and_maps() -> None:
    properties = {"a": [{"b": 1}], "metadata": {"francecloud:zone": "z"}}
    assert at(properties, "a[0].b") == 1
    assert at(properties, 'metadata["francecloud:zone"]') == "z"
    assert at(properties, "a[3].b") is None
