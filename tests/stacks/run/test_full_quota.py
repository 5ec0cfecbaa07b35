"""A quota that a killed run still fills is waited for; any other full quota is said at once."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation import CommandError

from stacks.run import changes
from stacks.run.problems import EngineFailed, problem


@pytest.fixture
def tried(target: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``tried(n)``: a session whose first *n* runs meet a full quota; it counts them."""
    monkeypatch.setattr(changes.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(changes, "_live", lambda _session: False)
    monkeypatch.setattr(changes, "failure", lambda *_: EngineFailed(problem("RUN-030", "plein")))

    def session(full: int) -> Any:
        def run(_verb: str, account: Any, *_words: Any, **_options: Any) -> None:
            made.runs += 1
            if made.runs <= full:
                account.errors.append("409 OverQuota")
                raise CommandError(SimpleNamespace(stdout="", stderr="", code=1))

        made = SimpleNamespace(target=target, runs=0, run=run, command=SimpleNamespace(started=None),
                               export=lambda: {"deployment": {}})  # fmt: skip
        return made

    return session


def test_after_a_kill_it_is_tried_again(tried: Any, said: list[str]) -> None:
    session = tried(2)
    changes._up(session, None, said.append, None, None, until=time.monotonic() + 60)
    assert (session.runs, len(said)) == (3, 2)


def test_without_a_kill_it_is_said_at_once(tried: Any, said: list[str]) -> None:
    session = tried(2)
    with pytest.raises(EngineFailed):
        changes._up(session, None, said.append, None, None, until=0)
    assert (session.runs, said) == (1, [])
