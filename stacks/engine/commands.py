"""``francecloud engine``: which Pulumi engine is used, installing it, and what a shell needs to use it."""

from __future__ import annotations

import click

from inventory.cli import emit, json_option, note, say
from inventory.problems import Exit
from stacks.language import _


@click.group(help=_("The Pulumi engine: where it is, installing it, using it from a shell."))
def engine() -> None:
    """The group of the engine's commands."""


@engine.command("status", help=_("Which engine is used, each piece with its version; exit code 4 without one."))
@json_option
def status(as_json: bool) -> int:
    """Tell which engine is used."""
    from stacks.engine.status import document, lines, survey

    found = survey()
    if as_json:
        emit(document(found))
    else:
        for line in lines(found):
            say(line)
    return Exit.OK if found.engine else Exit.RESOURCE


@engine.command(
    "install",
    help=_(
        "Install what is missing: the official pieces where they can be had, else built from package registries.\n\n"
        "Kept in the user's cache folder and shared between checkouts; does nothing when all is there."
    ),
)
@json_option
def install(as_json: bool) -> None:
    """Install the engine."""
    from stacks.engine.routes import ensure_engine
    from stacks.engine.status import document, lines, survey

    ensure_engine(note)
    found = survey()
    if as_json:
        emit(document(found))
    else:
        for line in lines(found):
            say(line)


@engine.command("env", help=_('For a shell: eval "$(francecloud engine env)" makes plain pulumi this one.'))
def env() -> None:
    """Print ``export`` lines; the passphrase is left to the user."""
    import shlex

    from stacks.engine.routes import find_engine
    from stacks.engine.status import no_engine

    found = find_engine()
    if found is None:
        raise no_engine()
    say(f'export PATH={shlex.quote(str(found.pulumi.parent))}:"$PATH"')
    for name, value in found.additions().items():
        say(f"export {name}={shlex.quote(value)}")
