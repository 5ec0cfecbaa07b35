"""The formats that can be read, in the order their recognition is tried.

To add one: a module with a class that has ``name``, ``recognises`` and ``read`` (see ``reading.Reader``),
and its line here. Third parties register theirs under the entry point group ``francecloud.readers``.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points

from inventory.documents import nearest
from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import InvalidInput, Problem
from inventory.readers.azure_migrate import AzureMigrate
from inventory.readers.collected import CollectedFile
from inventory.readers.exported import Exported
from inventory.readers.glpi_agent import GlpiAgent
from inventory.readers.glpi_csv import GlpiCsv
from inventory.readers.handmade import HandMade
from inventory.readers.installed_software import InstalledSoftware
from inventory.readers.itop_csv import ItopCsv
from inventory.readers.itop_xml import ItopXml
from inventory.readers.konveyor import Konveyor
from inventory.readers.mercator_json import MercatorJson
from inventory.readers.mercator_sql import MercatorSql
from inventory.readers.ocs_xml import OcsXml
from inventory.readers.openstack_json import OpenStackJson
from inventory.readers.panorama import Panorama
from inventory.readers.reading import Reader, Reading
from inventory.readers.rvtools import RVTools
from inventory.readers.template_workbook import TemplateWorkbook
from inventory.strangers import stranger

__all__ = ["Reader", "Reading", "reader_for", "readers"]


@lru_cache
def readers() -> tuple[Reader, ...]:
    """Every reader: those of other distributions first, then ours, the most particular first."""
    found: list[Reader] = [point.load()() for point in sorted(entry_points(group="francecloud.readers"))]
    ours: tuple[Reader, ...] = (
        TemplateWorkbook(),
        Exported(),
        CollectedFile(),
        GlpiAgent(),
        OcsXml(),
        OpenStackJson(),
        RVTools(),
        ItopXml(),
        ItopCsv(),
        MercatorSql(),
        MercatorJson(),
        Konveyor(),
        AzureMigrate(),
        Panorama(),
        GlpiCsv(),
        InstalledSoftware(),
        HandMade(),
    )
    return (*found, *ours)


def reader_for(source: SourceFile, name: str | None = None) -> Reader:
    """The reader of a source: the one named, else the first that recognises it.

    Raises:
        InvalidInput: no reader has that name (``INV-009``) or recognises the content (``INV-010``), or it is known to be
            something else (``INV-125``).
    """
    known = {r.name: r for r in readers()}
    if name is not None:
        if name not in known:
            near = nearest(name, list(known))
            hint = _("did you mean “{near}”?", near=near) if near else ", ".join(known)
            raise InvalidInput(Problem(code="INV-009", message=_("there is no format “{name}”", name=name), hint=hint))
        return known[name]
    other = stranger(source)
    if other is not None:
        raise InvalidInput(other)
    found = next((r for r in known.values() if r.recognises(source)), None)
    if found is None:
        raise InvalidInput(
            source.problem(
                "INV-010",
                _("nothing here is recognised as an inventory"),
                hint=_("a list needs a row of headings such as “Nom”, “Code application”, “Serveur”; formats: {formats}",
                       formats=", ".join(known)),
            )
        )  # fmt: skip
    return found
