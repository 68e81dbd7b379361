"""Fills a registry's default collection with realistic artifacts, fast: ``python
benchmarks/fill.py DIR N``.

Rows, documents, metrics, shapes and totals are what the server itself would have written, so that
lists, sorts and details
are those of a registry that grew by uploads. The artifacts say ``uploaded``; their objects are not
there, so a
download of one answers that the object is missing. Run it while no server is up.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from luml.files import artifact_type_of, normalise_manifest
from luml.files.manifest import MODEL_FILES
from luml.server.bootstrap import prepare
from luml.server.databases import DATABASE_FILE
from luml.server.db.artifacts import described, search_text
from luml.server.db.ids import new_id, packed
from luml.server.db.shapes import Shape, shape_of
from luml.server.settings import Settings

METRICS = {
    "R2": 1.0,
    "MAE": 40.0,
    "RMSE": 60.0,
    "MSE": 3600.0,
    "RMSLE": 0.8,
    "SCORE": 1.0,
    "SC_SCORE": 1.0,
}
"""The names, and up to where the values go."""
BATCH = 50_000
MANIFEST_BYTES = 3_000
VARIANTS = 64
CACHE_KIB = 512 * 1024
MICROSECONDS_APART = 10
TAGS = ("regression", "income", "falcon", "prod", "candidate")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the artifacts go."""

    collection: str
    orbit: str
    secret: bytes
    user: bytes
    first: int


def manifest_text(number: int) -> str:
    """Return one of several valid manifests of about 3 KB."""
    chance = random.Random(number)
    ports: list[dict[str, Any]] = []
    manifest = {
        "variant": "pipeline",
        "producer_name": "falcon.beastbyte.ai",
        "producer_version": f"0.8.{number}",
        "producer_tags": ["falcon.beastbyte.ai::tabular_regression:v1"],
        "inputs": ports,
        "outputs": [port("y_pred", "Array[float32]")],
        "dynamic_attributes": [],
        "env_vars": [],
    }
    while len(json.dumps(manifest)) < MANIFEST_BYTES:
        name = f"feature_{len(ports)}_{chance.randrange(16**6):06x}"
        ports.append(port(name, chance.choice(["Array[float32]", "Array[string]"])))
    return json.dumps(normalise_manifest(manifest), separators=(",", ":"))


def port(name: str, dtype: str) -> dict[str, Any]:
    """Return an input or output of a manifest."""
    content = {"content_type": "NDJSON", "dtype": dtype, "shape": ["batch", 1]}
    return {"name": name, **content, "tags": None}


def file_index_text() -> str:
    """Return the index of a model of 245,760 bytes."""
    members = [*MODEL_FILES, "ops_artifacts/onnx_main/model.onnx"]
    index = {name: [512 + 1024 * number, 512] for number, name in enumerate(members)}
    return json.dumps(index, separators=(",", ":"))


class Filler:
    """Writes batches of artifacts into an open database."""

    def __init__(self, database: sqlite3.Connection, target: Target) -> None:
        self._database = database
        self._chance = random.Random(target.first)
        self._manifests = [manifest_text(number) for number in range(VARIANTS)]
        self._index = file_index_text()
        self._type = artifact_type_of(json.loads(self._manifests[0]), MODEL_FILES).value
        self.shape: Shape = shape_of(self._type, dict.fromkeys(METRICS, 0.5))
        self.tags: dict[str, int] = {}
        self._target = target
        self._folder = f"orbit-{target.orbit}/collection-{target.collection}"
        self._ids = (packed(target.collection), packed(self.shape.id))
        self._tag_sets = [list(tags) for size in range(3) for tags in combinations(TAGS, size)]

    def write(self, numbers: range, moment: int) -> None:
        """Write the artifacts of some numbers, the first one created at ``moment``."""
        rows: list[tuple[Any, ...]] = []
        documents: list[tuple[Any, ...]] = []
        metrics: list[tuple[Any, ...]] = []
        tagged: list[tuple[Any, ...]] = []
        collection, kind, chance = self._ids[0], self._type, self._chance.random
        for number in numbers:
            artifact_id = packed(new_id())
            values = {key: round(scale * chance(), 6) for key, scale in METRICS.items()}
            tags = self._tag_sets[number * 7 % len(self._tag_sets)]
            tagged += [(collection, tag, artifact_id) for tag in tags]
            rows.append(self._row(number, artifact_id, moment + number * MICROSECONDS_APART, tags))
            manifest = self._manifests[number % VARIANTS]
            # The text of a dict of short names and floats is JSON but for the quotes.
            text = str(values).replace("'", '"')
            documents.append((artifact_id, text, manifest, self._index))
            metrics += [
                (collection, key, kind, value, artifact_id) for key, value in values.items()
            ]
        # In the order of the index, so that its pages are written once.
        metrics.sort()
        tagged.sort()
        self._insert_searchable(rows)
        self._insert("artifact_documents", DOCUMENT_COLUMNS, documents)
        self._insert("artifact_metrics", METRIC_COLUMNS, metrics)
        self._insert("artifact_tags", TAG_COLUMNS, tagged)

    def _row(
        self, number: int, artifact_id: bytes, created_at: int, tags: Sequence[str]
    ) -> tuple[Any, ...]:
        name, file_name = f"model-{number}", f"model-{number}.fnnx"
        random_hex = f"{self._chance.getrandbits(384):096x}"
        for tag in tags:
            self.tags[tag] = self.tags.get(tag, 0) + 1
        description = f"Run {number % 977} of the nightly search" if number % 3 else None
        collection, shape = self._ids
        return (
            artifact_id,
            collection,
            self._type,
            "uploaded",
            name,
            file_name,
            245_760 + int(random_hex[:5], 16),
            *described(description).values(),
            json.dumps(tags),
            search_text(name, file_name, tags),
            random_hex[:64],
            random_hex[64:],
            f"{self._folder}/{random_hex[64:]}-{file_name}",
            self._target.secret,
            shape,
            self._target.user,
            created_at,
        )

    def _insert_searchable(self, rows: list[tuple[Any, ...]]) -> None:
        """Insert artifacts with their trigrams: all at once, for which the trigger is too small."""
        run = self._database.execute
        trigger = run("SELECT sql FROM sqlite_master WHERE name = ?", (SEARCH_TRIGGER,)).fetchone()
        before = run("SELECT coalesce(max(number), 0) FROM search_artifacts").fetchone()
        run(f"DROP TRIGGER {SEARCH_TRIGGER}")
        self._insert("artifacts", ARTIFACT_COLUMNS, rows)
        self._insert("search_artifacts", "artifact_id", [row[:1] for row in rows])
        run(FILL_SEARCH, before)
        run(trigger[0])

    def _insert(self, table: str, columns: str, rows: Any) -> None:
        marks = ",".join("?" * len(columns.split(",")))
        self._database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def count(self, written: int) -> None:
        """Bring the totals, shapes, keys and tags up to date."""
        collection, shape = packed(self._target.collection), packed(self.shape.id)
        run = self._database.execute
        for table, key, row in (
            ("collection_types", "collection_id, type", (collection, self._type, written)),
            (
                "artifact_shapes",
                "collection_id, shape_id",
                (collection, shape, self._type, written),
            ),
            *(
                ("collection_tags", "collection_id, tag", (collection, tag, total))
                for tag, total in self.tags.items()
            ),
        ):
            columns = key + (", type, total" if len(row) == 4 else ", total")
            run(
                f"INSERT INTO {table} ({columns}) VALUES ({','.join('?' * len(row))}) "
                f"ON CONFLICT ({key}) DO UPDATE SET total = total + excluded.total",
                row,
            )
        for name in METRICS:
            fresh = run(
                "INSERT OR IGNORE INTO artifact_shape_keys VALUES (?, ?, ?, 1)",
                (collection, name, shape),
            ).rowcount
            run(
                "INSERT INTO collection_metrics VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
                "SET shapes = shapes + excluded.shapes",
                (collection, name, fresh),
            )
        for table, place in (("collections", collection), ("orbits", packed(self._target.orbit))):
            run(
                f"UPDATE {table} SET total_artifacts = total_artifacts + ? WHERE id = ?",
                (written, place),
            )


ARTIFACT_COLUMNS = (
    "id, collection_id, type, status, name, file_name, size, description, description_sort, "
    "description_folded, tags, search_text, file_hash, unique_identifier, bucket_location, "
    "bucket_secret_id, shape_id, created_by, created_at"
)
DOCUMENT_COLUMNS = "artifact_id, extra_values, manifest, file_index"
SEARCH_TRIGGER = "search_new_artifact"
FILL_SEARCH = """
INSERT INTO artifact_search (rowid, place, text)
SELECT number, place, search_text
FROM search_artifacts
JOIN artifacts ON artifacts.id = artifact_id
JOIN search_places ON search_places.collection_id = artifacts.collection_id
WHERE number > ? ORDER BY number
"""
TAG_COLUMNS = "collection_id, tag, artifact_id"
METRIC_COLUMNS = "collection_id, key, type, value, artifact_id"


def open_target(database: sqlite3.Connection, orbit: str, collection: str) -> Target:
    """Return the default collection as a target."""
    secret = database.execute(
        "SELECT bucket_secret_id FROM orbits WHERE id = ?", (packed(orbit),)
    ).fetchone()[0]
    user = database.execute("SELECT min(id) FROM users").fetchone()[0]
    first = database.execute(
        "SELECT total_artifacts FROM collections WHERE id = ?", (packed(collection),)
    ).fetchone()[0]
    return Target(collection, orbit, secret, user, first)


def batches(start: int, stop: int) -> Iterator[range]:
    """Yield the numbers from ``start`` to ``stop`` in batches."""
    for low in range(start, stop, BATCH):
        yield range(low, min(low + BATCH, stop))


def fill(directory: Path, count: int) -> float:
    """Add ``count`` artifacts to the default collection and return how many a second.

    Nothing is flushed: a crash of this program is safe, one of the machine is not.
    """
    credentials = prepare(Settings(data_dir=directory))
    database = sqlite3.connect(directory / DATABASE_FILE, isolation_level=None)
    # Pages that are new need no journal, while a write-ahead log would write each of them twice.
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA synchronous = OFF")
    database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    target = open_target(database, credentials.orbit, credentials.collection)
    filler = Filler(database, target)
    begun = time.perf_counter()
    moment = time.time_ns() // 1000 - (target.first + count) * MICROSECONDS_APART
    for numbers in batches(target.first, target.first + count):
        filler.tags.clear()
        database.execute("BEGIN IMMEDIATE")
        filler.write(numbers, moment)
        filler.count(len(numbers))
        database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Read the command line and fill."""
    parser = argparse.ArgumentParser(description="Fill a registry directory with artifacts.")
    parser.add_argument("directory", type=Path, help="the data directory; made if missing")
    parser.add_argument("count", type=int, help="how many artifacts to add")
    given = parser.parse_args()
    rate = fill(given.directory, given.count)
    print(f"{given.count} artifacts at {rate:,.0f} a second in {given.directory}")


if __name__ == "__main__":
    main()
