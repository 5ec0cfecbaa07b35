"""Turn the engine's refusals into problems a person can act on."""

from __future__ import annotations

from pulumi.automation import CommandError, ConcurrentUpdateError, InlineSourceRuntimeError

from inventory.problems import Exit, UserError
from stacks.language import _
from stacks.run.locks import held_by, locks_in
from stacks.run.problems import Busy, EngineFailed, problem
from stacks.run.session import Session
from stacks.run.steps import Account, name_of


def failure(session: Session, error: CommandError, account: Account) -> UserError:
    """What the engine's non-zero exit means: the program's own refusal, else every error told and what failed."""
    if session.refusals:
        return session.refusals[-1]
    held = locks_in(str(error)) if isinstance(error, ConcurrentUpdateError) else []
    if held:
        return Busy(*(held_by(session.target, lock) for lock in held))
    target = session.target
    said = account.errors or [_last_words(error)]
    texts = [_without_traceback(text) for text in said if not _summary(text)]
    problems = [problem("RUN-030", _("{label}: {text}", label=target.label, text=text)) for text in texts]
    if account.failed:
        names = ", ".join(sorted({name_of(urn) for urn in account.failed}))
        problems.append(
            problem(
                "RUN-031",
                _("{label}: not done: {names}", label=target.label, names=names),
                hint=_("what was done is recorded; mend the cause and run the same command again"),
            )
        )
    raised = EngineFailed(*(problems or [problem("RUN-030", f"{target.label}: {_last_words(error)}")]))
    if isinstance(error, InlineSourceRuntimeError) and not account.failed:
        raised.exit_code = Exit.GENERIC
    return raised


def _without_traceback(text: str) -> str:
    head, found, _trace = text.partition("Traceback (most recent call last)")
    return head.strip() if found and head.strip() else text


def _summary(text: str) -> bool:
    """The engine's closing sentences, which name no cause."""
    return text in ("update failed", "preview failed", "resource registration failed")


def _last_words(error: CommandError) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return "\n".join(lines[-15:])
