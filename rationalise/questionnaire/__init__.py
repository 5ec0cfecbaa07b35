"""The case-by-case analysis of article 31 as a form of closed questions, filled in by people, signed, and kept.

The law's questions are here; the mechanics of workbooks are the inventory's (:mod:`inventory.forms`).
"""

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from rationalise.questionnaire.catalogue import Questionnaire, load_questionnaire
    from rationalise.questionnaire.facts import suggested
    from rationalise.questionnaire.keeping import Kept, keep
    from rationalise.questionnaire.sheet import questionnaire_sheet

__all__ = ["Kept", "Questionnaire", "keep", "load_questionnaire", "questionnaire_sheet", "suggested"]

__getattr__ = public_face(
    __name__,
    {
        "Questionnaire": "catalogue",
        "load_questionnaire": "catalogue",
        "suggested": "facts",
        "Kept": "keeping",
        "keep": "keeping",
        "questionnaire_sheet": "sheet",
    },
)
