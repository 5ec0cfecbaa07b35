"""The law as SQL says what the law in process says."""

import contextlib
import sqlite3
from datetime import date

import polars as pl
import psycopg
import pytest
import sqlglot

from rationalise import evaluate, load_doctrine
from rationalise.doctrine.sql import DIALECTS, to_sql

DOCTRINE = load_doctrine()
OFFERS = list(DOCTRINE.offers)
NAMES = list(DOCTRINE.attributes)
DAYS = [date(2024, 11, 16), date(2026, 4, 16), date(2026, 11, 23), date(2026, 12, 30)]
COLUMNS = ["id", "tier", "offer", "verdict", "rules", "causes", "blocking"]


def some_profiles(rows: int, seed: int) -> pl.DataFrame:
    """Text columns, unknowns among them, and words that no list holds."""
    return pl.DataFrame({"id": [str(n) for n in range(rows)]}).with_columns(
        pl.Series([None, "?", *a.values], dtype=pl.String)
        .sample(rows, with_replacement=True, seed=seed + n)
        .alias(a.name)
        for n, a in enumerate(DOCTRINE.attributes.values())
    )


def expected(profiles: pl.DataFrame, day: date) -> set[tuple]:
    found = evaluate(DOCTRINE, profiles.drop("id"), day, offers=OFFERS)
    both = pl.concat([found.tiers, found.offers], how="diagonal")
    return set(both.with_columns(pl.col("row").cast(pl.String).alias("id")).select(COLUMNS).iter_rows())


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_sqlite_says_the_same(day: date) -> None:
    profiles = some_profiles(200, day.toordinal())
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.execute(f"create table profiles ({', '.join(['id', *NAMES])})")
        base.executemany(f"insert into profiles values ({', '.join('?' * (len(NAMES) + 1))})", profiles.iter_rows())
        rows = base.execute(to_sql(DOCTRINE, day, "sqlite", offers=OFFERS)).fetchall()
    found = {(*row[:-1], bool(row[-1])) for row in rows}
    assert len(rows) == 200 * (len(OFFERS) + len(DOCTRINE.tiers))
    assert found == expected(profiles, day)


@pytest.mark.needs("postgresql")
def test_postgresql_says_the_same(postgresql: str) -> None:
    day, profiles = DAYS[2], some_profiles(200, 7)
    with psycopg.connect(postgresql) as connection:
        cursor = connection.cursor()
        cursor.execute(f"create temporary table profiles ({', '.join(f'{n} text' for n in ['id', *NAMES])})")
        line = f"insert into profiles values ({', '.join(['%s'] * (len(NAMES) + 1))})"
        cursor.executemany(line, profiles.rows())
        rows = cursor.execute(to_sql(DOCTRINE, day, "postgres", offers=OFFERS)).fetchall()
    assert set(rows) == expected(profiles, day)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_text(dialect: str) -> None:
    text = to_sql(DOCTRINE, DAYS[2], dialect, offers=["pi-dr"])
    assert sqlglot.parse_one(text, read=dialect).sql(dialect=dialect) == text


def test_a_table_somewhere_else_is_named_as_it_is() -> None:
    assert "FROM inventory.profiles" in to_sql(DOCTRINE, DAYS[2], "postgres", table="inventory.profiles")
