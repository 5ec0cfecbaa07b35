"""What the engine's refusals become: a lock names its holder, the program's own words stand, traces stay inside."""

from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation import CommandResult
from pulumi.automation.errors import create_command_error

from inventory.problems import InvalidInput, Problem
from stacks.run.failures import failure
from stacks.run.steps import Account

LOCKED = """error: the stack is currently locked by 1 lock(s).
  s3://etats/.pulumi/locks/x.json: created by marie@ailleurs (pid 4242) at 2026-11-23T09:12:01Z"""


def refused(target: Any, said: str = "", refusals: tuple[Any, ...] = (), **account: Any) -> Any:
    error = create_command_error(CommandResult(stdout="", stderr=said, code=1))
    return failure(SimpleNamespace(target=target, refusals=list(refusals)), error, Account(**account))  # type: ignore[arg-type]


def test_a_lock_taken_meanwhile_names_who_holds_it(target: Any) -> None:
    raised = refused(target, LOCKED)
    assert (raised.exit_code, raised.problems[0].code) == (4, "RUN-011")
    assert "marie" in raised.problems[0].message
    assert "4242" in raised.problems[0].message


def test_the_program_s_own_refusal_stands_as_it_is(target: Any) -> None:
    own = InvalidInput(Problem(code="ZON-020", message="pas de nuage"))
    assert refused(target, refusals=(own,), errors=["bruit"]) is own


def test_every_error_is_told_and_what_was_not_done_is_named(target: Any) -> None:
    raised = refused(target, errors=["quota dépassé", "update failed"], failed=["urn:pulumi:z::p::t::réseau"])
    assert [problem.code for problem in raised.problems] == ["RUN-030", "RUN-031"]
    assert "quota dépassé" in raised.problems[0].message
    assert "réseau" in raised.problems[1].message


@pytest.mark.parametrize("said", ["Traceback (most recent call last)", "Traceback"])
def test_a_trace_never_reaches_the_person_when_a_sentence_does(target: Any, said: str) -> None:
    raised = refused(target, errors=["program failed: aïe\nTraceback (most recent call last):\n  File x"])
    assert said not in raised.problems[0].message
    assert "aïe" in raised.problems[0].message
