"""What every verb of the command shares: its options, and how it prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from inventory.language import _

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A calendar day, ``2026-11-23``; ``today`` is accepted."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Turn the word of the command line into a day, or say what was expected."""
        if isinstance(value, date):
            return value
        if value == "today":
            return date.today()
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(_("“{value}” is not a date; expected for example 2026-11-23", value=value), param, ctx)


def workspace_option(function: F) -> F:
    """``--workspace DIR``: where to work; by default the nearest francecloud.toml upward."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        metavar="DIR",
        help=_("The workspace (default: the nearest francecloud.toml upward)."),
    )(function)


def json_option(function: F) -> F:
    """``--json``: one document on standard output, nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help=_("One JSON document on standard output."))(function)


def as_of_option(function: F) -> F:
    """``--as-of DATE``: the day everything is judged at, today by default."""
    return click.option(
        "--as-of",
        type=Day(),
        default="today",
        metavar="DATE",
        envvar="FRANCECLOUD_AS_OF",
        help=_("The day the doctrine is applied at (default: today)."),
    )(function)


def emit(document: object) -> None:
    """Print one JSON document on standard output, keys in the order given."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1, default=str)
    sys.stdout.write("\n")


def say(text: str = "") -> None:
    """Print a line meant for a person on standard output."""
    click.echo(text)


def note(text: str) -> None:
    """Print a line about the work going on, on standard error."""
    click.echo(text, err=True)
