"""Everything that stands in a database, as text: to see that nothing was written, or that a word stands nowhere."""

from __future__ import annotations

import base64

import psycopg

__all__ = ["dump", "places_of"]


def dump(owner: str) -> dict[str, list[str]]:
    """Every row of every table of the schema, as text, by table."""
    with psycopg.connect(owner, autocommit=True) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'wuye' order by 1").fetchall()
        return {
            name: [row[0] for row in connection.execute(f'select t::text from wuye."{name}" t order by 1')]
            for (name,) in tables
        }


def places_of(word: str, owner: str) -> list[str]:
    """The tables in which a word stands: plain, escaped as JSON, or inside binary columns in hexadecimal or base64."""
    utf8 = word.encode()
    escaped = word.encode("unicode_escape").decode()
    forms = {word, utf8.hex(), escaped, escaped.encode().hex()}
    forms |= {base64.b64encode(b"x" * shift + utf8).decode().rstrip("=")[4:-2] for shift in range(3)}
    return [name for name, rows in dump(owner).items() if any(form in row for row in rows for form in forms)]
