"""A quota that a killed run still fills is waited for; any other full quota is said at once."""

import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation import CommandError

from stacks.run import changes
from stacks.run.problems import EngineFailed, problem


@pytest.fixture
def tried(target: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``tried(full, settled)``: a stack whose first *full* runs meet a full quota; it counts runs and recoveries."""
    monkeypatch.setattr(changes.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(changes, "_live", lambda _session: False)
    monkeypatch.setattr(changes, "failure", lambda *_: EngineFailed(problem("RUN-030", "plein")))

    def stack(full: int, settled: list[str]) -> Any:
        def run(_verb: str, account: Any, *_words: Any, **_options: Any) -> None:
            made.runs += 1
            if made.runs <= full:
                account.errors.append("409 OverQuota")
                raise CommandError(SimpleNamespace(stdout="", stderr="", code=1))
            account.ended = True

        def recover(*_words: Any) -> list[str]:
            made.recoveries += 1
            return settled if made.recoveries == 1 else []

        made = SimpleNamespace(target=target, runs=0, recoveries=0, run=run, command=SimpleNamespace(started=None),
                               export=lambda: {"deployment": {}})  # fmt: skip
        monkeypatch.setattr(changes, "opened", lambda *_words, **_options: contextlib.nullcontext(made))
        monkeypatch.setattr(changes, "recover", recover)
        return made

    return stack


def test_after_a_kill_it_is_tried_again(tried: Any, target: Any, said: list[str]) -> None:
    stack = tried(2, ["a network"])
    changes.deploy(target, None, "mark", said.append)  # type: ignore[arg-type]
    assert (stack.runs, len(said)) == (3, 2)
    assert stack.recoveries == 3, "what a failed try left in doubt is looked up before the next forgets it"


def test_without_a_kill_it_is_said_at_once(tried: Any, target: Any, said: list[str]) -> None:
    stack = tried(2, [])
    with pytest.raises(EngineFailed):
        changes.deploy(target, None, "mark", said.append)  # type: ignore[arg-type]
    assert (stack.runs, said) == (1, [])
