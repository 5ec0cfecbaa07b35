"""What ``francecloud explain LAB-…`` says."""

from __future__ import annotations

from inventory.problems import Explanation
from stacks.language import _

EXPLANATIONS: dict[str, Explanation] = {
    "LAB-001": Explanation(
        lambda: _("The lab needs Debian or Ubuntu"),
        lambda: _(
            "The lab starts MariaDB, RabbitMQ and memcached from the distribution's packages and knows where Debian "
            "puts them. Elsewhere, run it in a virtual machine or a container with Debian 12 or Ubuntu 24.04. "
            "Everything else in francecloud works without the lab."
        ),
    ),
    "LAB-002": Explanation(
        lambda: _("Packages are missing and only root may install them"),
        lambda: _(
            "The lab itself runs as any user; installing Debian packages needs root, once. Run the command given, "
            "or “francecloud lab up” once as root. Installed by hand, Debian starts these daemons on their usual "
            "ports; the lab does not use them and they may be disabled."
        ),
    ),
    "LAB-003": Explanation(
        lambda: _("Debian's package installation failed"),
        lambda: _(
            "“apt-get” or “dpkg” ended with an error, most often because no mirror is reachable, a proxy is missing, "
            "or another installation is running. Nothing of the lab was started."
        ),
    ),
    "LAB-004": Explanation(
        lambda: _("The virtual environment of OpenStack could not be made"),
        lambda: _(
            "OpenStack is installed by pip in an environment of its own, apart from francecloud's, following the "
            "machine's own pip settings (index, proxy, certificates). FRANCECLOUD_LAB_PYTHON names another Python, "
            "3.11 or later, to build on. The installation goes on where it stopped when run again."
        ),
    ),
    "LAB-005": Explanation(
        lambda: _("A port of the lab is taken"),
        lambda: _(
            "The lab takes consecutive ports on 127.0.0.1, by default from 15000 on. Another process listens on one "
            "of them. Choose others with --port-base or FRANCECLOUD_LAB_PORT_BASE. Once the lab is made, its "
            "addresses stand in its catalogue: to move it, destroy it and bring it up again."
        ),
    ),
    "LAB-006": Explanation(
        lambda: _("The lab was made otherwise"),
        lambda: _(
            "Ports, optional services and versions are settled at the first boot and remembered. Changing them means "
            "a new cloud: “francecloud lab destroy”, then “up” with what you want (the virtual environment is kept, "
            "so this takes a minute or two), or a second lab in another folder and on other ports."
        ),
    ),
    "LAB-007": Explanation(
        lambda: _("A service of the lab stopped or does not answer"),
        lambda: _(
            "Its log says why. Most often memory is short (the core takes about 3 GB) or the machine is very busy. "
            "“francecloud lab up” starts what is missing; “francecloud lab reset” gives a fresh cloud back."
        ),
    ),
    "LAB-008": Explanation(
        lambda: _("A set-up command of the first boot failed"),
        lambda: _(
            "The databases are filled by OpenStack's own commands, and one ended with an error; its log says why. "
            "Nothing is kept of a first boot that was not carried through: the next “up” starts it over."
        ),
    ),
    "LAB-009": Explanation(
        lambda: _("Another command is at work on the same lab"),
        lambda: _(
            "Two commands at once would start or stop each other's processes. The hold ends with the process that "
            "has it, even a killed one."
        ),
    ),
    "LAB-010": Explanation(
        lambda: _("There is no lab in this folder"),
        lambda: _(
            "A lab is a folder: FRANCECLOUD_LAB_BASE or --base names it, and by default it is in the user's cache. "
            "“francecloud lab up” makes one."
        ),
    ),
    "LAB-011": Explanation(
        lambda: _("Settings that no lab can work with"),
        lambda: _(
            "The first port must leave room for all of them and be open to ordinary users; the folder's path must be "
            "short enough for a Unix socket and free of signs that configuration files interpret; the optional "
            "services are dns, lb, keys and objects."
        ),
    ),
}
