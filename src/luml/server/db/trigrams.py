"""Artifacts whose ``search_text`` may hold a text, by the trigram index of each database.

What an index finds has every trigram of the text, not always the text itself: who asks looks again.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, column, literal_column, select, table, text

from luml.server.db.tables import artifacts
from luml.server.db.types import AnySelect, Id

LENGTH = 3
MOST_TRIGRAMS = 24
"""Of a long text the first ones do: each makes the intersection smaller, and costs a look-up."""
MOST_PLACES = 32
PLANE = 0xF0000
PER_PLACE = 60_000
PLACE_END = chr(0x100000)

_search = table("artifact_search", column("rowid"))
_numbers = table("search_artifacts", column("number"), column("artifact_id", Id()))
_places = table("search_collections", column("number"), column("collection_id", Id()))
# PostgreSQL takes trigrams from words alone.
_WORD = re.compile(r"[^\W_]{3}")


def is_indexed(connection: Connection, value: str) -> bool:
    """Say whether the index can be asked for a text: it has none for less than three characters."""
    if connection.dialect.name == "sqlite":
        return len(value) >= LENGTH
    return _WORD.search(value) is not None


def holding(connection: Connection, value: str, collection_ids: Sequence[str]) -> AnySelect:
    """Return a query for the ids of artifacts that may hold a casefolded text.

    Args:
        collection_ids: Where they lie; on SQLite the query also finds others if there are many.
    """
    if connection.dialect.name != "sqlite":
        columns = artifacts.c
        return select(columns.id.label("id")).where(
            columns.collection_id.in_(collection_ids),
            columns.search_text.contains(value, autoescape=True),
        )
    terms = [_quoted(value[start : start + LENGTH]) for start in range(len(value) - LENGTH + 1)]
    wanted = [" AND ".join(list(dict.fromkeys(terms))[:MOST_TRIGRAMS])]
    if len(collection_ids) <= MOST_PLACES:
        wanted.append(f"({' OR '.join(_place_terms(connection, collection_ids))})")
    match = literal_column("artifact_search").op("MATCH")(" AND ".join(wanted))
    return (
        select(_numbers.c.artifact_id.label("id"))
        .select_from(_search.join(_numbers, _numbers.c.number == _search.c.rowid))
        .where(match)
    )


def _place_terms(connection: Connection, collection_ids: Sequence[str]) -> list[str]:
    query = select(_places.c.number).where(_places.c.collection_id.in_(collection_ids))
    found: list[str] = []
    for number in connection.execute(query).scalars():
        low, high = number % PER_PLACE, number // PER_PLACE % PER_PLACE
        found.append(_quoted(chr(PLANE + low) + chr(PLANE + high) + PLACE_END))
    return found


def _quoted(term: str) -> str:
    return '"{}"'.format(term.replace('"', '""'))


@contextmanager
def only_by_index(connection: Connection) -> Generator[None]:
    """Keep PostgreSQL from looking at every artifact where it takes a text for a common one."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    connection.execute(text("SET LOCAL enable_indexscan = off"))
    yield
    connection.execute(text("SET LOCAL enable_seqscan = on"))
    connection.execute(text("SET LOCAL enable_indexscan = on"))
