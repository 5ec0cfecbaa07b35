"""The verb ``collect``: one sub-command a system, with its options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from inventory.cli import emit, json_option, note, say, workspace_option
from inventory.collect.asking import Collector
from inventory.language import _
from inventory.problems import Exit


class Systems(click.Group):
    """A group whose commands are the collectors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The systems, ours first."""
        from inventory.collect.registry import collectors

        return list(collectors())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a system."""
        from inventory.collect.registry import collectors

        collector = collectors().get(cmd_name)
        return None if collector is None else _command(collector)


collect = Systems(
    name="collect",
    help=_(
        "Ask a live system what exists, and import it. Only calls that read are made; credentials come from the"
        " environment or clouds.yaml, and are never written."
    ),
)


def _command(collector: Collector) -> click.Command:
    command = click.Command(collector.name, help=collector.title(), callback=_run(collector))
    dry = click.option("--dry-run", "dry", is_flag=True, help=_("Ask and say what would be read; write nothing."))
    name = click.option("--name", metavar="NAME", help=_("The name of its source, for example “pi-usuelle” (default: made of the address)."))  # fmt: skip
    for decorate in (json_option, workspace_option, dry, name):
        decorate(command)
    for option in reversed(collector.options):
        click.option(
            f"--{option.name}", metavar=option.metavar, help=option.help(), envvar=option.envvar, multiple=option.multiple,
            show_envvar=option.envvar is not None,
        )(command)  # fmt: skip
    return command


def _run(collector: Collector) -> Callable[..., int]:
    def run(dry: bool, workspace: Path, as_json: bool, **settings: Any) -> int:
        import os
        from datetime import date

        from inventory.collect.running import collect as ask
        from inventory.workspace import open_workspace

        here = open_workspace(workspace)
        outcome = ask(collector, here, settings=settings, environment=os.environ, today=date.today(), dry=dry)
        if as_json:
            emit(outcome.as_dict())
        else:
            _tell(outcome)
        if outcome.refused:
            note(_("nothing was written"))
            return Exit.USAGE
        return Exit.OK

    return run


def _tell(outcome: Any) -> None:
    from inventory.problems import render

    for table, counts in outcome.tables.items():
        if "created" in counts:
            line = _(
                "{table}: {read} read, {created} created, {updated} updated, {unchanged} unchanged",
                table=table,
                **counts,
            )
        else:
            line = _("{table}: {read} read", table=table, **counts)
        say(line)
    say(
        _("{file}: changed", file=outcome.path.name)
        if outcome.changed
        else _("{file}: as before", file=outcome.path.name)
    )
    if outcome.problems:
        note(render(outcome.problems))
