# ruff: noqa: S608 (names of tables and columns are those of our own schema, quoted; values are parameters)
"""The dataset in a PostgreSQL that the DSIs of a ministry share; the database says who may see and write what.

An import reads and replaces the rows of its own organisation in one transaction, under a lock of that organisation:
two imports at once both land, a kill leaves the old rows or the new ones. A reader who may see several organisations
gets their datasets added up, as ``consolidate`` does.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from inventory.contract import Table
from inventory.dataset import empty_dataset, schema
from inventory.language import _
from inventory.package import Package, canonical_digest, package_files
from inventory.parsing import parse
from inventory.problems import Exit, InvalidInput, Problem, UserError
from inventory.stores import Told
from inventory.stores.ddl import NAMESPACE, OWNER, quoted

if TYPE_CHECKING:
    from psycopg import Connection

PATIENCE = "120s"
"""How long another import of the same organisation is waited for."""
REFUSALS = ("password", "authentication", 'role "', "mot de passe", "authentification", "rôle «")
"""What a server says of who it does not let in, in English and French: a refused connection bears no error code."""


class Unreachable(UserError):
    """The database cannot be used: not there, or it does not let us in."""

    exit_code = Exit.RESOURCE


class NotAllowed(UserError):
    """The database does not know the role, or refuses its password (exit code 3)."""

    exit_code = Exit.AUTHENTICATION


class PostgreSQLStore:
    """A dataset in PostgreSQL. ``organisation``: whose rows are written, where the role may write those of several."""

    def __init__(self, address: str, organisation: str | None = None) -> None:
        self.address = address
        self.organisation = organisation

    def exists(self) -> bool:
        """Whether an organisation that may be read ever wrote a dataset."""
        with connected(self.address) as base:
            return bool(_editions(base))

    def read(self) -> Package:
        """The dataset of every organisation that the role may read, added up.

        Raises:
            InvalidInput: nothing is there (``PKG-001``), of another version (``PKG-002``), not what the contract says.
            UserError: the database cannot be used (``INV-203``, ``INV-204``, ``INV-206``).
        """
        from inventory.sharing.consolidation import Shared, consolidate

        with connected(self.address) as base:
            base.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            packages = {owner: _package(base, owner, about) for owner, about in _editions(base).items()}
        if not packages:
            raise InvalidInput(
                Problem(code="PKG-001", message=_("there is no {name} package here", name=schema().name), file="postgresql")
            )  # fmt: skip
        if len(packages) == 1:
            return next(iter(packages.values()))
        return consolidate([Shared.of(package, owner) for owner, package in packages.items()]).package()

    @contextmanager
    def writing(self, told: Told | None = None) -> Iterator[PostgreSQLSession]:
        """Change the rows of one's organisation, alone; nothing is kept unless all is.

        Raises:
            UserError: the database cannot be used, or the role has no organisation or several (``INV-205``).
        """
        with connected(self.address) as base:
            owner = _own(base, self.organisation)
            _lock(base, owner, told)
            yield PostgreSQLSession(base, owner)


class PostgreSQLSession:
    """A transaction over the rows of one organisation."""

    def __init__(self, base: Connection[Any], owner: str) -> None:
        self.base = base
        self.owner = owner

    def read(self) -> Package:
        """The organisation's dataset; empty where there is none."""
        found = _editions(self.base, self.owner)
        return _package(self.base, self.owner, found[self.owner]) if found else empty_dataset()

    def write(self, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> bool:
        """Replace the organisation's rows; whether anything changed."""
        digest, text = canonical_digest(schema(), tables), json.dumps(dict(about), ensure_ascii=False, sort_keys=True)
        mine = {OWNER: self.owner}
        edition = f"SELECT about, digest, schema_version FROM {NAMESPACE}._editions WHERE {OWNER} = %({OWNER})s"
        if self.base.execute(edition, mine).fetchone() == (text, digest, schema().version):
            return False
        for name, table in schema().tables.items():
            _replace(self.base, self.owner, table, table.conform(tables.get(name, table.empty())))
        self.base.execute(
            f"INSERT INTO {NAMESPACE}._editions VALUES (%s, %s, %s, %s) ON CONFLICT ({OWNER}) DO UPDATE SET "
            "schema_version = excluded.schema_version, about = excluded.about, digest = excluded.digest",
            (self.owner, schema().version, text, digest),
        )
        return True


@contextmanager
def connected(address: str) -> Iterator[Connection[Any]]:
    """A connection and its one transaction: kept when the block ends well, undone otherwise.

    Raises:
        UserError: psycopg is absent (``INV-203``), or the database cannot be used (``INV-204``, ``INV-206``).
    """
    try:
        import psycopg
    except ImportError as error:
        raise InvalidInput(
            Problem(code="INV-203", message=_("the PostgreSQL library is not installed"),
                    hint=_("install it: pip install 'francecloud[postgresql]'"))
        ) from error  # fmt: skip
    try:
        with psycopg.connect(address, application_name="francecloud", connect_timeout=30, options=_options()) as base:
            yield base
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn) as error:
        raise InvalidInput(_unready()) from error
    except (psycopg.errors.InvalidAuthorizationSpecification, psycopg.errors.InsufficientPrivilege) as error:
        raise NotAllowed(_refused(error)) from error
    except psycopg.errors.LockNotAvailable as error:
        raise Unreachable(_refused(error, code="INV-200")) from error
    except psycopg.Error as error:
        raise (NotAllowed if any(word in str(error) for word in REFUSALS) else Unreachable)(_refused(error)) from error


def _options() -> str:
    # Dates and numbers as the contract spells them, whatever the server's or the role's own settings.
    return "-c datestyle=ISO -c extra_float_digits=1 -c client_encoding=UTF8 -c search_path=pg_catalog"


def _unready() -> Problem:
    return Problem(
        code="INV-206",
        message=_("the tables of the inventory are not in this database, or not open to this role"),
        hint=_("an administrator runs: francecloud store init --apply, then: francecloud store member"),
    )


def _refused(error: Exception, code: str = "INV-204") -> Problem:
    lines = [line for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    hint = _("check the address, PGPASSFILE, and that the server runs; nothing was written")
    return Problem(code=code, message=_("the database answers: {error}", error=text), hint=hint)


def _own(base: Connection[Any], wanted: str | None) -> str:
    query = f"SELECT DISTINCT mine FROM {NAMESPACE}._members_of_me() AS mine ORDER BY 1"
    mine = [row[0] for row in base.execute(query)]
    if wanted is not None and wanted in mine:
        return wanted
    if wanted is None and len(mine) == 1:
        return str(mine[0])
    raise InvalidInput(
        Problem(code="INV-205", value=wanted,
                message=_("this role writes for “{wanted}” nothing: it may for {mine}", wanted=wanted, mine=", ".join(mine) or "—")
                if wanted
                else _("this role may write for several organisations: {mine}", mine=", ".join(mine))
                if mine
                else _("this role may write for no organisation"),
                hint=_("[inventory] organisation in francecloud.toml says which; an administrator runs francecloud store member"))
    )  # fmt: skip


def _lock(base: Connection[Any], owner: str, told: Told | None) -> None:
    key = {"a": NAMESPACE, "b": owner}
    got = base.execute("SELECT pg_try_advisory_xact_lock(hashtext(%(a)s), hashtext(%(b)s))", key).fetchone()
    if got and got[0]:
        return
    if told:
        told(_("waiting for another import of {organisation} to end", organisation=owner))
    # Each statement sees what was committed before it: what is read next is what the other import wrote.
    base.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    base.execute("SELECT pg_advisory_xact_lock(hashtext(%(a)s), hashtext(%(b)s))", key)


def _editions(base: Connection[Any], owner: str | None = None) -> dict[str, dict[str, Any]]:
    """What may be read: organisation → what is said about its dataset.

    Raises:
        InvalidInput: one is of another version (``PKG-002``).
    """
    found = base.execute(f"SELECT {OWNER}, schema_version, about FROM {NAMESPACE}._editions ORDER BY 1").fetchall()
    kept = [row for row in found if owner is None or row[0] == owner]
    for name, version, _about in kept:
        if version != schema().version:
            raise InvalidInput(
                Problem(code="PKG-002", value=name, hint=_("write it again with this version of francecloud"),
                        message=_("this package is of version {found}, version {expected} is expected", found=version,
                                  expected=schema().version))
            )  # fmt: skip
    return {name: json.loads(about) for name, _version, about in kept}


def _package(base: Connection[Any], owner: str, about: Mapping[str, Any]) -> Package:
    problems: list[Problem] = []
    tables = {n: _read(base, owner, t, problems) for n, t in schema().tables.items()}
    if problems:
        raise InvalidInput(*problems)
    descriptor = json.loads(package_files(schema(), tables, about=about)["datapackage.json"])
    return Package(tables, descriptor)


def _read(base: Connection[Any], owner: str, table: Table, problems: list[Problem]) -> pl.DataFrame:
    columns = ", ".join(
        f"CASE WHEN {quoted(f.name)} THEN 'true' WHEN NOT {quoted(f.name)} THEN 'false' END AS {quoted(f.name)}"
        if f.type == "boolean"
        else quoted(f.name)
        for f in table.fields
    )
    out = io.BytesIO()
    query = f"COPY (SELECT {columns} FROM {NAMESPACE}.{quoted(table.name)} WHERE {OWNER} = {{}}) TO STDOUT (FORMAT csv, HEADER)"
    with base.cursor() as cursor, cursor.copy(_with(query, owner)) as copy:
        for piece in copy:
            out.write(piece)
    # Whoever can write SQL can write what the contract does not accept: read as a file edited by hand is.
    return table.conform(parse(table, out.getvalue(), Path("postgresql") / owner / table.name, problems))


def _with(query: str, owner: str) -> Any:
    from psycopg.sql import SQL, Literal

    return SQL(query).format(Literal(owner))


def _replace(base: Connection[Any], owner: str, table: Table, frame: pl.DataFrame) -> None:
    name, columns = f"{NAMESPACE}.{quoted(table.name)}", ", ".join(quoted(n) for n in table.by_name)
    base.execute(f"DELETE FROM {name} WHERE {OWNER} = %s", (owner,))
    if frame.height == 0:
        return
    # COPY does not go through row level security: it fills a table of this session, INSERT then carries the rows.
    passing = quoted(f"passing_{table.name}")
    base.execute(f"CREATE TEMP TABLE {passing} ON COMMIT DROP AS SELECT {columns} FROM {name} WITH NO DATA")
    with base.cursor() as cursor, cursor.copy(f"COPY pg_temp.{passing} FROM STDIN (FORMAT csv, HEADER)") as copy:
        copy.write(frame.write_csv(null_value="").encode())
    base.execute(f"INSERT INTO {name} ({OWNER}, {columns}) SELECT %s, {columns} FROM pg_temp.{passing}", (owner,))
