"""iTop's CSV exports, a class a file: attribute codes as headings, or labels in French or English."""

from __future__ import annotations

import re

from inventory.files import Grid, SourceFile
from inventory.language import _
from inventory.problems import InvalidInput
from inventory.readers.itop import LINK, ROLES, read_classes
from inventory.readers.objects import frame_of
from inventory.readers.reading import Kept, Reading
from inventory.values import plain

LABELS = {
    "id (primary key)": "id", "id (cle primaire)": "id", "name": "name", "full name": "name", "nom": "name", "nom complet": "name",
    "description": "description", "status": "status", "statut": "status", "etat": "status", "code": "code",
    "organization->name": "organization_name", "organisation->nom": "organization_name", "organization": "organization_name",
    "organisation": "organization_name", "location->name": "location_name", "location": "location_name", "lieu->nom": "location_name",
    "site->nom": "location_name", "lieu": "location_name", "business criticality": "business_criticity", "criticite": "business_criticity",
    "move to production date": "move2production", "date de mise en production": "move2production",
    "os family->name": "osfamily_name", "famille os->nom": "osfamily_name", "famille os": "osfamily_name", "os family": "osfamily_name",
    "os version->name": "osversion_name", "version os->nom": "osversion_name", "version os": "osversion_name", "os version": "osversion_name",
    "brand->name": "brand_name", "marque->nom": "brand_name", "brand": "brand_name", "marque": "brand_name",
    "model->name": "model_name", "modele->nom": "model_name", "model": "model_name", "modele": "model_name",
    "management ip": "managementip", "ip": "managementip", "cpu": "cpu", "ram": "ram", "purchase date": "purchase_date",
    "date d'achat": "purchase_date", "virtual host->name": "virtualhost_name", "hote virtuel->nom": "virtualhost_name",
    "virtual host": "virtualhost_name", "hote virtuel": "virtualhost_name", "serial number": "serialnumber",
    "numero de serie": "serialnumber", "farm->name": "farm_name", "vcluster->nom": "farm_name", "system->name": "system_name",
    "systeme->nom": "system_name", "software->name": "software_name", "logiciel->nom": "software_name",
    "application solution->name": "applicationsolution_name", "solution applicative->nom": "applicationsolution_name",
    "functionalci->name": "functionalci_name", "ci->nom": "functionalci_name", "ci sub-class": "finalclass",
    "sous-classe de ci": "finalclass",
}  # fmt: skip
TELLING = frozenset({"org_id", "organization_name", "org_name", "business_criticity", "move2production", "virtualhost_id",
                     "virtualhost_name", "osversion_name", "osversion_id", "functionalci_id", "functionalci_name", "finalclass",
                     "applicationsolution_id", "applicationsolution_name", "location_id"})  # fmt: skip
BY_ATTRIBUTE = (
    (LINK, {"applicationsolution_id", "functionalci_id"}), (LINK, {"applicationsolution_name", "functionalci_name"}),
    ("VirtualMachine", {"virtualhost_id"}), ("VirtualMachine", {"virtualhost_name"}),
    ("Hypervisor", {"farm_id", "server_id"}), ("Hypervisor", {"farm_name"}),
    ("Server", {"serialnumber"}), ("Server", {"osversion_id"}), ("Server", {"osversion_name"}),
    ("DBServer", {"system_id"}), ("DBServer", {"system_name"}),
    ("ApplicationSolution", {"business_criticity"}), ("Organization", {"code", "parent_id"}), ("Location", {"postal_code"}),
)  # fmt: skip
"""A class by attributes that it has and those below it have not."""
CLASSES = (LINK, "VirtualMachine", "Hypervisor", "ApplicationSolution", "Organization", "Location", "Server", *ROLES)
_CODE = re.compile(r"[a-z][a-z0-9_]*$")


class ItopCsv:
    """The reader of iTop's CSV."""

    name = "itop-csv"

    def recognises(self, source: SourceFile) -> bool:
        """Whether the headings are iTop's codes, or labels with its arrows."""
        if source.members is not None or source.is_workbook:
            return False
        try:
            grid = source.grids[0]
        except (InvalidInput, IndexError):
            return False
        if not grid.cells.height:
            return False
        head = [c for c in grid.cells.row(0) if c]
        codes = _codes(grid)
        arrows = sum("->" in c for c in head)
        return len(TELLING & set(codes)) >= 2 and (arrows > 0 or all(_CODE.match(c) for c in head)) and _class(source, grid) is not None  # fmt: skip

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read the objects of the file.

        Raises:
            InvalidInput: the class cannot be told (``INV-133``).
        """
        grid = source.grids[0]
        name = _class(source, grid)
        if name is None:
            raise InvalidInput(
                source.problem("INV-133", _("the class of these objects cannot be told from their columns"),
                               hint=_("export the column finalclass too, or name the file after the class"))
            )  # fmt: skip
        codes = _codes(grid)
        whole = [dict(zip(codes, row, strict=True)) for row in grid.cells.slice(1).rows()]
        filled = [(n, row) for n, row in enumerate(whole, start=2) if any(row.values())]
        frame = frame_of([{k: v for k, v in r.items() if k} for _n, r in filled], None, [n for n, _r in filled])
        return read_classes(source, self.name, {name: frame}, kept)


def _codes(grid: Grid) -> list[str]:
    """The attribute code of each column; a star marks what iTop requires, and is no part of the name."""
    heads = [(c or "").rstrip("*").strip() for c in grid.cells.row(0)]
    return [LABELS.get(plain(h), h if _CODE.match(h) else "") for h in heads]


def _class(source: SourceFile, grid: Grid) -> str | None:
    codes = _codes(grid)
    if "finalclass" in codes and grid.cells.height > 1:
        said = plain(grid.cells.row(1)[codes.index("finalclass")] or "").replace(" ", "")
        found = next((c for c in CLASSES if c.lower() == said), None)
        if found:
            return found
    stem = source.path.stem.lower()
    by_file = next((c for c in CLASSES if c.lower() in stem.replace(" ", "").replace("_", "")), None)
    by_columns = next((c for c, attributes in BY_ATTRIBUTE if attributes <= set(codes)), None)
    return by_file or by_columns
