"""``francecloud store``: what an administrator runs on a shared PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import click

from inventory.cli import emit, json_option, note, say, workspace_option
from inventory.language import _

url_option = click.option(
    "--url", metavar="URL", help=_("Another address than the settings': that of an administrator, without password.")
)
apply_option = click.option("--apply", "apply_", is_flag=True, help=_("Run it there, rather than print it."))


@click.group(help=_("The shared inventory of a ministry on PostgreSQL: its tables, and who may see and write what."))
def store() -> None:
    """Manage the shared store."""


@store.command("init", help=_("Print the tables and policies as SQL, or make them with --apply; safe to run again."))
@apply_option
@url_option
@workspace_option
@json_option
def init_store(apply_: bool, url: str | None, workspace: Path, as_json: bool) -> None:
    """Make the tables."""
    from inventory.stores.ddl import ddl

    _run(ddl(), apply_, url, workspace, as_json)


@store.command(
    "member",
    help=_(
        "Let a role of the database write the rows of an organisation, and read those of others.\n\n"
        "Example: francecloud store member dsi_nord DSI-NORD --reads DSI-SUD --apply"
    ),
)
@click.argument("role", metavar="ROLE")
@click.argument("organisation", metavar="ORGANISATION")
@click.option("--reads", multiple=True, metavar="ORGANISATION", help=_("An organisation whose rows it may read too."))
@apply_option
@url_option
@workspace_option
@json_option
def member_of_store(
    role: str, organisation: str, reads: tuple[str, ...], apply_: bool, url: str | None, workspace: Path, as_json: bool
) -> None:
    """Give a role its organisation."""
    from inventory.stores.ddl import member

    _run(member(role, organisation, reads), apply_, url, workspace, as_json)


def _run(sql: str, apply_: bool, url: str | None, workspace: Path, as_json: bool) -> None:
    if apply_:
        from inventory.stores.postgresql import connected

        with connected(_address(url, workspace)) as base:
            base.execute(sql.encode())
        note(_("done"))
    if as_json:
        emit({"applied": apply_, "sql": sql})
    elif not apply_:
        say(sql.rstrip())


def _address(url: str | None, workspace: Path) -> str:
    from inventory.problems import InvalidInput, Problem
    from inventory.stores.settings import check_address, store_settings
    from inventory.workspace import open_workspace

    if url is not None:
        check_address(url)
        return url
    address = store_settings(open_workspace(workspace)).address
    if address is None:
        raise InvalidInput(
            Problem(code="INV-201", message=_("the settings name no PostgreSQL"),
                    hint=_("give --url, or write [inventory] store in francecloud.toml"))
        )  # fmt: skip
    return address
