"""The ordinary ``pulumi`` command, in a folder, as somebody without our command uses it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from chain import Answer, environment


def pulumi(engine: Any, *words: str, cwd: Path, clouds: Path | None = None, timeout: float = 300) -> Answer:
    """Run ``pulumi`` with what ``francecloud engine env`` gives, non-interactively."""
    env = engine.environment(environment(clouds))
    done = subprocess.run(["pulumi", *words, "--non-interactive"], cwd=cwd, env=env, capture_output=True, text=True,
                          timeout=timeout, check=False)  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)
