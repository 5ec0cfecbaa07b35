"""DER-31: the way out article 31 III leaves to a project already engaged, with its eighteen-month clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from rationalise.decisions import Decisions, DerogationDecision
from rationalise.doctrine.catalogue import Doctrine


def derogated(
    doctrine: Doctrine, decisions: Decisions, as_of: date, application: str, offer: str, causes: Collection[str]
) -> str | None:
    """The file of the derogation that lifts a denial, or None.

    Every rule that denies must be one from which the derogation frees, and the decision must fulfil
    what the law asks: engaged before the decree, published, decided by the minister, validated by the
    Prime Minister, and not lapsed eighteen months after an acceptable offer exists.
    """
    freed = [doctrine.rules[c].derogation if c in doctrine.rules else None for c in causes]
    if not freed or None in freed:
        return None
    for file, decision in decisions.of(DerogationDecision, as_of):
        law = doctrine.derogations[decision.derogation]
        if (
            set(freed) == {decision.derogation}
            and application in decision.applications
            and offer == decision.offer
            and decision.engaged_on < law.engaged_before
            and decision.published
            and decision.decision_ministre
            and decision.validation_premier_ministre
            and not _lapsed(decision.acceptable_offer_since, law.lapses_months, as_of)
        ):
            return file
    return None


def _lapsed(since: date | None, months: int, as_of: date) -> bool:
    return since is not None and as_of >= lapses_on(since, months)


def lapses_on(since: date, months: int) -> date:
    """The first day a derogation no longer stands, so many months after an acceptable offer exists."""
    years, month = divmod(since.month - 1 + months, 12)
    return date.fromordinal(date(since.year + years, month + 1, 1).toordinal() + since.day - 1)
