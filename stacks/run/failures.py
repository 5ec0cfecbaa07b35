"""Turn the engine's refusals into problems a person can act on."""

from __future__ import annotations

from pulumi.automation import CommandError, InlineSourceRuntimeError

from inventory.problems import Exit, UserError
from stacks.language import _
from stacks.run.problems import EngineFailed, problem
from stacks.run.steps import Account, name_of
from stacks.run.target import Target


def failure(target: Target, error: CommandError, account: Account) -> UserError:
    """What the engine's non-zero exit means: every error it told, the resources it could not make."""
    said = account.errors or [_last_words(error)]
    problems = [
        problem("RUN-030", _("{label}: {text}", label=target.label, text=text)) for text in said if not _summary(text)
    ]
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


def _summary(text: str) -> bool:
    """The engine's closing sentences, which name no cause."""
    return text in ("update failed", "preview failed", "resource registration failed")


def _last_words(error: CommandError) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return "\n".join(lines[-15:])
