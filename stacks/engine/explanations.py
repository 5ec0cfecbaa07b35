"""What ``francecloud explain ENG-…`` says."""

from __future__ import annotations

from inventory.problems import Explanation

EXPLANATIONS: dict[str, Explanation] = {}
