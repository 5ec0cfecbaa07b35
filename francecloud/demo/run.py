"""The whole chain on the sample, through the very verbs a person would type."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from francecloud.demo.sample import SOURCES, lay_sample
from francecloud.language import _
from francecloud.scaffold import is_workspace, lay_workspace
from inventory.language import language
from inventory.problems import Exit, InvalidInput, Problem, UserError

AS_OF = "2026-11-23"
"""The day the sample is judged at: some qualifications lapse a week later."""

NOTE = "reports/preview.md"
_COMMITTED_ON = f"{AS_OF}T12:00:00+0000"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """A verb that was run: its words, its exit code, what it answered and how long it took."""

    words: tuple[str, ...]
    code: int
    answer: Any
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What the demo did and found."""

    root: Path
    steps: list[Step] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    zones: list[str] = field(default_factory=list)
    previewed: str | None = None

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return sum(step.seconds for step in self.steps)

    def answer(self, verb: str) -> Any:
        """What the last step of *verb* answered."""
        return next((s.answer for s in reversed(self.steps) if s.words[0] == verb), None)

    def as_dict(self) -> dict[str, Any]:
        """The outcome for ``--json``."""
        return {
            "workspace": str(self.root),
            "as_of": AS_OF,
            "seconds": round(self.seconds, 2),
            "found": self.found,
            "zones": self.zones,
            "previewed": self.previewed,
            "steps": [
                {"command": f"francecloud {' '.join(s.words)}", "code": s.code, "seconds": round(s.seconds, 2)}
                for s in self.steps
            ],
        }


def run_demo(root: Path, say: Say) -> Outcome:
    """Run every verb on the sample in *root*, a new folder, an empty one or the demo of before.

    Raises:
        InvalidInput: *root* holds something else (``FRC-002``).
        UserError: a verb refused what it was given; the sample or the installation is at fault.
    """
    _refuse_to_mix(root)
    outcome = Outcome(root)
    started = time.monotonic()
    lay_workspace(root)
    sources = lay_sample(root)
    outcome.steps.append(Step(("init", str(root)), Exit.OK, None, time.monotonic() - started))
    here = ("--workspace", str(root))
    _verb(outcome, say, "import", *map(str, sources), *here, "--json")
    _verb(outcome, say, "check", *here, "--json")
    _verb(outcome, say, "analyse", *here, "--as-of", AS_OF, "--json")
    _verb(outcome, say, "report", *here, "--json")
    outcome.found = _found(root)
    _verb(outcome, say, "zones", "make", *here, "--as-of", AS_OF, "--json")
    outcome.zones = sorted(path.stem for path in (root / "zones").glob("*.yaml"))
    if outcome.zones:
        outcome.previewed = _zone_to_show(root, outcome.zones)
        _verb(outcome, say, "preview", outcome.previewed, *here, "--as-of", AS_OF,
              "--note", str(root / NOTE), "--json", accept=(Exit.OK, Exit.GOVERNANCE))  # fmt: skip
    _first_commit(root)
    return outcome


def _refuse_to_mix(root: Path) -> None:
    foreign = any(root.iterdir()) and not is_workspace(root) if root.is_dir() else False
    sources = root / "sources"
    if sources.is_dir():
        ours = {*SOURCES, ".gitkeep"}
        foreign = foreign or any(p.name not in ours and ".mapping." not in p.name for p in sources.iterdir())
    if foreign:
        raise InvalidInput(
            Problem(
                code="FRC-002",
                message=_("{path} holds something else than the demonstration", path=root),
                hint=_("give a new folder: francecloud demo DIR"),
            )
        )


def _verb(outcome: Outcome, say: Say, *words: str, accept: Sequence[int] = (Exit.OK,)) -> None:
    """Run a verb as the command line does, keeping what it answers."""
    from francecloud.main import run

    say(f"francecloud {' '.join(w for w in words if w != '--json')}")
    heard = StringIO()
    started = time.monotonic()
    with redirect_stdout(heard):
        code = run([*words, "--lang", language()])
    text = heard.getvalue()
    answer = json.loads(text) if text.strip() else None
    outcome.steps.append(Step(words, code, answer, time.monotonic() - started))
    if code not in accept:
        raise UserError(
            Problem(
                code="FRC-003",
                message=_("“{verb}” ended with code {code} on the bundled sample", verb=words[0], code=code),
                hint=_("the messages above say why; francecloud explain CODE says more"),
            )
        )


def _found(root: Path) -> dict[str, Any]:
    from rationalise.proposal import read_proposal
    from rationalise.report.tables import standing, support

    proposal = read_proposal(root / "proposal")
    states = {row["key"]: row["count"] for row in support(proposal["servers"])}
    return {
        **standing(proposal["applications"]),
        "servers": proposal["servers"].height,
        "unsupported": states.get("ended", 0) + states.get("extended", 0),
        "questions": proposal["questions"].height,
    }


def _zone_to_show(root: Path, zones: Sequence[str]) -> str:
    """The zone that holds the most applications: the one that shows the most."""
    import yaml

    def weight(zone: str) -> int:
        document = yaml.safe_load((root / "zones" / f"{zone}.yaml").read_bytes())
        return len(document.get("applications") or ())

    return max(zones, key=lambda zone: (weight(zone), zone))


def _first_commit(root: Path) -> None:
    """Commit what was made, once, so that ``diff`` has something to compare an edit with."""
    if shutil.which("git") is None or not (root / ".git").exists():
        return
    git = ["git", "-C", str(root), "-c", "user.name=francecloud demo", "-c", "user.email=demo@exemple.invalid"]
    if subprocess.run([*git, "rev-parse", "--verify", "--quiet", "HEAD"], capture_output=True, check=False).returncode:
        subprocess.run([*git, "add", "--all"], capture_output=True, check=False)
        subprocess.run(
            [*git, "commit", "--quiet", "--date", _COMMITTED_ON, "--message", "Sample"],
            capture_output=True,
            check=False,
        )
