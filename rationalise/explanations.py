"""What ``francecloud explain`` says of the codes of this room."""

from __future__ import annotations

from inventory.problems import Explanation
from rationalise.language import _

EXPLANATIONS: dict[str, Explanation] = {
    "DOC-001": Explanation(lambda: _("An entry of the doctrine is wrong"), lambda: _("A file of the catalogue, or of the workspace's doctrine/ folder, is not what its schema says. The message names file, line and field.")),
    "DOC-002": Explanation(lambda: _("An overlay may not loosen the law"), lambda: _("A DSI adds rules and offers, and records facts about offers as evidence. It may tighten what is shipped; it cannot make a rule whose force is the law's say less, nor stop presuming what keeps such a rule closed. What says less than a weaker rule is accepted and shown in every output.")),
    "DOC-003": Explanation(lambda: _("No such offer"), lambda: _("Offers are named by their identifier. “francecloud doctrine show” lists them; a DSI adds its own in doctrine/offers.yaml.")),
    "DOC-004": Explanation(lambda: _("Nothing by that name in the doctrine"), lambda: _("“francecloud doctrine show” without a word lists the tiers, rules, gates, derogations and offers.")),
    "DOC-010": Explanation(lambda: _("Not modelled at that date"), lambda: _("The doctrine is modelled from a day on. Before it, no verdict is given rather than a wrong one.")),
    "DOC-011": Explanation(lambda: _("Not an attribute"), lambda: _("A profile has the attributes of the catalogue and no other. The message lists them.")),
    "DOC-012": Explanation(lambda: _("Not an accepted value"), lambda: _("Attributes have closed lists. An empty cell means unknown; a set joins its values with “|”.")),
    "DOC-013": Explanation(lambda: _("The profiles cannot be read"), lambda: _("Profiles come in a CSV with a column id, in UTF-8, separated by commas.")),
    "DOC-020": Explanation(lambda: _("Two entries have the same identifier"), lambda: _("In a file of the doctrine an identifier stands once: of two entries one would be silently without effect.")),
    "DOC-021": Explanation(lambda: _("An entry names something that does not exist"), lambda: _("Attributes, values, offers, organisations, functions and other entries are named by their identifier. The message gives the nearest one and lists those that are known.")),
    "DOC-022": Explanation(lambda: _("The attributes are not an overlay's to change"), lambda: _("The thirteen attributes and their values are those the law is applied to and proved on. A DSI may only make unknown worth a value that closes more.")),
    "DOC-023": Explanation(lambda: _("An internal offer that the State does not run"), lambda: _("The law reaches private providers: an offer is internal only when an organisation of the State operates it. Name one of the catalogue, or add yours to doctrine/organisations.yaml.")),
    "DOC-024": Explanation(lambda: _("A presumption that does not hold all the time"), lambda: _("Presumptions are applied at every date that is modelled. One that begins later or ends would be applied where it should not: it is refused.")),
    "DOC-025": Explanation(lambda: _("A qualification without its decision"), lambda: _("A qualification is a decision of the ANSSI with a number and days. An offer that a DSI adds carries them, or counts as not qualified.")),
    "DOC-050": Explanation(lambda: _("The doctrine is not complete"), lambda: _("“doctrine verify” found a profile, a tier or offer and a date without exactly one verdict. The evaluation is at fault: report it with what was printed.")),
    "DOC-051": Explanation(lambda: _("The doctrine contradicts itself"), lambda: _("A verdict does not agree with the rules it names, an offer with its tier, or the rules deny every tier to a profile. The profile printed is the smallest that shows it; look at the rules of the overlay first.")),
    "DOC-052": Explanation(lambda: _("More sensitive is allowed more"), lambda: _("Raising a sensitivity attribute of the profile printed opens a tier or an offer. A condition lists a lower value and forgets a higher one: complete its list.")),
    "DOC-053": Explanation(lambda: _("Unknown is allowed more than known"), lambda: _("Leaving an attribute unknown opens what some known value closes, without an open question. Say what unknown is worth: unknown_as in attributes.yaml, if_unknown in the rule.")),
    "DOC-054": Explanation(lambda: _("A vector does not get its answer"), lambda: _("A case kept under doctrine/vectors/ is answered otherwise than it states: an entry was removed, loosened or changed. Correct the entry; or, if the law changed, the vector, with its reference in the commit.")),
    "DOC-055": Explanation(lambda: _("An entry without a witness"), lambda: _("No vector would notice that this entry is removed. Keep one in doctrine/vectors/: a profile, a date, a tier or offer and the verdict that this entry alone decides. Where one was found it is printed, ready to be copied.")),
    "DOC-056": Explanation(lambda: _("The classes of profiles are not sound"), lambda: _("A profile does not get the verdict of the class that stands for it, so the proof over classes says nothing of it. The program is at fault: report it with what was printed.")),
    "DOC-057": Explanation(lambda: _("A vector is wrong"), lambda: _("A file of vectors is not what it must be, or names an attribute, a value or an offer that does not exist. The message names file, vector and nearest known word.")),
    "DOC-058": Explanation(lambda: _("A vector witnesses nothing known"), lambda: _("The entry it names is no rule, presumption, gate, offer or attribute of the catalogue: it was removed or renamed.")),
    "DOC-059": Explanation(lambda: _("Nothing is declared of an attribute"), lambda: _("The proof must know how the attribute's sensitivity rises and what unknown must be worth. Declare both in proof/declared.yaml.")),
    "ANA-001": Explanation(lambda: _("A decision is wrong"), lambda: _("A file under decisions/ is not what its folder says. The message names file, line and field. Nothing is analysed until it reads, for a decision that is not read would be silently without effect.")),
    "ANA-002": Explanation(lambda: _("A decision nothing reads"), lambda: _("Decisions lie in perimeters/, assessments/, fictitious/, overrides/, derogations/, cuts/, hubs/ or breakglass/ under decisions/.")),
    "ANA-003": Explanation(lambda: _("No such application"), lambda: _("The dataset holds no application with that identifier.")),
    "ANA-020": Explanation(lambda: _("A decision that is not signed"), lambda: _("A decision counts from the day somebody signs it: signed_by says who and in what capacity, signed_on when. Until then it is as if it were not there.")),
    "ANA-021": Explanation(lambda: _("A signed sheet that nothing reads"), lambda: _("Sheets to sign wait in decisions/a-signer/, which the analysis does not read. Once signed, a sheet is moved to the folder of the same name under decisions/.")),
    "ANA-022": Explanation(lambda: _("A sheet left as it is"), lambda: _("“questions --write” never writes over a sheet that somebody signed or edited. Move it to its place, or remove it.")),
    "ANA-023": Explanation(lambda: _("The kinds of answers are wrong"), lambda: _("The data file that says which answers may be asked for, to whom and at what cost is not what it must be. The installation is at fault.")),
    "ANA-040": Explanation(lambda: _("The words that name technical hubs are wrong"), lambda: _("The data file that says which systems are technical hubs, and which flows bear no data, is not what it must be. The installation is at fault.")),
    "ANA-070": Explanation(lambda: _("No such forge level"), lambda: _("[notes] forge_level says how much a note on a forge may tell: counts and verdicts only, or everything where the forge is trusted.")),
    "ANA-071": Explanation(lambda: _("A revision cannot be read"), lambda: _("diff compares two revisions of the workspace's git repository. In a pipeline the whole history must be fetched.")),
    "INV-187": Explanation(lambda: _("A signature that does not hold"), lambda: _("A signature is a role, an organisation and a day, and expires at most after the time the questionnaire gives. Without all three the answers are kept and count as unknown.")),
    "INV-188": Explanation(lambda: _("Two assessments of one application"), lambda: _("What was signed is not overwritten by what is not, nor by what was signed before. People decide which stays.")),
    "INV-189": Explanation(lambda: _("An answer that a fact contradicts"), lambda: _("A person answered “no” where the inventory holds a fact that says “yes”. The answer stands, for a person signs it; one of the two should be mended.")),
    "INV-198": Explanation(lambda: _("An answer that is not accepted"), lambda: _("The questions are closed: the message lists the accepted answers. Leave the cell empty if you do not know.")),
    "INV-199": Explanation(lambda: _("An assessment that does not count"), lambda: _("It is not signed, signed for a later day, or expired. Its answers are worth unknown, which never opens anything.")),
}  # fmt: skip
