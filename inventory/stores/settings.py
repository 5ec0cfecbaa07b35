"""What ``[inventory]`` of francecloud.toml says of the store; an address there never holds a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from inventory.language import _
from inventory.problems import InvalidInput, Problem
from inventory.workspace import SETTINGS, Workspace

FORMATS = ("csv", "parquet")
SCHEMES = ("postgresql", "postgres")
SECRET = ("password", "sslpassword", "oauth_client_secret")
"""Parameters of a PostgreSQL address that are secrets."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """``address``: a PostgreSQL, or None for files; ``organisation``: whose rows are written there."""

    address: str | None
    organisation: str | None
    parquet: bool


def store_settings(workspace: Workspace) -> StoreSettings:
    """Read and check the settings of the store.

    Raises:
        InvalidInput: not an address or a format (``INV-201``), a password in the file (``INV-202``).
    """
    section: dict[str, Any] = workspace.settings.get("inventory", {})
    file = str(workspace.root / SETTINGS)
    address, kind, organisation = section.get("store"), section.get("format", "csv"), section.get("organisation")
    if kind not in FORMATS:
        raise InvalidInput(
            Problem(code="INV-201", file=file, field="format", value=str(kind),
                    message=_("“{value}” is not a format of the dataset", value=kind),
                    hint=_("expected: {expected}", expected=", ".join(FORMATS)))
        )  # fmt: skip
    if organisation is not None and not isinstance(organisation, str):
        raise InvalidInput(
            Problem(code="INV-201", file=file, field="organisation", message=_("the organisation is not a text"))
        )
    if address is not None:
        check_address(address, file)
    return StoreSettings(address, organisation, kind == "parquet")


def check_address(address: Any, file: str | None = None) -> None:
    """Refuse what is not the address of a PostgreSQL, or holds a password; the address itself is never repeated.

    Raises:
        InvalidInput: ``INV-201`` or ``INV-202``.
    """
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
        known = parts is not None and parts.scheme in SCHEMES and "://" in address
        query = parse_qs(parts.query, keep_blank_values=True) if parts is not None else {}
        password = parts is not None and (parts.password is not None or ":" in parts.netloc.rpartition("@")[0])
    except ValueError:
        known, query, password = False, {}, False
    if not known:
        raise InvalidInput(
            Problem(code="INV-201", file=file, field="store", message=_("the store is not the address of a PostgreSQL"),
                    hint=_("expected for example postgresql://user@host/base, or nothing for files"))
        )  # fmt: skip
    if password or any(name in query for name in SECRET):
        raise InvalidInput(
            Problem(code="INV-202", file=file, field="store", message=_("the address of the store holds a password"),
                    hint=_("take it out, change it on the server, and give it by PGPASSFILE, a service file or PGPASSWORD"))
        )  # fmt: skip
