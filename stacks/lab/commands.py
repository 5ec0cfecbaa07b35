"""``francecloud lab``: a real OpenStack on this machine, to try ``up`` on."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from inventory.cli import emit, json_option, note, say
from inventory.problems import Exit
from stacks.language import _

if TYPE_CHECKING:
    from stacks.lab.settings import Lab

F = TypeVar("F", bound=Callable[..., Any])


def base_option(function: F) -> F:
    """``--base DIR``: the lab's folder."""
    return click.option(
        "--base",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help=_("The lab's folder (default: FRANCECLOUD_LAB_BASE, else francecloud/lab in the user's cache)."),
    )(function)


@click.group(help=_("A real OpenStack on this machine, to try “up” on (Debian or Ubuntu)."))
def lab() -> None:
    """The group of the lab's commands."""


@lab.command(
    "up",
    help=_(
        "Install what is missing and start the lab; the first time takes a few minutes.\n\n"
        "Everything listens on 127.0.0.1 only. As root, missing Debian packages are installed."
    ),
)
@base_option
@click.option(
    "--port-base",
    type=int,
    metavar="PORT",
    help=_("The first of the lab's ports (default: FRANCECLOUD_LAB_PORT_BASE, else 15000)."),
)
@click.option(
    "--with",
    "extras",
    metavar="dns,lb,keys,objects",
    default="",
    help=_("Optional services: Designate, Octavia, Barbican, Swift; “all” for every one."),
)
def up(base: Path | None, port_base: int | None, extras: str) -> None:
    """Bring the lab up."""
    from stacks.lab import lifecycle

    asked, ports_stated = asked_lab(base, port_base, extras)
    lifecycle.up(asked, stopwatch(), ports_stated=ports_stated)


@lab.command("down", help=_("Stop the lab: only the processes that it started."))
@base_option
def down(base: Path | None) -> None:
    """Stop the lab."""
    from stacks.lab import lifecycle
    from stacks.lab.settings import recorded_lab

    known = recorded_lab(base)
    if known is None:
        note(_("there is no lab in {folder}: nothing to stop", folder=_folder(base)))
        return
    lifecycle.down(known, stopwatch())


@lab.command("reset", help=_("Give back the bare cloud of the first boot, running."))
@base_option
def reset(base: Path | None) -> None:
    """Restore the first boot's snapshot."""
    from stacks.lab import lifecycle

    lifecycle.reset(known_lab(base), stopwatch())


@lab.command("destroy", help=_("Stop the lab and delete what it holds."))
@base_option
@click.option("--all", "everything", is_flag=True, help=_("Delete the virtual environment of OpenStack too."))
def destroy(base: Path | None, everything: bool) -> None:
    """Delete the lab."""
    from stacks.lab import lifecycle

    lifecycle.destroy(known_lab(base), stopwatch(), everything=everything)


@lab.command("status", help=_("How each service is doing; exit code 4 unless all are well."))
@base_option
@json_option
def status(base: Path | None, as_json: bool) -> int:
    """Tell how each service is doing."""
    from stacks.lab import lifecycle
    from stacks.lab.settings import recorded_lab

    known = recorded_lab(base)
    states = lifecycle.status(known) if known else []
    well = bool(states) and all(state.state == "ok" for state in states)
    memory = round(sum(state.memory_mib for state in states), 1)
    if as_json:
        emit(
            {
                "up": well,
                "base": str(known.base if known else _folder(base)),
                "port_base": known.port_base if known else None,
                "with": list(known.extras) if known else [],
                "clouds_file": str(known.clouds_file) if known else None,
                "memory_mib": memory,
                "services": [
                    {"name": s.name, "state": s.state, "pid": s.pid, "memory_mib": s.memory_mib} for s in states
                ],
            }
        )
    elif known is None:
        say(_("there is no lab in {folder}: francecloud lab up", folder=_folder(base)))
    else:
        words = {"ok": _("well"), "unhealthy": _("not answering"), "down": _("stopped")}
        for state in states:
            say(f"{state.name:18} {state.pid or '–':>8} {state.memory_mib:7.0f} {_('MiB')}  {words[state.state]}")
        say(_("in all: {memory} MiB; folder {folder}, ports from {port} on",
              memory=round(memory), folder=known.base, port=known.port_base))  # fmt: skip
    return Exit.OK if well else Exit.RESOURCE


@lab.command("clouds", help=_("Print the clouds.yaml that reaches the lab (clouds lab and lab-system)."))
@base_option
@json_option
def clouds(base: Path | None, as_json: bool) -> None:
    """Print ``clouds.yaml``."""
    from stacks.lab import clouds as documents

    known = known_lab(base)
    if as_json:
        emit(documents.clouds(known))
    else:
        click.echo(documents.clouds_text(known), nl=False)


def asked_lab(base: Path | None, port_base: int | None, extras: str) -> tuple[Lab, bool]:
    """The lab the command line and the environment ask for, and whether they state its ports.

    What neither says comes from the lab already in the folder.

    Raises:
        InvalidInput: an unknown optional service, or ports that are no number.
    """
    from stacks.lab.settings import DEFAULT_PORT_BASE, Lab, asked_port_base, lab_base, parse_extras, recorded_lab

    folder = base.resolve() if base else lab_base()
    kept = recorded_lab(folder)
    stated = port_base if port_base is not None else asked_port_base()
    words = parse_extras(extras)
    ports = stated if stated is not None else kept.port_base if kept else DEFAULT_PORT_BASE
    return Lab(folder, ports, words or (kept.extras if kept else ())), stated is not None


def known_lab(base: Path | None) -> Lab:
    """The lab in a folder.

    Raises:
        LabError: LAB-010, there is none.
    """
    from stacks.lab.problems import lab_error
    from stacks.lab.settings import recorded_lab

    known = recorded_lab(base)
    if known is None:
        raise lab_error(
            "LAB-010",
            _("there is no lab in {folder}", folder=_folder(base)),
            _("make one with “francecloud lab up”, or name another folder with --base"),
        )
    return known


def stopwatch() -> Callable[[str], None]:
    """Prints lines on standard error, each with the seconds since the command began."""
    began = time.monotonic()

    def tell(line: str) -> None:
        note(f"[{time.monotonic() - began:6.1f} s] {line}")

    return tell


def _folder(base: Path | None) -> Path:
    from stacks.lab.settings import lab_base

    return base.resolve() if base else lab_base()
