"""Write the reference pages that come from the code: ``uv run python docs/generate.py [FOLDER]``.

``tests/test_docs.py`` fails when a page is not what this writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from inventory.contract import Field

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


DOCTRINE_NUMBERS = {
    "secrets": 3,
    "homologation_until": 13,
    **dict.fromkeys(("service_hours", "dima_h", "pdma_h"), 14),
    "exposition": 15,
    **dict.fromkeys(("conteneurisable", "sans_etat", "source_modifiable", "hyperviseur", "gpu"), 16),
    **dict.fromkeys(("vcpu", "ram_gib", "storage_gib"), 17),
    **dict.fromkeys(("cout_construction_ttc", "cout_mco_24m_ttc", "cout_run_annuel", "etp"), 18),
    **dict.fromkeys(("projet_engage_avant", "offre_actuelle"), 19),
    **dict.fromkeys(("contract_end", "reversibilite_provisionnee"), 20),
    **dict.fromkeys(("function", "functions"), 21),
    **dict.fromkeys(("users", "user_kinds", "auth"), 22),
    "programme_lolf": 24,
}
"""Attributes of the doctrine whose description does not give their number; 23 (end of support) is computed."""


def attributes_page() -> str:
    """Every table and column of the dataset, in both languages, with its number in the doctrine."""
    from inventory.dataset import schema

    parts = [
        "# Les attributs de l'inventaire",
        "Page engendrée par `uv run python docs/generate.py` depuis `inventory/schema/dataset.json` ; ne pas la modifier à la main.",
        "Le numéro est celui de l'attribut dans la doctrine (1 à 24) ; le 16 comprend les composants (`os`, `runtime`, `sgbd`) et le 23, "
        "la fin de support, se calcule d'eux. Une cellule vide veut dire inconnu, jamais « non ». *The number is the attribute's in the "
        "doctrine; an empty cell means unknown, never “no”.*",
    ]
    for table in schema().tables.values():
        key = ", ".join(f"`{k}`" for k in table.primary_key)
        rows = [_attribute(table.name, f) for f in table.fields]
        parts += [
            f"## `{table.name}` — {table.title['fr']} · {table.title['en']}",
            f"{table.description['fr']}. *{table.description['en']}.* Clé : {key}.",
            _markdown(("Colonne", "N°", "Type", "Titre", "Title", "Précision", "Detail"), rows),
        ]
    return "\n\n".join(parts) + "\n"


def _attribute(table: str, f: Field) -> tuple[str, ...]:
    written = re.search(r"Attribut (\d+)", f.description["fr"])
    known = DOCTRINE_NUMBERS.get(f.name) if table in ("applications", "servers") else None
    number = written[1] if written else str(known or "")
    kind = f.type + (f" ({f.unit})" if f.unit else "") + (" *" if f.required else "")
    values = f" : {', '.join(f'`{v}`' for v in f.enum)}" if f.enum else ""
    said = {c: "" if f.description[c] == f.title[c] else f.description[c] for c in ("fr", "en")}
    return (f"`{f.name}`", number, kind + values, f.title["fr"], f.title["en"], said["fr"], said["en"])


def formats_page() -> str:
    """Every reader of the registry and the headings it knows, by the column they lead to."""
    from inventory.language import in_language
    from inventory.readers import readers
    from inventory.readers.described import described

    with in_language("fr"):
        parts = [
            "# Les correspondances, format par format",
            "Page engendrée par `uv run python docs/generate.py` depuis les lecteurs ; ne pas la modifier à la main. Les règles communes "
            "sont dans [formats](formats.md), les colonnes dans [attributs](attributs.md). Les en-têtes sont comparés sans accents, casse "
            "ni ponctuation. *Headings known to each reader, and the column of the dataset they lead to.*",
        ]
        for reader in readers():
            about = (sys.modules[type(reader).__module__].__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
            parts += [f"## `{reader.name}`", f"*{about}*"]
            for table in described(reader):
                rows = [(f"`{column}`", " · ".join(f"`{h}`" for h in found)) for column, found in table.columns.items()]
                parts += [f"### {table.title}", _markdown(("Colonne", "En-têtes"), rows)]
    return "\n\n".join(parts) + "\n"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


PAGES = {"commandes.md": commands_page, "attributs.md": attributes_page, "correspondances.md": formats_page}

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
