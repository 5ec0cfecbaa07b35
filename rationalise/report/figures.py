"""Figures as inline SVG: named, described, in the theme's colours, readable at any width.

Nothing is scaled: widths are percentages and text keeps its size, so a figure reflows at 320 px like a
paragraph. Colours are CSS variables (one drawing for light and dark) and never the only carrier of a
meaning: every bar has its label and its number, every series its own pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

LINE = 20
"""Height of a line of text, in px."""
BAR = 14
"""Height of a bar, in px."""
WIDEST = 70
"""Percent of the width that the widest bar takes: its number stands in what is left, never under a label."""
GAP = 12
LABEL = 30
"""Characters a label may have before it is shortened; its whole text is in the figure's table."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled row of one or two bars; ``texts`` are their numbers, written at the end of each."""

    label: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole."""

    label: str
    value: float
    text: str


def bars(name: str, title: str, description: str, rows: Sequence[Bar], colour: int = 3) -> Markup:
    """Horizontal bars, one under the other. With two values a row, the second is hatched.

    Args:
        name: unique in the page, for the identifiers of the title and description.
        title: what the figure is.
        description: what it shows, in a sentence.
        rows: labels and values.
        colour: 1 to 7, one of the theme's series.
    """
    top = max((v for row in rows for v in row.values), default=0) or 1
    parts: list[Markup] = []
    y = 0
    for row in rows:
        parts.append(_text(0, y + 14, _short(row.label), "start"))
        y += LINE
        for n, (value, text) in enumerate(zip(row.values, row.texts, strict=True)):
            fill = f"var(--s{colour})" if n == 0 else f"url(#{name}-hatch)"
            parts.append(_bar(y, WIDEST * value / top, fill, colour))
            parts.append(_text(100, y + 12, text, "end", strong=True))
            y += BAR + 4
        y += GAP
    return _svg(name, title, description, max(y - GAP, LINE), parts, colour)


def whole(name: str, title: str, description: str, parts: Sequence[Part]) -> Markup:
    """One bar cut in parts, with a legend of swatches and numbers under it."""
    total = sum(p.value for p in parts) or 1
    drawn: list[Markup] = []
    x = 0.0
    for n, part in enumerate(parts):
        share = 100 * part.value / total
        if share > 0:
            drawn.append(
                Markup('<rect class="part" x="{}%" y="0" width="{}%" height="34" fill="{}"/>').format(
                    _n(x), _n(share), _pattern(name, n)
                )
            )
        x += share
    y = 34 + GAP
    for n, part in enumerate(parts):
        drawn.append(
            Markup('<rect class="part" x="0" y="{}" width="14" height="14" fill="{}"/>').format(y, _pattern(name, n))
        )
        drawn.append(_text(0, y + 12, _short(part.label), "start", shift=22))
        drawn.append(_text(100, y + 12, part.text, "end", strong=True))
        y += LINE + 4
    return _svg(name, title, description, y, drawn, 3, patterns=len(parts))


def _pattern(name: str, n: int) -> str:
    return f"var(--s{WHOLE[n]})" if n == 0 else f"url(#{name}-p{n})"


WHOLE = (4, 3, 6, 1, 2, 5, 7)
"""The series colours of the parts of a whole, from what is settled to what is not."""
_ANGLES = (0, 45, 90, 135, 0, 45, 90)


def _svg(
    name: str, title: str, description: str, height: int, parts: Sequence[Markup], colour: int, patterns: int = 0
) -> Markup:
    hatches = [_hatch(f"{name}-hatch", colour, 45)] if not patterns else []
    hatches += [_hatch(f"{name}-p{n}", WHOLE[n], _ANGLES[n]) for n in range(1, patterns)]
    return Markup(
        '<svg role="img" aria-labelledby="{0}-t {0}-d" width="100%" height="{1}" focusable="false">'
        '<title id="{0}-t">{2}</title><desc id="{0}-d">{3}</desc><defs>{4}</defs>{5}</svg>'
    ).format(name, height, title, description, Markup("").join(hatches), Markup("").join(parts))


def _hatch(name: str, colour: int, angle: int) -> Markup:
    return Markup(
        '<pattern id="{0}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate({1})">'
        '<rect width="6" height="6" fill="var(--ground)"/><rect width="3" height="6" fill="var(--s{2})"/></pattern>'
    ).format(name, angle, colour)


def _bar(y: int, width: float, fill: str, colour: int) -> Markup:
    return Markup('<rect class="bar" x="0" y="{}" width="{}%" height="{}" fill="{}" stroke="var(--s{})"/>').format(
        y, _n(width), BAR, fill, colour
    )


def _text(x: int, y: int, text: str, anchor: str, *, strong: bool = False, shift: int = 0) -> Markup:
    return Markup('<text x="{}%" y="{}" dx="{}" text-anchor="{}"{}>{}</text>').format(
        x, y, shift, anchor, Markup(' class="strong"') if strong else "", escape(text)
    )


def _short(label: str) -> str:
    return label if len(label) <= LABEL else label[: LABEL - 1].rstrip() + "…"


def _n(value: float) -> str:
    """A percentage with two decimals, the same text on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
