"""``whatif``: what moves is what two analyses say, by which rule, and nothing is written."""

import json
from pathlib import Path

import pytest

from francecloud.main import run
from inventory.problems import Exit

DAY = "2026-11-23"


def whatif(workspace: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    before = {p: p.read_bytes() for p in workspace.rglob("*") if p.is_file()}
    assert run(["whatif", *words, "--workspace", str(workspace), "--as-of", DAY, "--json", "--lang", "en"]) == 0
    assert {p: p.read_bytes() for p in workspace.rglob("*") if p.is_file()} == before
    return dict(json.loads(capsys.readouterr().out))


def moves(found: dict[str, object]) -> dict[tuple[str, str], dict[str, object]]:
    return {(m["id"], m["subject"]): m for m in found["moves"]}


def test_a_shadowed_rule_moves_nothing_and_says_what_shadows_it(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = whatif(workspace, capsys, "--without", "FC-05")
    assert found["moves"] == []
    assert found["shadows"] == {"FC-05": ["FC-04"]}


def test_a_rule_taken_out_opens_what_it_alone_denied(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = whatif(workspace, capsys, "--without", "FC-05", "--without", "FC-04")
    moved = moves(found)["SECRET", "COM_UE"]
    assert (moved["before"], moved["after"]) == ("denied", "conditional")
    assert moved["lifted"] == ["FC-04", "FC-05"]
    assert ("SIGNED", "COM_UE") not in moves(found)
    assert found["counts"]["opened"] > 0
    assert found["counts"]["shut"] == 0


def test_a_lapsed_qualification_at_another_day(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = whatif(workspace, capsys, "--at", "2026-12-01")
    moved = moves(found)["SECRET", "outscale-cloudgouv-eu-west-1"]
    assert (moved["after"], moved["tier_before"], moved["tier_after"]) == ("denied", "SNC", "COM_UE")
    assert whatif(workspace, capsys, "--at", "2026-11-30")["moves"] == []


def test_an_offer_taken_out_moves_what_was_proposed_there(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = whatif(workspace, capsys, "--offer", "pi-usuelle")
    there = {p["id"]: p for p in found["proposals"]}
    assert there["SECRET"]["offer_before"] == "pi-usuelle"
    assert there["SECRET"]["offer_after"] not in (None, "pi-usuelle")
    # What was denied there loses nothing.
    assert ("UNKNOWN", "pi-usuelle") in moves(found)
    assert all(m["before"] != "denied" for m in found["moves"])


def test_an_offer_from_a_file_is_judged_like_the_others(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("offers:\n  - {id: nouvelle, title: N, operator: O, layers: [iaas], api: [openstack], country: FR, law: ue,"
                    " read_on: 2026-11-01, conf: C, ref: essai}\n")  # fmt: skip
    found = moves(whatif(workspace, capsys, "--offer", str(file)))
    assert found["SIGNED", "nouvelle"]["after"] == "allowed"
    assert ("SECRET", "nouvelle") not in found


def test_an_unsigned_sheet_is_tried_as_it_would_count(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.yaml"
    sheet.write_text("kind: assessment\napplications: [MISSION]\nanswers: {secret_protege: false, mission_essentielle: false,"
                     " atteinte: aucune}\n")  # fmt: skip
    found = whatif(workspace, capsys, "--assessment", str(sheet))
    assert {m["id"] for m in found["moves"]} == {"MISSION"}
    assert "supposed signed" in " ".join(found["supposed"])


def test_a_decision_taken_out_shuts_what_it_opened(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = whatif(workspace, capsys, "--without", "perimeters/a.yaml")
    assert found["counts"]["lawful_now_after"] == 0
    assert found["counts"]["opened"] == 0


def test_an_overlay_and_a_rule_held_before_its_day(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "overlay"
    folder.mkdir()
    (folder / "rules.yaml").write_text(
        "rules:\n  - {id: DSI-1, title: {fr: a, en: a}, when: {entity_kind: [etat]}, deny: [SNC], ref: essai,"
        " since: 2030-01-01, force: politique, conf: C}\n"
    )
    assert whatif(workspace, capsys, "--overlay", str(folder))["moves"] == []
    found = whatif(workspace, capsys, "--overlay", str(folder), "--with", "DSI-1")
    assert moves(found)["SIGNED", "SNC"]["added"] == ["DSI-1"]


@pytest.mark.parametrize(
    "words",
    [["--without", "FC-44"], ["--with", "pi-usuelle"], ["--overlay", "nowhere"], ["--assessment", "no.yaml"], []],
)
def test_what_cannot_be_supposed_is_refused(
    workspace: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["whatif", *words, "--workspace", str(workspace), "--as-of", DAY]) == Exit.USAGE
    assert capsys.readouterr().out == ""


def test_a_file_that_is_no_decision_is_refused(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("kind: breakglass\n")
    assert (
        run(["whatif", "--decision", str(file), "--workspace", str(workspace), "--as-of", DAY, "--lang", "en"])
        == Exit.USAGE
    )
    assert "ANA-060" in capsys.readouterr().err


def test_the_text_counts_and_names(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whatif", "--at", "2026-12-01", "--workspace", str(workspace), "--as-of", DAY, "--lang", "fr"]) == 0
    text = capsys.readouterr().out
    assert "SNC → COM_UE" in text
    assert "SECRET" in text


DEROGATION = (
    "kind: derogation\nderogation: DER-31\napplications: [SECRET]\noffer: outscale-eu-west-2\nengaged_on: 2025-01-01\n"
    "published: true\ndecision_ministre: true\nvalidation_premier_ministre: true\n"
)


def test_a_derogation_is_tried_and_lifts_what_it_frees(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(DEROGATION)
    found = whatif(workspace, capsys, "--decision", str(file))
    [move] = found["moves"]
    assert (move["id"], move["subject"], move["before"], move["after"]) == (
        "SECRET",
        "outscale-eu-west-2",
        "denied",
        "conditional",
    )
    assert move["added"] == ["DER-31"]
    folder = workspace / "decisions/derogations"
    folder.mkdir()
    (folder / "d.yaml").write_text(DEROGATION + "signed_by: {role: ministre}\nsigned_on: 2026-06-01\n")
    gone = whatif(workspace, capsys, "--without", "derogations/d.yaml")
    assert [(m["before"], m["after"]) for m in gone["moves"]] == [("conditional", "denied")]
    # Lifted on both sides: a rule taken out as well moves nothing there.
    assert ("SECRET", "outscale-eu-west-2") not in moves(whatif(workspace, capsys, "--without", "FC-05"))
    assert run(["explain", "SECRET", "--workspace", str(workspace), "--as-of", DAY, "--lang", "fr"]) == 0
    assert "derogations/d.yaml" in capsys.readouterr().out
