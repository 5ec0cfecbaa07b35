# ruff: noqa: S608 (names of tables and columns are those of our own schema, quoted; values are parameters)
"""The tables of a shared inventory in PostgreSQL, made from the dataset's schema, and who may see and write what.

The database itself enforces ownership: every row has an owner (an organisation), and row level security, forced even
on whoever owns the tables, lets a role write only the rows of its organisation and read those it was allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory.contract import Table
from inventory.dataset import schema

NAMESPACE = "francecloud"
OWNER = "_owner"
EVERYONE = "francecloud_users"
"""The group of all roles that use the store; it may do nothing by itself that a policy does not allow."""
KINDS = {"string": "text", "list": "text", "integer": "bigint", "number": "double precision", "boolean": "boolean",
         "date": "date"}  # fmt: skip

_COMMON = f"""
CREATE SCHEMA IF NOT EXISTS {NAMESPACE};
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{EVERYONE}') THEN CREATE ROLE {EVERYONE} NOLOGIN; END IF;
END $$;
REVOKE ALL ON SCHEMA {NAMESPACE} FROM PUBLIC;
GRANT USAGE ON SCHEMA {NAMESPACE} TO {EVERYONE};

CREATE TABLE IF NOT EXISTS {NAMESPACE}._members (role text NOT NULL, organisation text NOT NULL, PRIMARY KEY (role, organisation));
CREATE TABLE IF NOT EXISTS {NAMESPACE}._readers (role text NOT NULL, organisation text NOT NULL, PRIMARY KEY (role, organisation));
"""

_ROLES = """
ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own ON {schema}.{table};
CREATE POLICY own ON {schema}.{table} FOR SELECT
  USING (EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role AND pg_has_role(r.oid, 'USAGE')));
CREATE OR REPLACE FUNCTION {schema}.{table}_of_me() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT organisation FROM {schema}.{table} JOIN pg_catalog.pg_roles r ON r.rolname = role
  WHERE pg_catalog.pg_has_role(r.oid, 'USAGE') $$;
REVOKE ALL ON {schema}.{table} FROM PUBLIC, {everyone};
GRANT SELECT ON {schema}.{table} TO {everyone};
"""

_POLICIES = """
ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.{table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS reads ON {schema}.{table};
CREATE POLICY reads ON {schema}.{table} FOR SELECT USING ({owner} IN (
  SELECT {schema}._members_of_me() UNION ALL SELECT {schema}._readers_of_me()));
DROP POLICY IF EXISTS adds ON {schema}.{table};
CREATE POLICY adds ON {schema}.{table} FOR INSERT
  WITH CHECK ({owner} IN (SELECT {schema}._members_of_me()));
DROP POLICY IF EXISTS changes ON {schema}.{table};
CREATE POLICY changes ON {schema}.{table} FOR UPDATE USING ({owner} IN (SELECT {schema}._members_of_me()))
  WITH CHECK ({owner} IN (SELECT {schema}._members_of_me()));
DROP POLICY IF EXISTS removes ON {schema}.{table};
CREATE POLICY removes ON {schema}.{table} FOR DELETE USING ({owner} IN (SELECT {schema}._members_of_me()));
REVOKE ALL ON {schema}.{table} FROM PUBLIC, {everyone};
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{table} TO {everyone};
"""


def ddl() -> str:
    """Everything an administrator runs once, and again after an update of francecloud: it completes what is missing."""
    editions = (
        f"CREATE TABLE IF NOT EXISTS {NAMESPACE}._editions ({OWNER} text PRIMARY KEY, schema_version text NOT NULL, "
        "about text NOT NULL, digest text NOT NULL);\n"
    )
    parts = [_COMMON.strip() + "\n", *(_filled(_ROLES, t) for t in ("_members", "_readers")), editions]
    parts.append(_filled(_POLICIES, "_editions"))
    for table in schema().tables.values():
        parts += ["\n".join(_table(table)) + "\n", _filled(_POLICIES, quoted(table.name))]
    return "\n".join(parts)


def member(role: str, organisation: str, reads: tuple[str, ...] = ()) -> str:
    """What lets a role write the rows of an organisation, and read those of others.

    Args:
        role: a role of the database that exists.
        organisation: whose rows it owns.
        reads: the organisations whose rows it may read too.
    """
    lines = [
        f"GRANT {EVERYONE} TO {quoted(role)};",
        f"INSERT INTO {NAMESPACE}._members VALUES ({literal(role)}, {literal(organisation)}) ON CONFLICT DO NOTHING;",
    ]
    lines += [
        f"INSERT INTO {NAMESPACE}._readers VALUES ({literal(role)}, {literal(other)}) ON CONFLICT DO NOTHING;"
        for other in reads
    ]
    return "\n".join(lines) + "\n"


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it, whatever it holds."""
    return "'" + text.replace("'", "''") + "'"


def _filled(template: str, table: str) -> str:
    return template.strip().format(schema=NAMESPACE, table=table, everyone=EVERYONE, owner=OWNER) + "\n"


def _table(table: Table) -> Iterator[str]:
    name = f"{NAMESPACE}.{quoted(table.name)}"
    keys = [table.by_name[k] for k in table.primary_key]
    columns = ", ".join(f"{quoted(f.name)} {KINDS[f.type]}{' NOT NULL' if f.required else ''}" for f in keys)
    yield f"CREATE TABLE IF NOT EXISTS {name} ({OWNER} text NOT NULL, {columns});"
    yield from (
        f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {quoted(f.name)} {KINDS[f.type]};"
        for f in table.fields
        if f not in keys
    )
    # A key may hold an unknown (the field of an origin): two unknowns are then the same.
    parts = ", ".join([OWNER, *(quoted(f.name) if f.required else f"coalesce({quoted(f.name)}, '')" for f in keys)])
    yield f"CREATE UNIQUE INDEX IF NOT EXISTS {quoted(table.name + '_key')} ON {name} ({parts});"
