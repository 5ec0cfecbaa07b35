"""The ``francecloud`` command: finds the verb, runs it, turns what went wrong into words and a code."""

from __future__ import annotations

import gettext
import os
import sys
from importlib import import_module
from pathlib import Path

import click

from inventory.language import language_of_locale, set_language
from inventory.problems import Exit, UserError, render

VERBS: dict[str, str] = {
    "init": "francecloud.commands:init",
    "import": "inventory.commands:import_",
    "collect": "inventory.collect.commands:collect",
    "check": "inventory.commands:check",
    "matches": "inventory.matches_commands:matches",
    "template": "francecloud.form_commands:template",
    "assess": "rationalise.questionnaire.commands:assess",
    "export": "inventory.sharing.commands:export",
    "consolidate": "inventory.sharing.commands:consolidate",
    "store": "inventory.stores.commands:store",
    "analyse": "rationalise.commands:analyse",
    "questions": "rationalise.questions_commands:questions",
    "explain": "francecloud.commands:explain",
    "whatif": "rationalise.whatif_commands:whatif",
    "diff": "rationalise.outputs_commands:diff",
    "report": "rationalise.outputs_commands:report",
    "doctrine": "rationalise.commands:doctrine",
    "zones": "stacks.commands:zones",
    "preview": "stacks.run.commands:preview",
    "up": "stacks.run.commands:up",
    "drift": "stacks.run.commands:drift",
    "down": "stacks.run.commands:down",
    "engine": "stacks.engine.commands:engine",
    "lab": "stacks.lab.commands:lab",
    "demo": "francecloud.commands:demo",
}
"""Verbs in the order of the work, each with the place of its command; loaded when called."""


class Verbs(click.Group):
    """A group that imports a verb's module only when that verb is used or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb."""
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


def build() -> click.Group:
    """The command, its help texts in the language in force."""
    from francecloud.language import _

    return Verbs(
        name="francecloud",
        help=_(
            "From the inventory of a State DSI's legacy to sovereign landing zones.\n\n"
            "--lang fr|en chooses the language and --debug shows tracebacks, with any verb."
        ),
        epilog=_("Start with: francecloud demo"),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                help=_("Print the version."),
                callback=_print_version,
            )
        ],
    )


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"francecloud {version('francecloud')}")
        ctx.exit()


def main(argv: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: list[str]) -> int:
    """Run the command on *argv* and return its exit code (see :class:`inventory.problems.Exit`)."""
    argv, lang, debug = _anywhere(argv)
    speak(lang or language_of_locale())
    try:
        result = build().main(args=argv, prog_name="francecloud", standalone_mode=False)
        return int(result) if isinstance(result, int) else Exit.OK
    except click.exceptions.Abort:
        return Exit.CANCELLED
    except KeyboardInterrupt:
        return Exit.CANCELLED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except UserError as error:
        if debug:
            raise
        if "--json" in argv:
            from inventory.cli import emit

            emit({"problems": [p.as_dict() for p in error.problems]})
        click.echo(render(error.problems), err=True)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.GENERIC
    except Exception as error:
        if debug:
            raise
        from francecloud.language import _

        click.echo(
            _(
                "internal error: {error}\n  help: run it again with --debug and report what it prints",
                error=f"{type(error).__name__}: {error}",
            ),
            err=True,
        )
        return Exit.INTERNAL


def _anywhere(argv: list[str]) -> tuple[list[str], str | None, bool]:
    """Take ``--lang X`` and ``--debug`` out of the line, wherever they stand.

    They must act before any verb is imported: help texts are written in the language chosen.
    """
    left: list[str] = []
    lang: str | None = None
    debug = False
    words = iter(argv)
    for word in words:
        if word == "--debug":
            debug = True
        elif word == "--lang":
            lang = next(words, "")
        elif word.startswith("--lang="):
            lang = word.partition("=")[2]
        else:
            left.append(word)
    if lang is not None and lang not in ("fr", "en"):
        click.echo("--lang: fr | en", err=True)
        sys.exit(Exit.USAGE)
    return left, lang, debug


def speak(code: str) -> None:
    """Choose the language of our sentences and of Click's."""
    set_language(code)
    # Click's own sentences go through the gettext domain "messages" of the process.
    os.environ["LANGUAGE"] = code
    gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))
