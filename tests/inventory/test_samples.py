"""Every shared sample is read with the right counts, or refused saying what it is; the page of them is generated.

``python tests/inventory/test_samples.py`` writes ``docs/reference/echantillons.md`` anew from the table below.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/echantillons.md"
DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Expected:
    """A sample: the format it is read as ("" where it is refused), records by table, problems by code."""

    format: str
    counts: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)


SAMPLES = {
    "endoflife/endoflife-products-2026-08-22.json": Expected("", {}, {"INV-125": 1}),
    "glpi/computer_1.json": Expected("glpi-agent", {"servers": 1, "components": 7}, {"INV-110": 1}),
    "glpi/inventory.schema.json": Expected("", {}, {"INV-125": 1}),
    "italy/Allegato_Lista_degli_applicativi.xlsx": Expected("list", {}, {"INV-016": 1, "INV-022": 1}),
    "italy/Allegato_Scheda_di_assessment_dell_applicativo.xlsx": Expected("list", {}, {"INV-017": 2, "INV-135": 1}),
    "itop": Expected(
        "itop-xml",
        {
            "organisations": 2,
            "applications": 4,
            "components": 1,
            "servers": 6,
            "hosts": 3,
            "sites": 3,
            "databases": 1,
            "flows": 2,
        },
        {"INV-040": 2, "INV-127": 2},
    ),
    "itop/data.sample.applications.xml": Expected("itop-xml", {"applications": 4}),
    "itop/data.sample.applicationsolutionci.xml": Expected("itop-xml", {}, {"INV-040": 7}),
    "itop/data.sample.dbserver.xml": Expected("itop-xml", {"databases": 1}),
    "itop/data.sample.farm.xml": Expected("itop-xml", {}, {"INV-128": 1}),
    "itop/data.sample.hypervisor.xml": Expected("itop-xml", {"hosts": 3}),
    "itop/data.sample.locations.xml": Expected("itop-xml", {"sites": 3}),
    "itop/data.sample.organizations.xml": Expected("itop-xml", {"organisations": 2}),
    "itop/data.sample.servers.xml": Expected("itop-xml", {"servers": 4}),
    "itop/data.sample.software.xml": Expected("itop-xml", {}, {"INV-128": 1}),
    "itop/data.sample.vm.xml": Expected("itop-xml", {"servers": 4}),
    "itop/data.sample.webapp.xml": Expected("itop-xml", {}, {"INV-127": 1}),
    "itop/en_us.data.itop-brand.xml": Expected("itop-xml", {}, {"INV-128": 1}),
    "itop/en_us.data.itop-osfamily.xml": Expected("itop-xml", {}, {"INV-128": 1}),
    "itop/en_us.data.itop-osversion.xml": Expected("itop-xml", {}, {"INV-128": 1}),
    "konveyor/cloud-native-questionnaire.yaml": Expected("", {}, {"INV-125": 1}),
    "konveyor/questionnaire-template.yaml": Expected("", {}, {"INV-125": 1}),
    "konveyor/sample-applications.csv": Expected("konveyor", {"applications": 3, "components": 11, "flows": 2}),
    "konveyor/template_application_import.csv": Expected(
        "konveyor", {"applications": 3, "components": 11}, {"INV-127": 1}
    ),
    "konveyor/valid_application_rows.csv": Expected("konveyor", {"applications": 2, "components": 4}, {"INV-128": 1}),
    "mercator/mercator_data_fr.sql": Expected(
        "mercator-sql",
        {
            "organisations": 8,
            "applications": 15,
            "servers": 9,
            "hosts": 3,
            "sites": 1,
            "databases": 4,
            "deployments": 20,
            "flows": 9,
        },
        {"INV-020": 5, "INV-127": 1, "INV-129": 2},
    ),
    "panorama/Panorama_des_grands_projets_SI_-_20170630.csv": Expected(
        "panorama", {"organisations": 11, "applications": 61}, {"INV-016": 1}
    ),
    "rvtools/kubev2v-example1.xlsx": Expected("rvtools", {"servers": 9, "hosts": 7, "sites": 1}),
    "rvtools/rvtools-small-complete.xlsx": Expected("rvtools", {"servers": 3, "hosts": 2, "sites": 1}),
}
"""What each sample must give; those who add a reader or a sample write it here, by counting in the file itself."""


def page() -> str:
    """The page of the documentation that says how each sample is read."""
    from inventory.dataset import schema
    from inventory.explanations import EXPLANATIONS
    from inventory.language import in_language

    with in_language("fr"):
        titles = {code: EXPLANATIONS[code].title() for one in SAMPLES.values() for code in one.codes}
        names = {name: table.title["fr"].lower() for name, table in schema().tables.items()}
    lines = [
        "# Les échantillons et ce qui en est lu",
        "",
        "Page engendrée par `uv run python tests/inventory/test_samples.py` ; ne pas la modifier à la main. Les épreuves",
        "importent chacun de ces fichiers, que le projet n’a pas écrits, et vérifient ces nombres ; `francecloud explain CODE`",
        "explique chaque code.",
        "",
        "| Fichier | Format | Ce qui en est lu | Ce qui en est dit |",
        "|---|---|---|---|",
    ]
    for name, one in SAMPLES.items():
        read = ", ".join(f"{names[t]} {n}" for t, n in one.counts.items()) or "rien"
        said = ", ".join(f"{code} × {n}" if n > 1 else code for code, n in sorted(one.codes.items()))
        lines.append(f"| `{name}` | {f'`{one.format}`' if one.format else 'refusé'} | {read} | {said} |")
    lines += ["", "| Code | Sens |", "|---|---|", *(f"| {c} | {t} |" for c, t in sorted(titles.items()))]
    return "\n".join(lines) + "\n"


def test_the_page_of_the_samples_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: uv run python tests/inventory/test_samples.py"


@pytest.mark.needs("shared")
def test_every_sample_is_in_the_table(shared: Path) -> None:
    there = {str(p.relative_to(shared / "samples")) for p in (shared / "samples").rglob("*") if p.is_file()}
    assert there - {"SOURCES.md"} == {n for n in SAMPLES if "." in n}


@pytest.mark.needs("shared")
@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gives_what_it_holds(name: str, shared: Path, tmp_path: Path) -> None:
    from inventory.dataset import COUNTED, read_dataset
    from inventory.importing import import_files
    from inventory.workspace import Workspace

    expected = SAMPLES[name]
    workspace = Workspace(tmp_path, {})
    result = import_files([shared / "samples" / name], workspace, today=DAY)
    assert dict(Counter(p.code for p in result.problems)) == expected.codes
    assert result.refused == (not expected.format)
    if result.refused:
        return
    assert list(result.formats.values()) == [expected.format]
    dataset = read_dataset(workspace)
    assert {t: dataset[t].height for t in COUNTED if dataset[t].height} == expected.counts
    again = import_files([shared / "samples" / name], workspace, today=DAY)
    assert not again.written


@pytest.mark.needs("shared")
def test_the_folder_of_all_samples_is_read_with_what_is_no_inventory_said(shared: Path, tmp_path: Path) -> None:
    from inventory.importing import import_files
    from inventory.workspace import Workspace

    result = import_files([shared / "samples"], Workspace(tmp_path, {}), today=DAY)
    assert not result.refused, [p.text() for p in result.problems if p.severity.value == "error"]
    assert sum(p.code == "INV-125" for p in result.problems) == 4
    assert result.formats["itop"] == "itop-xml"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
