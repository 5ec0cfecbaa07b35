"""What ``francecloud explain`` says of the front door's own codes."""

from __future__ import annotations

from francecloud.language import _
from inventory.problems import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "FRC-001": Explanation(
        lambda: _("Nothing bears that name"),
        lambda: _(
            "“explain” knows the codes printed with each problem, the rules, gates, derogations, tiers and offers of "
            "the doctrine, and, in a workspace, its applications by identifier or name."
        ),
    ),
    "FRC-002": Explanation(
        lambda: _("The folder is not empty and is not a workspace"),
        lambda: _(
            "“demo” writes in a new folder, an empty one, or the demonstration of before. Elsewhere its files would "
            "mix with yours: give another folder."
        ),
    ),
    "FRC-003": Explanation(
        lambda: _("A verb refused the bundled sample"),
        lambda: _(
            "The demonstration runs each verb as the command line does. A verb that fails on the sample shows an "
            "installation that is incomplete, or an edit made in the demonstration's folder: remove the folder and "
            "run it again, and report what it prints if it fails once more."
        ),
    ),
}
