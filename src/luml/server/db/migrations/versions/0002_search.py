"""Trigram indexes for search, tags as rows, and metrics by artifact, for search and filters.

SQLite: triggers keep the full-text table ``artifact_search``. It holds no text, only trigrams by
number; ``search_artifacts`` gives artifacts numbers, because SQLite may renumber the rows of
``artifacts`` itself. A collection's number is written as three private characters, which are one
trigram: a search within a collection is the intersection with that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from luml.server.db.types import Id, SortText

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 5000

artifacts = sa.table(
    "artifacts",
    sa.column("id", Id()),
    sa.column("collection_id", Id()),
    sa.column("name", sa.Text()),
    sa.column("file_name", sa.Text()),
    sa.column("tags", sa.Text()),
    sa.column("description", sa.Text()),
    sa.column("description_folded", sa.Text()),
    sa.column("search_text", sa.Text()),
)
artifact_tags = sa.table(
    "artifact_tags",
    sa.column("collection_id", Id()),
    sa.column("tag", SortText),
    sa.column("artifact_id", Id()),
)

TABLES = """
CREATE TABLE search_artifacts (number INTEGER PRIMARY KEY, artifact_id BLOB NOT NULL UNIQUE);
CREATE TABLE search_collections (number INTEGER PRIMARY KEY, collection_id BLOB NOT NULL UNIQUE);
CREATE VIRTUAL TABLE artifact_search USING fts5(
    place, text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'
);
CREATE VIEW search_places AS SELECT collection_id, char(
    983040 + number % 60000, 983040 + number / 60000 % 60000, 1048576
) AS place FROM search_collections;
INSERT INTO search_collections (collection_id) SELECT id FROM collections ORDER BY id;
INSERT INTO search_artifacts (artifact_id) SELECT id FROM artifacts ORDER BY id;
INSERT INTO artifact_search (rowid, place, text)
    SELECT number, place, search_text
    FROM search_artifacts
    JOIN artifacts ON artifacts.id = artifact_id
    JOIN search_places ON search_places.collection_id = artifacts.collection_id
    ORDER BY number
"""
TRIGGERS = (
    """
CREATE TRIGGER search_new_collection AFTER INSERT ON collections BEGIN
    INSERT INTO search_collections (collection_id) VALUES (new.id);
END
""",
    """
CREATE TRIGGER search_old_collection AFTER DELETE ON collections BEGIN
    DELETE FROM search_collections WHERE collection_id = old.id;
END
""",
    """
CREATE TRIGGER search_new_artifact AFTER INSERT ON artifacts BEGIN
    INSERT INTO search_artifacts (artifact_id) VALUES (new.id);
    INSERT INTO artifact_search (rowid, place, text)
        SELECT last_insert_rowid(), place, new.search_text
        FROM search_places WHERE collection_id = new.collection_id;
END
""",
    """
CREATE TRIGGER search_old_artifact AFTER DELETE ON artifacts BEGIN
    INSERT INTO artifact_search (artifact_search, rowid, place, text)
        SELECT 'delete', number, place, old.search_text
        FROM search_artifacts JOIN search_places ON collection_id = old.collection_id
        WHERE artifact_id = old.id;
    DELETE FROM search_artifacts WHERE artifact_id = old.id;
END
""",
    """
CREATE TRIGGER search_changed_artifact AFTER UPDATE OF search_text ON artifacts
WHEN old.search_text <> new.search_text BEGIN
    INSERT INTO artifact_search (artifact_search, rowid, place, text)
        SELECT 'delete', number, place, old.search_text
        FROM search_artifacts JOIN search_places ON collection_id = old.collection_id
        WHERE artifact_id = old.id;
    INSERT INTO artifact_search (rowid, place, text)
        SELECT number, place, new.search_text
        FROM search_artifacts JOIN search_places ON collection_id = new.collection_id
        WHERE artifact_id = new.id;
END
""",
)
INDEX = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX ix_artifacts_search ON artifacts USING gin (collection_id, search_text gin_trgm_ops)
"""


def upgrade() -> None:
    with op.batch_alter_table("artifacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("description_folded", sa.Text(), nullable=True))
    op.create_table(
        "artifact_tags",
        sa.Column("collection_id", Id(), nullable=False),
        sa.Column("tag", SortText, nullable=False),
        sa.Column("artifact_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "tag", "artifact_id", name="pk_artifact_tags"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_artifact_metrics_artifact", "artifact_metrics", ["artifact_id", "key"])
    connection = op.get_bind()
    for rows in _batches(connection):
        _fill(connection, rows)
    if connection.dialect.name == "sqlite":
        statements = [*TABLES.split(";"), *TRIGGERS]
    else:
        statements = INDEX.split(";")
    for statement in statements:
        connection.exec_driver_sql(statement)


def _batches(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    """Yield all artifacts, some at a time, in the order of their ids."""
    columns = artifacts.c
    query = sa.select(*columns).order_by(columns.id).limit(BATCH)
    rows = connection.execute(query).all()
    while rows:
        yield rows
        rows = connection.execute(query.where(columns.id > rows[-1].id)).all()


def _fill(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> None:
    tags: list[dict[str, str]] = []
    changed: list[dict[str, str | None]] = []
    for row in rows:
        names: list[str] = [] if row.tags is None else json.loads(row.tags)
        place = {"collection_id": row.collection_id, "artifact_id": row.id}
        tags += [{**place, "tag": tag} for tag in dict.fromkeys(names)]
        lines = [line.replace("\n", " ") for line in (row.name, row.file_name, *names)]
        text = "\n".join(lines).casefold()
        text_of = row.description
        folded = None if text_of is None else text_of.replace("\n", " ").casefold()
        folded = None if folded == text_of else folded
        if text != row.search_text or folded is not None:
            changed.append({"key": row.id, "text": text, "folded": folded})
    if tags:
        connection.execute(sa.insert(artifact_tags), tags)
    if changed:
        values: dict[str, Any] = {
            "search_text": sa.bindparam("text"),
            "description_folded": sa.bindparam("folded"),
        }
        here = artifacts.c.id == sa.bindparam("key", type_=Id())
        connection.execute(sa.update(artifacts).where(here).values(values), changed)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("new_collection", "old_collection"):
            op.execute(f"DROP TRIGGER search_{name}")
        for name in ("new_artifact", "old_artifact", "changed_artifact"):
            op.execute(f"DROP TRIGGER search_{name}")
        op.execute("DROP VIEW search_places")
        for name in ("artifact_search", "search_artifacts", "search_collections"):
            op.drop_table(name)
    else:
        op.drop_index("ix_artifacts_search", table_name="artifacts")
    op.drop_index("ix_artifact_metrics_artifact", table_name="artifact_metrics")
    op.drop_table("artifact_tags")
    with op.batch_alter_table("artifacts", schema=None) as batch_op:
        batch_op.drop_column("description_folded")
