"""The report architects read: one HTML file, no script, no request, drawn from the proposal alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.lazy import public_face

if TYPE_CHECKING:
    from rationalise.report.page import report_html

__all__ = ["report_html"]
__getattr__ = public_face(__name__, {"report_html": "page"})
