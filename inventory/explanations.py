"""What ``francecloud explain`` says of the codes of this room."""

from __future__ import annotations

from inventory.language import _
from inventory.problems import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "WSP-001": Explanation(lambda: _("There is no workspace here"), lambda: _("A workspace is a folder holding francecloud.toml. Most verbs look for the nearest one upward from where they are run, or from --workspace.")),
    "WSP-002": Explanation(lambda: _("The settings cannot be read"), lambda: _("francecloud.toml is TOML 1.0. The message names the line; nothing is done until it reads.")),
    "WSP-003": Explanation(lambda: _("A document cannot be read"), lambda: _("Doctrine, decisions and mappings are UTF-8 text in YAML or JSON. The message names the line where reading stopped.")),
    "PKG-001": Explanation(lambda: _("A dataset or proposal is not there"), lambda: _("The dataset is written by “francecloud import”, the proposal by “francecloud analyse”.")),
    "PKG-002": Explanation(lambda: _("A dataset or proposal of another version"), lambda: _("The contract between the rooms is versioned. Import or analyse again with this version of francecloud.")),
    "PKG-003": Explanation(lambda: _("A table does not have its columns"), lambda: _("Each CSV has exactly the columns of its schema, in their order. datapackage.json beside it lists them.")),
    "PKG-004": Explanation(lambda: _("A value a table does not accept"), lambda: _("The value is not of the column's type or closed list. An empty cell means unknown, and never “no”.")),
    "INV-001": Explanation(lambda: _("A file cannot be read"), lambda: _("It is not there, or may not be read. Check the path and the rights.")),
    "INV-002": Explanation(lambda: _("A folder was given instead of a file"), lambda: _("Give the files themselves, for example folder/*.csv.")),
    "INV-003": Explanation(lambda: _("A file is too large"), lambda: _("Beyond 2 GiB a file is refused whole. Split it, or export it as CSV by table.")),
    "INV-004": Explanation(lambda: _("Neither a workbook nor text"), lambda: _("The content is neither XLSX, XLS, ODS nor readable text, whatever the file is called.")),
    "INV-005": Explanation(lambda: _("A file is empty"), lambda: _("There is nothing in it. The export probably failed: make it again.")),
    "INV-006": Explanation(lambda: _("A workbook is damaged"), lambda: _("It was cut while copied, or is not what its name says. Open it in a spreadsheet, save it, import it again.")),
    "INV-007": Explanation(lambda: _("A workbook that would swell beyond reason"), lambda: _("Its compressed parts unpack to more than they may: it is refused before it fills the memory.")),
    "INV-008": Explanation(lambda: _("A text file cannot be cut into cells"), lambda: _("A quote is never closed, or a cell is longer than a million characters.")),
    "INV-009": Explanation(lambda: _("There is no such format"), lambda: _("--format takes the name of a reader. Without it the format is recognised from the content.")),
    "INV-010": Explanation(lambda: _("Nothing is recognised"), lambda: _("No reader knows this content. A hand-kept list needs one row of headings that the dictionary knows, among the first forty rows.")),
    "INV-011": Explanation(lambda: _("No row of headings"), lambda: _("At least two headings must be known, one of them an identifier or a name. A mapping file under sources/ can say what the others are.")),
    "INV-012": Explanation(lambda: _("A record without a name"), lambda: _("A row needs an identifier or a name; without one nothing can be said of it again.")),
    "INV-013": Explanation(lambda: _("A classified system"), lambda: _("Of what is marked secret or très secret only an opaque identifier is kept: this tool is not the place for the rest.")),
    "INV-014": Explanation(lambda: _("The same record twice"), lambda: _("Two rows of one source have the same identifier. The first is kept.")),
    "INV-015": Explanation(lambda: _("The same heading twice"), lambda: _("Only the first column of that name is read.")),
    "INV-016": Explanation(lambda: _("Columns that are not used"), lambda: _("Their headings are not in the dictionary. Write what they are in the source's mapping file and import again.")),
    "INV-017": Explanation(lambda: _("A sheet that is not used"), lambda: _("It has no row of known headings. That is normal for a cover or a notice.")),
    "INV-018": Explanation(lambda: _("A mapping file cannot be read"), lambda: _("It is JSON written by import. Mend it, or remove it to have it written again.")),
    "INV-020": Explanation(lambda: _("A value that is not accepted"), lambda: _("The value is not of the column's type or closed list, or could be read in two ways: it is refused rather than guessed. Leave the cell empty if you do not know.")),
    "INV-030": Explanation(lambda: _("vInfo without a column VM"), lambda: _("The sheet vInfo of an RVTools workbook names each machine in its column VM.")),
    "INV-031": Explanation(lambda: _("A template"), lambda: _("Templates are not servers: they are left out and counted.")),
    "INV-032": Explanation(lambda: _("An SRM placeholder"), lambda: _("Placeholders of Site Recovery Manager are not servers: they are left out and counted.")),
    "INV-040": Explanation(lambda: _("A link that leads nowhere"), lambda: _("A list names an application or a server that no record bears, or that several bear. The link is left out; the rest is imported.")),
    "INV-041": Explanation(lambda: _("Two sources disagree"), lambda: _("The source that comes first in [inventory] precedence wins; without it, the value already there stays.")),
    "INV-050": Explanation(lambda: _("A reference to nothing"), lambda: _("A record names another that the dataset does not hold.")),
    "INV-051": Explanation(lambda: _("A circle of organisations"), lambda: _("Following the parents leads back to the start.")),
    "INV-052": Explanation(lambda: _("Two facts that contradict each other"), lambda: _("Two columns of the same application cannot both be right. The more protective one counts until it is settled.")),
    "INV-053": Explanation(lambda: _("Records linked to nothing"), lambda: _("An application without servers has no size, hence no cost; a server without an application has no owner. A list of which is on which mends both.")),
    "INV-054": Explanation(lambda: _("Facts nobody gave"), lambda: _("Attributes 1 to 6 decide sovereignty. Unknown never opens anything.")),
}  # fmt: skip
