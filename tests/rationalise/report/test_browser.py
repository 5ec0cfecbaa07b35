"""The report in a real browser: it reflows, asks the network for nothing, clips no text."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.package import Package
from rationalise.report import report_html

pytestmark = pytest.mark.needs("browser")

SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
"""The text spacing a reader may force (RGAA 10.12)."""

TEXTS = """[...document.querySelectorAll('svg text')].map(t => {
  const own = t.getBoundingClientRect(), box = t.closest('svg').getBoundingClientRect();
  return {text: t.textContent, size: parseFloat(getComputedStyle(t).fontSize),
          clipped: own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 6};
})"""
OVERLAPS = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  return texts.flatMap(([a, p], n) => texts.slice(n + 1).filter(([b, q]) =>
    p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 3 && q.top < p.bottom - 3).map(([b]) => a + ' / ' + b));
})"""
SMALL = """[...document.querySelectorAll('body *')].filter(e =>
  [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) &&
  parseFloat(getComputedStyle(e).fontSize) < 11).map(e => e.tagName)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def path(tmp_path: Path, proposal: Package, summary: dict[str, Any]) -> Path:
    path = tmp_path / "rapport.html"
    path.write_text(report_html(proposal, summary, "essai"), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reflows_and_stays_legible(browser: Any, path: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: errors.append(m.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [r for r in requests if r != path.as_uri()] == []
    assert errors == []
    assert page.evaluate(SMALL) == []
    texts = page.evaluate(TEXTS)
    assert texts
    assert [t for t in texts if t["clipped"] or t["size"] < 11] == []
    assert page.evaluate(OVERLAPS) == []
    page.close()


def test_forced_text_spacing_does_not_make_it_scroll_sideways(browser: Any, path: Path) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 900})
    page.goto(path.as_uri())
    page.add_style_tag(content=SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


def test_it_prints_with_scripts_switched_off(browser: Any, path: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(path.as_uri())
    assert page.locator("table").count() >= 8
    page.close()
