"""The theme's colours stand out from their grounds, in light and in dark (RGAA 3.2 and 3.3)."""

import re

import pytest

from rationalise.templating import templates_folder

CSS = (templates_folder() / "report/style.css").read_text(encoding="utf-8")
BLOCKS = dict(zip(("light", "dark"), re.findall(r":root \{(.*?)\}", CSS, re.S), strict=True))
HEAT_MOST = 0.38
"""The strongest cell of the heat map (0.08 + 0.3)."""


def variables(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", BLOCKS[theme]))


def rgb(colour: str) -> tuple[float, ...]:
    if colour.startswith("#"):
        return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return tuple(float(part) for part in colour.split(","))


def luminance(colour: tuple[float, ...]) -> float:
    parts = [c / 255 for c in colour]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_right() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(rgb("#777777"), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "panel", "alert"])
@pytest.mark.parametrize("text", ["ink", "soft", "link", "s1", "s4", "s6"])
def test_text_can_be_read(theme: str, ground: str, text: str) -> None:
    colours = variables(theme)
    assert contrast(rgb(colours[text]), rgb(colours[ground])) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("series", [f"s{n}" for n in range(1, 8)])
def test_bars_can_be_seen(theme: str, series: str) -> None:
    colours = variables(theme)
    for ground in ("ground", "panel"):
        assert contrast(rgb(colours[series]), rgb(colours[ground])) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_on_the_heat_map_can_be_read(theme: str) -> None:
    colours = variables(theme)
    heat, ground = rgb(colours["heat"]), rgb(colours["ground"])
    cell = tuple(HEAT_MOST * h + (1 - HEAT_MOST) * g for h, g in zip(heat, ground, strict=True))
    assert contrast(rgb(colours["ink"]), cell) >= 4.5
