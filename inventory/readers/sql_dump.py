"""The rows of a MySQL or MariaDB dump, without a database: the texts of ``INSERT INTO`` cut into cells.

A cell is a number, NULL, or a text between quotes with the escapes of MySQL; nothing else is looked at, and nothing is
run. One pass over the text; a text that is cut is said with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_CELL = 1_000_000
_INSERT = re.compile(
    r"^INSERT (?:IGNORE )?INTO [`\"]?(?P<table>\w+)[`\"]?\s*(?:\((?P<columns>[^)]*)\))?\s*VALUES\s*", re.M
)
_CREATE = re.compile(r"^CREATE TABLE [`\"]?(?P<table>\w+)[`\"]? \((?P<body>.*?)^\)", re.M | re.S)
_CREATED = re.compile(r"^\s+[`\"](\w+)[`\"]", re.M)
_CELL = re.compile(
    r"\s*(?:(?P<null>NULL)|'(?P<text>(?:[^'\\]|\\.|'')*)'|(?:0x)?(?P<bare>[-+\w.]+))\s*(?P<end>[,)])", re.S
)
_ESCAPE = re.compile(r"\\(.)|''", re.S)
_MEANT = {"n": "\n", "t": "\t", "r": "\r", "0": "", "b": "", "Z": ""}


class Cut(Exception):
    """The dump stops inside a statement; ``line`` says where."""

    def __init__(self, line: int) -> None:
        super().__init__(str(line))
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its table, its cells by column, its line in the dump."""

    table: str
    cells: dict[str, str | None]
    line: int


def rows(text: str) -> Iterator[Row]:
    """Every row of a dump, in its order; of an INSERT without columns they are those of its CREATE TABLE.

    Raises:
        Cut: a statement is not finished or has cells that are none of MySQL's.
    """
    created = {m["table"]: _CREATED.findall(m["body"]) for m in _CREATE.finditer(text)}
    line, counted = 1, 0
    for insert in _INSERT.finditer(text):
        columns = re.findall(r"\w+", insert["columns"]) if insert["columns"] else created.get(insert["table"], [])
        position = insert.end()
        while True:
            line, counted = line + text.count("\n", counted, position), position
            if text[position : position + 1] != "(":
                raise Cut(line)
            values, position = _tuple(text, position + 1, line)
            if len(values) != len(columns):
                raise Cut(line)
            yield Row(insert["table"], dict(zip(columns, values, strict=True)), line)
            mark = re.compile(r"\s*([,;])\s*").match(text, position)
            if mark is None:
                raise Cut(line)
            position = mark.end()
            if mark[1] == ";":
                break


def _tuple(text: str, position: int, line: int) -> tuple[list[str | None], int]:
    values: list[str | None] = []
    while True:
        cell = _CELL.match(text, position)
        if cell is None or len(cell[0]) > LONGEST_CELL:
            raise Cut(line)
        values.append(None if cell["null"] else cell["bare"] if cell["text"] is None else _unescaped(cell["text"]))
        position = cell.end()
        if cell["end"] == ")":
            return values, position


def _unescaped(text: str) -> str:
    return (
        _ESCAPE.sub(lambda m: _MEANT.get(m[1], m[1]) if m[1] else "'", text) if "\\" in text or "''" in text else text
    )
