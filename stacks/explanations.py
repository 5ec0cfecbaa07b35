"""What ``francecloud explain`` says of zones, platforms and the gate."""

from __future__ import annotations

from inventory.problems import Explanation
from stacks.language import _

EXPLANATIONS: dict[str, Explanation] = {
    "ZON-002": Explanation(lambda: _("A zone file is wrong"), lambda: _("The message names line and field. zones/.schema/zone.json says what a zone holds; editors read it from the file's first line.")),
    "ZON-003": Explanation(lambda: _("A file and what it says it is differ"), lambda: _("A zone or platform is named by its file: the stack, the state and the markers on the cloud bear that name.")),
    "ZON-004": Explanation(lambda: _("A setting is wrong"), lambda: _("[offers.*], [state] and [engine] of francecloud.toml say how the clouds are reached. Every wrong setting is named at once.")),
    "ZON-005": Explanation(lambda: _("A platform file is wrong"), lambda: _("platforms/<name>.yaml says what an operator's foundation and network hold. The message names line and field.")),
    "ZON-006": Explanation(lambda: _("A date that is not one"), lambda: _("The configuration francecloud:as_of is the day the doctrine is applied at, written 2026-11-23; today without it.")),
    "ZON-007": Explanation(lambda: _("A requests file is wrong"), lambda: _("requests/<zone>.yaml keeps what was asked of the operator and the answers. It is mended by hand, never overwritten.")),
    "ZON-008": Explanation(lambda: _("The address plan is wrong"), lambda: _("address-plan.yaml gives each zone its network, once. The message names line and field.")),
    "ZON-009": Explanation(lambda: _("The archetypes are wrong"), lambda: _("The shipped file of archetypes is not what its schema says: the installation is damaged.")),
    "ZON-010": Explanation(lambda: _("There is no such zone"), lambda: _("“francecloud zones list” lists them; “francecloud zones make” makes them from the proposal.")),
    "ZON-011": Explanation(lambda: _("There is no such platform"), lambda: _("Platforms are made with the zones, one an operated cloud, under platforms/.")),
    "ZON-020": Explanation(lambda: _("The settings do not say how to reach the cloud"), lambda: _("[offers.<offer>] cloud names an entry of clouds.yaml, where the credentials are; they are never in the workspace.")),
    "ZON-021": Explanation(lambda: _("The foundation is not there yet"), lambda: _("The network project shares its hubs with projects that the foundation makes: that one runs first.")),
    "ZON-022": Explanation(lambda: _("No address for an EC2 or S3 service"), lambda: _("The endpoint and the credentials come from the environment only. Without an address nothing is called, rather than another provider by default.")),
    "ZON-023": Explanation(lambda: _("The ids of the roles are not known"), lambda: _("Programs look nothing up on the cloud: the ids of its roles are asked once and kept in the platform file.")),
    "ZON-024": Explanation(lambda: _("The cloud lacks a role"), lambda: _("Zones give reader, member and manager to groups, never admin. A Keystone too old to have one of them must be completed by its operator.")),
    "ZON-025": Explanation(lambda: _("A bucket that is not ours"), lambda: _("A bucket of that name exists without the zone's mark. Names are shared by everyone on an offer: it is left alone.")),
    "ZON-030": Explanation(lambda: _("Two networks overlap"), lambda: _("The address plan is checked whole before any preview: no network may lie in another, nor outside its pool.")),
    "ZON-031": Explanation(lambda: _("A pool is full"), lambda: _("A zone keeps its network for life, so a full pool is widened rather than shuffled.")),
    "ZON-032": Explanation(lambda: _("A zone and the plan give different networks"), lambda: _("The network of a zone is that of the address plan; otherwise two zones could be given the same one.")),
    "GAT-001": Explanation(lambda: _("The doctrine denies a placement"), lambda: _("The gate applies the doctrine again, at the day, to the dataset and the signed decisions; what the zone file says of itself does not count. Nothing was touched.")),
    "GAT-002": Explanation(lambda: _("Nothing proves a placement"), lambda: _("An application the dataset does not hold cannot be judged, and what cannot be judged is refused.")),
    "GAT-003": Explanation(lambda: _("A zone cannot be judged"), lambda: _("Dataset, decisions or doctrine cannot be read. The gate refuses until they can, for it is never open by accident.")),
    "GAT-004": Explanation(lambda: _("The doctrine does not know the offer"), lambda: _("An offer is in the shipped catalogue or in the workspace's doctrine/offers.yaml, or nothing may be placed on it.")),
    "GAT-005": Explanation(lambda: _("A break-glass decision is wrong"), lambda: _("A file under decisions/breakglass/ is not what it must be. It does not count until it reads.")),
    "GAT-006": Explanation(lambda: _("Creations were cut short"), lambda: _("A run was killed while objects were being made: they may exist without the state knowing. Pulumi alone would make them twice. “francecloud up” looks each one up and settles it.")),
    "GAT-007": Explanation(lambda: _("The state cannot be read"), lambda: _("The gate needs to know what is live to let a change through that only takes away. Without the state it refuses.")),
    "GAT-008": Explanation(lambda: _("A placement is conditional"), lambda: _("The doctrine admits it under conditions the message names: an open question to settle, or a convention to sign. It is not refused.")),
    "GAT-009": Explanation(lambda: _("A live zone that is no longer lawful is narrowed"), lambda: _("What is live and has become unlawful may always be closed, shrunk, hardened and emptied.")),
    "GAT-010": Explanation(lambda: _("A break-glass decision is in force"), lambda: _("Someone with authority let the zone pass against the doctrine, for a time. It is shown wherever the zone is.")),
    "GAT-011": Explanation(lambda: _("A live zone that is no longer lawful is widened"), lambda: _("Nothing may be added to a zone the doctrine now denies. Undo the additions, or empty the zone.")),
}  # fmt: skip
