"""Several previews as one answer: one that fails never hides the others, and never passes for green."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inventory.problems import Exit, NotFound, Problem, UserError
from inventory.workspace import Workspace
from stacks.language import _
from stacks.run.gate import Judged, judged
from stacks.run.note import note_data, write_note
from stacks.run.preview import Preview, preview
from stacks.run.problems import problem
from stacks.run.target import Target

if TYPE_CHECKING:
    from stacks.engine import Engine


@dataclass(slots=True)
class Previews:
    """What the gate said, what would change, what went wrong."""

    judgements: list[Judged] = field(default_factory=list)
    previews: list[Preview] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def exit_code(self, expect_no_changes: bool) -> Exit:
        """The gravest of what happened: a refusal, then a failure, then changes where none were expected."""
        if Exit.GOVERNANCE in self.codes:
            return Exit.GOVERNANCE
        if self.codes:
            return Exit(self.codes[0])
        if expect_no_changes and any(made.changes for made in self.previews):
            return Exit.CHANGES
        return Exit.OK

    def as_dict(self) -> dict[str, Any]:
        """The previews for JSON."""
        return {
            "verdicts": [judgement.verdict.as_dict() for judgement in self.judgements],
            "stacks": [made.as_dict() for made in self.previews],
            "problems": [problem.as_dict() for problem in self.problems],
        }

    def write_note(self, path: Path, workspace: Workspace, as_of: date) -> None:
        """Write the note for a merge request; it is written whatever the verdict."""
        failed = bool(self.codes)
        write_note(path, workspace, note_data(as_of, self.judgements, self.previews, failed))


def preview_all(
    targets: Sequence[Target],
    engine: Engine | None,
    *,
    without_state: bool = False,
) -> Previews:
    """Judge then preview each target; the engine is never started for one that the gate refuses.

    Raises:
        NotFound: there is nothing to preview (``RUN-006``).
    """
    if not targets:
        raise NotFound(
            problem(
                "RUN-006", _("this workspace has no zone to preview"), hint=_("make them with: francecloud zones make")
            )
        )
    result = Previews()
    for target in targets:
        try:
            judgement = judged(target)
            result.judgements.append(judgement)
            result.problems += judgement.verdict.notices
            if not judgement.verdict.allowed:
                result.problems += judgement.verdict.refusals
                result.codes.append(Exit.GOVERNANCE)
                continue
            made = preview(target, engine, without_state=without_state)
            told = {notice.text() for notice in judgement.verdict.notices}
            result.previews.append(replace(made, warnings=tuple(w for w in made.warnings if w not in told)))
        except UserError as error:
            result.problems += error.problems
            result.codes.append(error.exit_code)
    return result
