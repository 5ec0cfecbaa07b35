"""The timeline: the last lawful day of each placement, day by day held against the doctrine, and its calendar."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from francecloud.main import run
from inventory import read_dataset
from inventory.problems import Exit
from rationalise import load_decisions, load_doctrine, placements
from rationalise.calendar import calendar_file
from rationalise.timeline import Timeline, grouped, timeline

FIRST = date(2026, 11, 23)
OUTSCALE, VMWARE = "outscale-cloudgouv-eu-west-1", "ovh-hosted-private-cloud-vmware"


def of(workspace: Path, last: date = date(2027, 12, 31)) -> Timeline:
    dataset, decisions = read_dataset(workspace / "dataset"), load_decisions(workspace / "decisions")
    return timeline(dataset, decisions, load_doctrine(), FIRST, last, {})


def stops(found: Timeline) -> dict[tuple[str, str], dict[str, object]]:
    rows = found.events.filter(pl.col("event") == "stops").iter_rows(named=True)
    return {(r["id"], r["placement"]): r for r in rows}


def test_the_two_qualifications_that_end_first(workspace: Path) -> None:
    found = stops(of(workspace))
    assert found["SECRET", "current"]["last_day"] == date(2026, 11, 30)
    assert found["SECRET", "current"]["cause"] == "qualification"
    assert found["SECRET", "current"]["fallback_offer"] == "pi-usuelle"
    assert found["MISSION", "current"]["last_day"] == date(2026, 12, 29)
    # Nothing sensitive, and signed: it may stay on the market, until its assessment ends.
    assert found["SIGNED", "current"]["last_day"] == date(2027, 6, 30)
    assert found["SIGNED", "current"]["cause"] == "decision"


def test_every_day_agrees_with_the_gate(workspace: Path) -> None:
    dataset, decisions = read_dataset(workspace / "dataset"), load_decisions(workspace / "decisions")
    last = date(2027, 7, 15)
    events = of(workspace, last).events
    for application, offer in (("SECRET", OUTSCALE), ("MISSION", VMWARE), ("SIGNED", OUTSCALE)):
        mine = events.filter((pl.col("id") == application) & (pl.col("placement") == "current"))
        turns = {row["day"]: row["event"] == "becomes" for row in mine.iter_rows(named=True)}
        lawful = True
        # Every day around a turn, and one in sixty of the others.
        for n in range((last - FIRST).days + 1):
            day = FIRST + timedelta(days=n)
            lawful = turns.get(day, lawful)
            if n % 60 == 0 or any(abs((day - t).days) <= 1 for t in turns):
                [verdict] = placements(dataset, decisions, load_doctrine(), day, [application], offer)
                assert (verdict.verdict in ("allowed", "conditional")) is lawful, (application, day)


def test_what_is_unlawful_already_is_said_with_no_last_day(workspace: Path) -> None:
    (workspace / "decisions/perimeters/a.yaml").unlink()
    events = of(workspace).events
    assert set(events.filter(pl.col("id") == "SECRET")["event"]) == {"unlawful"}
    assert events.filter(pl.col("event") == "unlawful")["last_day"].null_count() == events.height


def test_only_days_at_which_something_changes_are_judged(workspace: Path) -> None:
    found = of(workspace)
    assert found.days[0] == FIRST
    assert date(2026, 12, 1) in found.days
    assert date(2026, 12, 30) in found.days
    assert len(found.days) < 10
    assert found.unknown_offers == 1


def test_a_derogation_s_clock_is_followed(workspace: Path) -> None:
    folder = workspace / "decisions/derogations"
    folder.mkdir()
    (folder / "d.yaml").write_text(
        "kind: derogation\nderogation: DER-31\napplications: [SECRET]\noffer: outscale-cloudgouv-eu-west-1\n"
        "engaged_on: 2025-01-01\npublished: true\ndecision_ministre: true\nvalidation_premier_ministre: true\n"
        "acceptable_offer_since: 2026-01-10\nsigned_by: {role: ministre}\nsigned_on: 2026-06-01\n"
    )
    assert stops(of(workspace))["SECRET", "current"]["last_day"] == date(2027, 7, 9)


def read_back(text: str) -> list[dict[str, str]]:
    """The events of a calendar by RFC 5545: unfolded, unescaped, one dictionary each, alarms left out."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    inside: list[str] = []
    for line in lines:
        name, _colon, value = line.partition(":")
        if name == "BEGIN":
            inside.append(value)
            if value == "VEVENT":
                events.append({})
        elif name == "END":
            assert inside.pop() == value
        elif inside[-1] == "VEVENT":
            assert name not in events[-1]
            plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
            events[-1][name] = plain
    assert not inside
    return events


def test_the_calendar_reads_back(workspace: Path) -> None:
    found = of(workspace)
    text = calendar_file(grouped(found.events), FIRST, "Sensible ; à qui a besoin d'en connaître")
    events = read_back(text)
    assert len({e["UID"] for e in events}) == len(events)
    [first] = [e for e in events if e["DTSTART;VALUE=DATE"] == "20261130"]
    assert first["DTEND;VALUE=DATE"] == "20261201"
    assert first["DTSTAMP"] == "20261123T000000Z"
    assert "SECRET" in first["DESCRIPTION"]
    assert "besoin d'en connaître" in first["DESCRIPTION"]
    assert text == calendar_file(grouped(of(workspace).events), FIRST, "Sensible ; à qui a besoin d'en connaître")


def test_long_and_odd_words_are_folded_without_being_cut() -> None:
    group = {"event": "stops", "last_day": date(2026, 11, 30), "offer": "é;,\\" * 40, "placement": "current",
             "cause": "law", "tier_before": None, "tier_after": None, "applications": [f"Ü{n}" for n in range(50)],
             "rules": ["FC-04"], "fallbacks": []}  # fmt: skip
    [event] = read_back(calendar_file([group], FIRST, "a\nb"))
    assert "é;,\\" * 40 in event["SUMMARY"]
    assert "+30" in event["DESCRIPTION"]


def test_the_command(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["doctrine", "timeline", "--workspace", str(workspace), "--as-of", "2026-11-23"]
    assert run([*words, "--ics", str(tmp_path / "t.ics"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["to"] == "2029-11-22"
    assert {"id", "last_day", "rules", "fallback_offer"} <= set(document["events"][0])
    assert len(read_back((tmp_path / "t.ics").read_bytes().decode())) > 1
    assert run([*words, "--to", "2026-12-31", "--lang", "fr"]) == 0
    assert "2026-11-30  dernier jour licite  outscale-cloudgouv-eu-west-1" in capsys.readouterr().out
    assert run([*words, "--from", "2027-01-01", "--to", "2026-01-01"]) == Exit.USAGE
    assert run([*words, "--from", "2020-01-01"]) == Exit.USAGE
