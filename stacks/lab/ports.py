"""Are the lab's ports free? Asked before anything is started."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from inventory.problems import Problem
from stacks.lab.problems import LabError
from stacks.lab.settings import HOST, PORTS, Lab
from stacks.language import _


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        # as servers do: a connection that lingers in TIME_WAIT is no obstacle
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
            trial.listen(1)
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def require_free(lab: Lab, names: Iterable[str], *, made: bool) -> None:
    """Refuse to start where ports are taken by someone else.

    Raises:
        LabError: LAB-005, one problem a port, with a first port where all are free.
    """
    taken = [name for name in names if not is_free(lab.port(name))]
    if not taken:
        return
    free = next_free_base(lab.port_base)
    if made:
        hint = _(
            "end what holds it; or “francecloud lab destroy”, then “francecloud lab up --port-base {free}”", free=free
        )
    else:
        hint = _("choose others: francecloud lab up --port-base {free} (or FRANCECLOUD_LAB_PORT_BASE)", free=free)
    raise LabError(
        *(
            Problem(
                code="LAB-005",
                message=_(
                    "port {port}, which {service} needs, is taken by another process", port=lab.port(name), service=name
                ),
                value=str(lab.port(name)),
                hint=hint,
            )
            for name in taken
        )
    )


def next_free_base(after: int) -> int:
    """A first port, a few hundred further, from which all ports are free."""
    step = 100
    candidates: list[int] = [*range(after + step, 60000, step), *range(10000, after, step)]
    for base in candidates:
        if all(is_free(base + offset) for offset in range(len(PORTS))):
            return base
    return after
