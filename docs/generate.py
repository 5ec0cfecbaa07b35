"""Write the reference pages that come from the code: ``uv run python docs/generate.py [FOLDER]``.

``tests/test_docs.py`` fails when a page is not what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

REFERENCE = Path(__file__).parent / "reference"


def commands_page() -> str:
    """Every verb, its arguments and options, in French, as Markdown."""
    from francecloud.main import VERBS, build, speak
    from inventory.language import in_language

    with in_language("fr"):
        speak("fr")
        group = build()
        context = click.Context(group, info_name="francecloud")
        parts = [
            "# Les commandes",
            "Page engendrée par `uv run python docs/generate.py` ; ne pas la modifier à la main.",
            "`--lang fr|en` choisit la langue et `--debug` montre les traces, avec chaque verbe.",
        ]
        for verb in VERBS:
            command = group.get_command(context, verb)
            assert command is not None
            parts += _section(command, f"francecloud {verb}", context)
        return "\n\n".join(parts) + "\n"


def _section(command: click.Command, path: str, parent: click.Context) -> list[str]:
    context = click.Context(
        command, info_name=path.rpartition(" ")[2], parent=parent, terminal_width=100, max_content_width=100
    )
    parts = [f"## `{path}`", "```text\n" + command.get_help(context).rstrip() + "\n```"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            parts += _section(below, f"{path} {name}", context)
    return parts


PAGES = {"commandes.md": commands_page}

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
