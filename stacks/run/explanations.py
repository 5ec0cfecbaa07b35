"""What ``francecloud explain RUN-…`` says."""

from __future__ import annotations

from inventory.problems import Explanation
from stacks.language import _

EXPLANATIONS: dict[str, Explanation] = {
    "RUN-001": Explanation(
        lambda: _("Nobody can be asked"),
        lambda: _(
            "“up” and “down” change a cloud, so they ask first. Where there is no terminal (a job, a pipe, --json) "
            "they need --yes. Look at what would change with “francecloud preview” before."
        ),
    ),
    "RUN-002": Explanation(
        lambda: _("The passphrase of the state is missing"),
        lambda: _(
            "Secrets of a state are encrypted with a passphrase that comes from the environment only: "
            "PULUMI_CONFIG_PASSPHRASE_FILE (a file outside the repository, readable by you alone) or "
            "PULUMI_CONFIG_PASSPHRASE. A preview can do without it: --without-state shows everything as new."
        ),
    ),
    "RUN-003": Explanation(
        lambda: _("There is no Pulumi engine"),
        lambda: _(
            "“up”, “drift” and “down” need the Pulumi engine and its OpenStack plugin. “francecloud engine install” "
            "takes the official ones, or builds them from package registries. “preview” works without, à blanc."
        ),
    ),
    "RUN-004": Explanation(
        lambda: _("A plugin built here, and a cloud that is not a lab"),
        lambda: _(
            "The OpenStack plugin found was built on this machine from its source, not published by Pulumi. That is "
            "fine for a lab (an identity service on the loopback address); for a real cloud, install the official "
            "plugin, or take the decision in the settings: [engine] allow_built_plugin = true."
        ),
    ),
    "RUN-005": Explanation(
        lambda: _("The stack was never deployed"),
        lambda: _(
            "There is no state under that name in the back end of the settings: nothing to compare, nothing to remove. "
            "Check the zone's name, --project, and [state] backend."
        ),
    ),
    "RUN-006": Explanation(
        lambda: _("There is no zone"),
        lambda: _("Nothing was previewed, which proves nothing. “francecloud zones make” writes zones."),
    ),
    "RUN-010": Explanation(
        lambda: _("Somebody is working on the stack"),
        lambda: _(
            "The engine lets one run at a time change a stack. The lock names the process of this machine that holds "
            "it; it is alive, so it is left in peace. The lock of a process that is gone is taken away by itself."
        ),
    ),
    "RUN-011": Explanation(
        lambda: _("The stack is locked from another machine"),
        lambda: _(
            "Nothing here tells whether that process still runs. Ask the person named; only when it is gone for "
            "certain, take the lock away with “pulumi cancel”."
        ),
    ),
    "RUN-020": Explanation(
        lambda: _("It is not sure which object is ours"),
        lambda: _(
            "A run was killed while it created something. Objects were looked for on the cloud by type and exact name, "
            "in the project, made since the run began, bearing the zone's mark. Several fit, or one without the mark, "
            "or the moment the run began is not known. Names are not unique on OpenStack, and an object taken by "
            "mistake would one day be deleted: a person decides. Nothing was changed."
        ),
    ),
    "RUN-021": Explanation(
        lambda: _("A type that is not known"),
        lambda: _(
            "The table of types (stacks/run/recovery) has no entry for this one, so its unfinished creation cannot be "
            "looked up. Look on the cloud; delete the object if it is yours, then clear the pending creation."
        ),
    ),
    "RUN-022": Explanation(
        lambda: _("The cloud cannot be asked"),
        lambda: _(
            "To settle an unfinished creation the cloud must be asked whether the object exists, with the access the "
            "provider had. It did not answer, or refused. Nothing was changed; run the command again later."
        ),
    ),
    "RUN-023": Explanation(
        lambda: _("The rules of the security groups cannot be read"),
        lambda: _(
            "A refresh never shows what was added by hand: “drift” asks the cloud itself for the rules of each group. "
            "It could not, so the answer would be half of one, and none is given."
        ),
    ),
    "RUN-030": Explanation(
        lambda: _("The engine, the program or the cloud refused"),
        lambda: _(
            "The sentence is theirs. What was done before it is recorded in the state; mend the cause (a quota, a "
            "right, a name) and run the same command again: it goes on from there."
        ),
    ),
    "RUN-031": Explanation(
        lambda: _("Some resources were not made or not removed"),
        lambda: _("They are named; the sentences above say why. Everything else is recorded."),
    ),
    "RUN-032": Explanation(
        lambda: _("The engine told nothing"),
        lambda: _(
            "It ended without the account of its run that the verdict rests on. Silence is never taken for success: "
            "compare state and cloud with “francecloud drift”."
        ),
    ),
    "RUN-033": Explanation(
        lambda: _("The program failed à blanc"),
        lambda: _(
            "The program was run before a monitor that only records what it declares, and it raised the error shown. "
            "A program that looks something up on a cloud cannot be previewed à blanc."
        ),
    ),
    "RUN-034": Explanation(
        lambda: _("The program declares nothing"),
        lambda: _("A preview without a single resource proves nothing, so it is refused rather than shown as green."),
    ),
    "RUN-040": Explanation(
        lambda: _("Interrupted"),
        lambda: _(
            "At the first interrupt the engine finishes what it is making, records it and gives the lock back. Run the "
            "same command again: it goes on from there."
        ),
    ),
}  # fmt: skip
