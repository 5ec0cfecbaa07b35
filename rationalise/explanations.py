"""What ``francecloud explain`` says of the codes of this room."""

from __future__ import annotations

from inventory.problems import Explanation
from rationalise.language import _

EXPLANATIONS: dict[str, Explanation] = {
    "DOC-001": Explanation(lambda: _("An entry of the doctrine is wrong"), lambda: _("A file of the catalogue, or of the workspace's doctrine/ folder, is not what its schema says. The message names file, line and field.")),
    "DOC-002": Explanation(lambda: _("An overlay may not loosen the law"), lambda: _("A DSI adds rules and offers, and records facts about offers as evidence. It cannot change a rule whose force is the law's, nor a presumption.")),
    "DOC-003": Explanation(lambda: _("No such offer"), lambda: _("Offers are named by their identifier. “francecloud doctrine show” lists them; a DSI adds its own in doctrine/offers.yaml.")),
    "DOC-004": Explanation(lambda: _("Nothing by that name in the doctrine"), lambda: _("“francecloud doctrine show” without a word lists the tiers, rules, gates, derogations and offers.")),
    "DOC-010": Explanation(lambda: _("Not modelled at that date"), lambda: _("The doctrine is modelled from a day on. Before it, no verdict is given rather than a wrong one.")),
    "DOC-011": Explanation(lambda: _("Not an attribute"), lambda: _("A profile has the attributes of the catalogue and no other. The message lists them.")),
    "DOC-012": Explanation(lambda: _("Not an accepted value"), lambda: _("Attributes have closed lists. An empty cell means unknown; a set joins its values with “|”.")),
    "DOC-013": Explanation(lambda: _("The profiles cannot be read"), lambda: _("Profiles come in a CSV with a column id, in UTF-8, separated by commas.")),
    "ANA-001": Explanation(lambda: _("A decision is wrong"), lambda: _("A file under decisions/ is not what its folder says. The message names file, line and field. Nothing is analysed until it reads, for a decision that is not read would be silently without effect.")),
    "ANA-002": Explanation(lambda: _("A decision nothing reads"), lambda: _("Decisions lie in perimeters/, assessments/, overrides/, derogations/ or breakglass/ under decisions/.")),
    "ANA-003": Explanation(lambda: _("No such application"), lambda: _("The dataset holds no application with that identifier.")),
    "ANA-020": Explanation(lambda: _("A decision that is not signed"), lambda: _("A decision counts from the day somebody signs it: signed_by says who and in what capacity, signed_on when. Until then it is as if it were not there.")),
    "ANA-021": Explanation(lambda: _("A signed sheet that nothing reads"), lambda: _("Sheets to sign wait in decisions/a-signer/, which the analysis does not read. Once signed, a sheet is moved to the folder of the same name under decisions/.")),
    "ANA-022": Explanation(lambda: _("A sheet left as it is"), lambda: _("“questions --write” never writes over a sheet that somebody signed or edited. Move it to its place, or remove it.")),
    "ANA-023": Explanation(lambda: _("The kinds of answers are wrong"), lambda: _("The data file that says which answers may be asked for, to whom and at what cost is not what it must be. The installation is at fault.")),
    "ANA-060": Explanation(lambda: _("What is supposed cannot be understood"), lambda: _("“whatif” takes out a rule, a presumption, an offer or a decision by the name the workspace knows it by, adds offers from a file, and decisions of a known kind. Nothing is judged until every word is understood.")),
    "ANA-061": Explanation(lambda: _("The range of days is empty"), lambda: _("“doctrine timeline” goes from a day to a later one: give --from and --to in that order.")),
    "ANA-070": Explanation(lambda: _("No such forge level"), lambda: _("[notes] forge_level says how much a note on a forge may tell: counts and verdicts only, or everything where the forge is trusted.")),
    "ANA-071": Explanation(lambda: _("A revision cannot be read"), lambda: _("diff compares two revisions of the workspace's git repository. In a pipeline the whole history must be fetched.")),
}  # fmt: skip
