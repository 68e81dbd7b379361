"""What SQLite alone takes for a page of a hundred: no HTTP, no policy, no new JSON."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.tables import median
from luml.server.databases import DATABASE_FILE

TIMES = 100
ONE_COLLECTION = "SELECT collection_id, type FROM artifacts LIMIT 1"
BY_METRIC = (
    "SELECT artifact_id FROM artifact_metrics WHERE collection_id = ? AND type = ? AND key = 'R2' "
    "ORDER BY value DESC, artifact_id DESC LIMIT 100"
)
WHOLE = (
    "SELECT a.*, d.extra_values, d.manifest, d.file_index FROM artifacts a "
    "JOIN artifact_documents d ON d.artifact_id = a.id WHERE a.collection_id = ? AND a.type = ? "
    "ORDER BY a.created_at DESC, a.id DESC LIMIT 100"
)


def sqlite_floor(folder: Path) -> dict[str, Any]:
    """Return milliseconds of plain ``sqlite3`` on a filled registry that is not running."""
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as database:
        place = database.execute(ONE_COLLECTION).fetchone()

        def ids() -> int:
            return len(database.execute(BY_METRIC, place).fetchall())

        def page() -> int:
            rows = database.execute(WHOLE, place).fetchall()
            return len(",".join(str(value) for row in rows for value in row))

        return {
            "ids_by_metric_ms": _milliseconds(ids),
            "page_with_documents_ms": _milliseconds(page),
            "page_bytes": page(),
        }


def _milliseconds(work: Callable[[], int]) -> float:
    taken: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return round(median(taken), 3)
