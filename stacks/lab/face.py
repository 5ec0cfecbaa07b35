"""Two questions others ask about the lab: is it up, and how is it reached?"""

from __future__ import annotations

from pathlib import Path

from stacks.lab.health import FAILURES, api_answers, record_of
from stacks.lab.processes import alive
from stacks.lab.services import CORE, INFRASTRUCTURE
from stacks.lab.settings import lab_base, recorded_lab


def lab_is_up(base: Path | None = None) -> bool:
    """Whether every core service of the lab runs and Keystone answers; takes milliseconds."""
    lab = recorded_lab(base)
    if lab is None or not all(alive(record_of(lab, name)) for name in (*INFRASTRUCTURE, *CORE)):
        return False
    try:
        return api_answers(lab, "keystone", "/v3", timeout=2)
    except FAILURES:
        return False


def lab_clouds_file(base: Path | None = None) -> Path:
    """The ``clouds.yaml`` of the lab, with clouds ``lab`` and ``lab-system``; there once it was up."""
    return (lab_base() if base is None else base.resolve()) / "clouds.yaml"
