"""Exports that were damaged on their way: read or refused with a reason, never a traceback, nothing half-written."""

import io
import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.importing import import_files
from inventory.problems import InvalidInput
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Set>\n<Server alias="Server" id="2"><name>srv</name><org_id>1</org_id><ram>8 Go</ram></Server>\n'
    '<lnkApplicationSolutionToFunctionalCI alias="x" id="6"><applicationsolution_id>28</applicationsolution_id>'
    "<functionalci_id>2</functionalci_id></lnkApplicationSolutionToFunctionalCI>\n</Set>\n"
)
SQL = (
    "INSERT INTO `m_applications` (`id`, `name`, `users`, `rto`) VALUES (1,'L\\'appli','> 100',60),(2,'b',NULL,0);\n"
    "INSERT INTO `database_m_application` (`m_application_id`, `database_id`) VALUES (1,5);\n"
    "INSERT INTO `fluxes` (`id`, `name`, `application_source_id`, `application_dest_id`) VALUES (1,'x',1,2);\n"
)
JSON = (
    '{"applications": [{"id": 1, "name": "Paie", "security_need_c": 3, "databases": [5, {"id": 6}], "rto": 4}], '
    '"databases": [{"id": 5, "name": "x"}], "logical-servers": [{"id": 1, "name": "s", "physical_servers": "3,4"}]}'
)
CSV = "Record Type,Application Name,Dependency,Dependency Direction,Tag Category 1,Tag 1\n1,Paie,,,Database,Oracle 12\n2,Paie,Stocks,southbound,,\n"
AZURE = (
    "*Server name,*Cores,*Memory,*OS name,OS version,OS architecture,Disk 1 size (In GB)\nsrv,4,8192,Debian,11,x64,10\n"
)
RVTOOLS = "VM,Powerstate,CPUs,Memory,Datacenter,Cluster,Host\nweb,poweredOn,2,2048,DC,C1,esx1\n"


def zipped() -> bytes:
    """An archive of two files of iTop."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.xml", XML)
        packed.writestr("b.xml", XML)
    return out.getvalue()


FILES = {"i.xml": XML.encode(), "m.sql": SQL.encode(), "m.json": JSON.encode(), "k.csv": CSV.encode(), "a.csv": AZURE.encode(),
         "r.csv": RVTOOLS.encode(), "i.zip": zipped()}  # fmt: skip
PIECES = st.sampled_from(
    [b"NULL", b"''", b",", b'"', b"\n", b"[]", b"{}", b"null", b"\xff", b"(", b")", b";", b"\0", b"<", b"&", b"0"]
)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_damaged_export_is_read_or_refused(name: str, data: st.DataObject) -> None:
    body = FILES[name]
    for _step in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.integers(0, 60)))
        body = body[:start] + data.draw(PIECES | st.binary(max_size=4)) + body[end:]
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(body)
        workspace = Workspace(Path(folder) / "ws", {})
        try:
            result = import_files([path], workspace, today=DAY)
        except InvalidInput:
            return
        assert result.written == (not result.refused)
        assert workspace.dataset.exists() == result.written
