"""Sources whose content was first seen too long ago to be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from inventory.language import _
from inventory.package import Package
from inventory.problems import InvalidInput, Problem, Severity
from inventory.quality.needs import needs
from inventory.readers.reading import ROW
from inventory.workspace import SETTINGS

SETTING = "stale_after_days"


def stale_sources(dataset: Package, settings: Mapping[str, Any], as_of: date) -> Iterator[Problem]:
    """Sources first seen more than ``[inventory] stale_after_days`` before *as_of*: one warning each.

    Raises:
        InvalidInput: the setting is not a number of days (``INV-186``).
    """
    days = _days(settings)
    rows = dataset["sources"].with_row_index(ROW, offset=2)
    old = rows.filter(pl.col("read_on") < as_of - timedelta(days=days))
    for row, source, read_on in old.select(ROW, "id", "read_on").iter_rows():
        yield Problem(
            code="INV-181", severity=Severity.WARNING, file="dataset/sources.csv", row=row, field="read_on", value=source,
            message=_.plural("{source} has not changed since {day}, more than {n} day ago",
                             "{source} has not changed since {day}, more than {n} days ago", days, source=source, day=read_on),
            hint=_("export it again and import it, or raise [inventory] stale_after_days"),
        )  # fmt: skip


def _days(settings: Mapping[str, Any]) -> int:
    days = settings.get("inventory", {}).get(SETTING, needs().stale_after_days)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 36_500:
        raise InvalidInput(
            Problem(code="INV-186", message=_("[inventory] {setting}: “{value}” is not a number of days", setting=SETTING,
                                              value=days), file=SETTINGS, field=SETTING, value=str(days),
                    hint=_("expected for example: stale_after_days = 365"))
        )  # fmt: skip
    return days
