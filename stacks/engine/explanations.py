"""What ``francecloud explain ENG-…`` says."""

from __future__ import annotations

from inventory.problems import Explanation
from stacks.language import _

EXPLANATIONS: dict[str, Explanation] = {}
