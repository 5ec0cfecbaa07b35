"""The report: what it says, that it needs nothing, that it reads well for everybody."""

import itertools
import os
import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from inventory.language import in_language
from inventory.package import Package
from rationalise.duties import SCHEMA
from rationalise.report import report_html
from rationalise.report.tables import heat

GOLDEN = Path(__file__).parent / "golden.fr.html"
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Every element with its attributes, its parents and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[dict[str, Any]] = []
        self._open: list[dict[str, Any]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = {"tag": tag, "text": "", "parents": [e["tag"] for e in self._open], **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append({"tag": tag, "text": "", "parents": [e["tag"] for e in self._open], **dict(attrs)})

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()["tag"] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element["text"] += data

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [e for e in self.elements if e["tag"] == tag]


@pytest.fixture
def html(proposal: Package, summary: dict[str, Any]) -> str:
    return report_html(proposal, summary, "essai")


@pytest.fixture
def page(html: str) -> Page:
    return Page(html)


def test_it_is_the_page_agreed_on(html: str) -> None:
    """After a wanted change: ``FRANCECLOUD_WRITE_GOLDEN=1 uv run pytest tests/rationalise/report``."""
    if os.environ.get("FRANCECLOUD_WRITE_GOLDEN"):
        GOLDEN.write_text(html, encoding="utf-8")
    assert html == GOLDEN.read_text(encoding="utf-8")


def test_the_same_proposal_gives_the_same_bytes(html: str, proposal: Package, summary: dict[str, Any]) -> None:
    assert report_html(proposal, summary, "essai") == html


def test_it_loads_nothing_and_runs_nothing(html: str, page: Page) -> None:
    assert not page.all("script") + page.all("link") + page.all("iframe") + page.all("img")
    assert not [a for e in page.elements for a in e if a.startswith("on") or a == "src"]
    assert all(e["href"].startswith("#") for e in page.all("a"))
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert "@import" not in html


def test_text_of_the_inventory_is_never_markup(page: Page) -> None:
    assert any('<script>alert("x")</script> & co' in e["text"] for e in page.all("th"))


def test_the_missing_signature_is_said_first(page: Page) -> None:
    [first, *_rest] = [e["text"] for e in page.all("h2")]
    assert "signature" in first
    assert "3" in first


def test_every_figure_has_a_name_a_sentence_and_a_table(page: Page) -> None:
    identifiers = {e["id"]: e for e in page.elements if e.get("id")}
    assert len(identifiers) == len([e for e in page.elements if e.get("id")]), "identifiers are unique"
    svgs = page.all("svg")
    assert len(svgs) >= 4
    for svg in svgs:
        assert svg["role"] == "img"
        assert [identifiers[i]["tag"] for i in svg["aria-labelledby"].split()] == ["title", "desc"]
        assert all(identifiers[i]["text"].strip() for i in svg["aria-labelledby"].split())
    for caption in page.all("figcaption"):
        assert len(caption["text"]) > 40
    links = [e["href"][1:] for e in page.all("a") if "figcaption" in e["parents"]]
    assert len(links) == len(svgs)
    assert all(identifiers[i]["tag"] == "div" for i in links)


def test_it_has_the_bones_that_assistive_tools_need(page: Page) -> None:
    [root] = page.all("html")
    assert root["lang"] == "fr"
    assert page.all("title")[0]["text"].strip()
    assert len(page.all("h1")) == 1
    assert [len(page.all(t)) for t in ("header", "main", "footer")] == [1, 1, 1]
    levels = [int(e["tag"][1]) for e in page.elements if re.fullmatch("h[1-6]", e["tag"])]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), levels
    [skip] = [e for e in page.all("a") if e.get("class") == "skip"]
    assert any(e.get("id") == skip["href"][1:] for e in page.all("main"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(e.get("scope") in ("col", "row") for e in page.all("th"))
    regions = [e for e in page.elements if e.get("role") == "region"]
    assert all(e.get("tabindex") == "0" for e in regions), "what scrolls can be reached with the keyboard"


def test_its_weight_does_not_depend_on_the_portfolio(
    large_proposal: Callable[[int], Package], summary: dict[str, Any]
) -> None:
    size = len(report_html(large_proposal(20_000), summary, "essai").encode())
    assert size < 250_000, size


def test_it_speaks_english_when_asked(proposal: Package, summary: dict[str, Any]) -> None:
    with in_language("en"):
        html = report_html(proposal, summary, "essai")
    assert '<html lang="en">' in html
    assert "Lawful now" in html


def test_an_empty_portfolio_is_a_page_too(
    large_proposal: Callable[[int], Package], proposal: Package, summary: dict[str, Any]
) -> None:
    empty = Package({name: frame.head(0) for name, frame in proposal.tables.items()})
    assert "<h1>" in report_html(empty, {**summary, "by_ministry": []}, "essai")


def test_the_heat_map_counts_only_rules_that_deny(proposal: Package) -> None:
    # FC-08 speaks on the last tier without being why it is denied.
    rows = {row["id"]: row["cells"] for row in heat(proposal, ("INT", "COM_HORS_UE"))}
    assert rows == {"FC-04": [3, 4]}


def test_what_the_gates_ask_for_is_counted_where_there_is_some(proposal: Package, summary: dict[str, Any]) -> None:
    assert 'id="duties"' not in report_html(proposal, summary, "essai")
    rows = [("G-06:A:o", "A", "G-06", "fallback", "o", date(2026, 11, 30), None, False),
            ("G-06:B:o", "B", "G-06", "fallback", "o", date(2026, 11, 30), "pi-usuelle", True),
            ("G-01:A", "A", "G-01", "homologation", None, None, None, None)]  # fmt: skip
    more = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    page = Page(report_html(Package({**proposal.tables, "duties": more}), summary, "essai"))
    [lapse] = [e["text"] for e in page.all("tr") if e["text"].startswith("G-06")]
    assert re.sub(r"\s+", " ", lapse).endswith("211")
    assert "30 novembre 2026" in lapse
    assert "#duties" in [e.get("href") for e in page.all("a")]
