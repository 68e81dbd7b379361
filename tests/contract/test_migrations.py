"""From the first schema with data to the newest one, on each database; and who may start."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text

from luml.server import databases
from luml.server.bootstrap import BootstrapError, prepare
from luml.server.databases import SchemaError, open_configured
from luml.server.db import artifacts, first, schema
from luml.server.db.engine import Database
from luml.server.db.ids import new_id
from luml.server.db.schema import State
from luml.server.db.shapes import shape_of
from luml.server.db.tables import (
    artifact_documents,
    artifact_tags,
    collection_types,
    metadata,
)
from luml.server.db.tables import artifacts as artifacts_table
from luml.server.filters.conditions import Contains, Equals
from luml.server.services import pages
from tests.contract.database import Bench, DatabasePlace, page_request

FIRST = "0001"
OF_THE_INDEX = ("artifact_search", "search_artifacts", "search_collections", "ix_artifacts_search")
NAMES = ("Straße.luml", "two\nlines.luml", "plain.luml")


def differences(connection: Connection) -> list[Any]:
    """Return how the schema differs from the tables, but for what only one database has."""
    found = compare_metadata(MigrationContext.configure(connection), metadata)
    return [one for one in found if not str(one[1].name).startswith(OF_THE_INDEX)]


def old_artifact(rows: first.FirstRows, name: str) -> dict[str, Any]:
    """Return a row as the first version wrote it."""
    artifact_id = new_id()
    return {
        "id": artifact_id,
        "collection_id": rows.collection,
        "type": "model",
        "status": "uploaded",
        "name": name,
        "file_name": "a.luml",
        "size": 1,
        "description": "Ein GROSSER Text",
        "description_sort": "+Ein GROSSER Text",
        "tags": json.dumps(["Prod", name]),
        "search_text": f"{name}\na.luml\nProd\n{name}".casefold(),
        "unique_identifier": "0" * 32,
        "bucket_location": artifact_id,
        "bucket_secret_id": rows.orbit,
        "shape_id": shape_of("model", {}).id,
        "created_by": rows.user,
        "created_at": 1,
    }


def fill_first(database: Database) -> tuple[first.FirstRows, list[str]]:
    """Make the first schema with some artifacts in it."""
    with database.write() as connection:
        schema.upgrade(connection, FIRST)
        rows = first.add_first_rows(connection, b"digest")
        ids: list[str] = []
        for name in NAMES:
            row = old_artifact(rows, name)
            connection.execute(insert(artifacts_table), row)
            documents = {"extra_values": "{}", "manifest": "{}", "file_index": "{}"}
            connection.execute(insert(artifact_documents), {**documents, "artifact_id": row["id"]})
            ids.append(row["id"])
        total = {"collection_id": rows.collection, "type": "model", "total": len(NAMES)}
        connection.execute(insert(collection_types), total)
    return rows, ids


def test_from_the_first_revision_to_the_head(engine: DatabasePlace) -> None:
    settings = engine.empty("migration")
    database = open_configured(settings)
    rows, ids = fill_first(database)
    assert databases.state_of(database) is State.OLDER
    assert databases.upgrade(database) == FIRST
    assert databases.state_of(database) is State.CURRENT
    assert databases.upgrade(database) == schema.head_revision()
    if database.is_sqlite:
        assert (settings.directory / f"registry-before-{FIRST}.db").exists()
    bench = Bench(database, rows)
    with database.read() as connection:
        assert differences(connection) == []
        kept = {row.id: row for row in connection.execute(select(*artifacts_table.c))}
        for artifact_id, name in zip(ids, NAMES, strict=True):
            row = kept[artifact_id]
            assert row.search_text == artifacts.search_text(name, "a.luml", ["Prod", name])
            assert row.description_folded == "ein grosser text"
        assert len(connection.execute(select(*artifact_tags.c)).all()) == 2 * len(NAMES)
        grant = bench.grant(connection, rows.orbit)
        for condition, expected in (
            (Contains("search", "strasse"), ids[:1]),
            (Contains("search", "two lines"), ids[1:2]),
            (Equals("tag", "Prod"), sorted(ids, reverse=True)),
        ):
            request = page_request(condition=condition)
            found = pages.read(connection, grant, request)
            assert [row.id for row in found.rows] == expected
    database.close()


def test_a_new_schema_is_the_one_of_the_tables(engine: DatabasePlace) -> None:
    bench = engine.bench("fresh")
    with bench.database.read() as connection:
        assert schema.current_revision(connection) == schema.head_revision()
        assert differences(connection) == []
    bench.database.close()


def test_many_upgrades_at_once(engine: DatabasePlace) -> None:
    settings = engine.empty("race")

    def upgrade(_: int) -> None:
        database = open_configured(settings)
        databases.upgrade(database)
        database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, range(4)))
    database = open_configured(settings)
    databases.check(database)
    database.close()


def test_a_postgresql_server_starts_on_its_own_schema_alone(engine: DatabasePlace) -> None:
    if engine.cluster is None:
        return
    settings = engine.empty("refused")
    with pytest.raises(BootstrapError, match="run `luml db upgrade`"):
        prepare(settings)
    database = open_configured(settings)
    fill_first(database)
    with pytest.raises(BootstrapError, match=f"has schema {FIRST} and .*luml db upgrade"):
        prepare(settings)
    databases.upgrade(database)
    assert prepare(settings).renewed
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BootstrapError, match="newer version of luml; update luml"):
        prepare(settings)
    with pytest.raises(SchemaError, match="newer version"):
        databases.upgrade(database)
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:secret@b/c"])
def test_a_database_url_that_is_none(engine: DatabasePlace, url: str) -> None:
    settings = engine.empty("url").model_copy(update={"database_url": url})
    with pytest.raises(BootstrapError, match="LUML_DATABASE_URL") as caught:
        prepare(settings)
    assert "secret" not in str(caught.value)
