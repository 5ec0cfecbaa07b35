"""What ``francecloud explain ENG-…`` says."""

from __future__ import annotations

from inventory.problems import Explanation
from stacks.language import _

EXPLANATIONS: dict[str, Explanation] = {
    "ENG-001": Explanation(lambda: _("There is no engine here"), lambda: _("Neither the official Pulumi in the right version nor one built here was found. Previews are then made without it, and say so.")),
    "ENG-002": Explanation(lambda: _("No Go to build the engine with"), lambda: _("Building takes a recent Go: from the machine, or from a Python package that carries one. Neither could be had.")),
    "ENG-003": Explanation(lambda: _("The engine could not be built"), lambda: _("A module could not be fetched or compiled. What was done is kept: run the installation again.")),
    "ENG-005": Explanation(lambda: _("The cache folder cannot be written"), lambda: _("The engine is kept in the user's cache folder. Give it one that can be written, with room for four gibibytes while building.")),
}  # fmt: skip
