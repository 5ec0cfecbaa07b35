"""Room 2, what should become of it: the doctrine applied to an inventory, and the proposal that follows.

Everything here is a function from tables to tables; the day is always a parameter.
"""

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from rationalise.admission import Placement, RuleNote, placements
    from rationalise.analysis import analyse
    from rationalise.decisions import Decisions, load_decisions
    from rationalise.doctrine.catalogue import Doctrine, load_doctrine
    from rationalise.doctrine.evaluation import Evaluation, evaluate
    from rationalise.explain import explain_application
    from rationalise.proposal import Proposal, read_proposal, read_summary, write_proposal

__all__ = [
    "Decisions",
    "Doctrine",
    "Evaluation",
    "Placement",
    "Proposal",
    "RuleNote",
    "analyse",
    "evaluate",
    "explain_application",
    "load_decisions",
    "load_doctrine",
    "placements",
    "read_proposal",
    "read_summary",
    "write_proposal",
]

__getattr__ = public_face(
    __name__,
    {
        "analyse": "analysis",
        "Decisions": "decisions",
        "load_decisions": "decisions",
        "Doctrine": "doctrine.catalogue",
        "load_doctrine": "doctrine.catalogue",
        "Evaluation": "doctrine.evaluation",
        "evaluate": "doctrine.evaluation",
        "explain_application": "explain",
        "Placement": "admission",
        "RuleNote": "admission",
        "placements": "admission",
        "Proposal": "proposal",
        "read_proposal": "proposal",
        "read_summary": "proposal",
        "write_proposal": "proposal",
    },
)
