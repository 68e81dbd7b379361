"""What it takes to import the SDK and to construct a client where there are many collections."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import peer
from benchmarks.cases import Api
from benchmarks.machine import SCRATCH, clean_environment, published_python
from benchmarks.processes import Place, Worker, running_registry
from benchmarks.tables import median, p95
from tests.faulty import FaultyProxy

COLLECTIONS = 1_000
TIMED = "import time; b = time.perf_counter(); import {}; print(time.perf_counter() - b)"
FORBIDDEN = ("luml.server", "luml.cli", "rich", "fastapi", "sqlalchemy", "typer")


def imports(*, quick: bool) -> dict[str, Any]:
    """Return the time of ``import luml.api`` and of the published client, in fresh processes."""
    asked: dict[str, tuple[Path, str]] = {
        "luml.api": (Path(sys.executable), "luml.api"),
        "luml_api, published": (published_python(), "luml_api"),
    }
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(-1, 5 if quick else 21):
        for name, (python, module) in asked.items():
            seconds = _import_seconds(python, module)
            if number >= 0:  # the first one wrote the bytecode
                taken[name].append(seconds * 1000)
    results: dict[str, Any] = {
        name: {"median_ms": round(median(times), 1), "p95_ms": round(p95(times), 1)}
        for name, times in taken.items()
    }
    results["imported_with_luml.api"] = _unwanted()
    return results


def _import_seconds(python: Path, module: str) -> float:
    return float(_output(python, TIMED.format(module)))


def _output(python: Path, code: str) -> str:
    command = [str(python), "-c", code]
    done = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, check=True
    )
    return done.stdout


def _unwanted() -> list[str]:
    """Return what the SDK imports and should not; nothing, if all is well."""
    code = "import json, sys, luml.api; print(json.dumps(sorted(sys.modules)))"
    loaded: list[str] = json.loads(_output(Path(sys.executable), code))
    return [name for name in FORBIDDEN if name in loaded]


def constructions(*, quick: bool) -> dict[str, Any]:
    """Return requests and time to construct a client among many collections."""
    count = COLLECTIONS // 5 if quick else COLLECTIONS
    times = 5 if quick else 21
    with running_registry(SCRATCH / "collections") as place:
        names = _make_collections(place, count)
        scopes = _scopes(place, names)
        results: dict[str, Any] = {"collections": count}
        for client, python in (
            ("luml", Path(sys.executable)),
            ("published", published_python()),
        ):
            with closing(Worker(python, client, place)) as worker:
                results[client] = {
                    name: _construct(worker, place, scope, times)
                    for name, scope in scopes.items()
                    if client == "luml" or name != "with nothing"
                }
    results["peer_requests"] = peer.REQUESTS_TO_CONSTRUCT
    return results


def _make_collections(place: Place, count: int) -> dict[str, str]:
    """Make collections and return the oldest one of them, by name and id."""
    with closing(Api(place)) as api:
        body = {"description": "", "type": "mixed"}
        made = [
            api.ask(
                "POST",
                f"{place.orbit_path}/collections",
                json.dumps({**body, "name": f"collection-{number}"}),
            )
            for number in range(count - 1)
        ]
        organization = api.ask("GET", "/v1/users/me/organizations")[0]["name"]
        orbit = api.ask("GET", place.orbit_path)["name"]
    return {"organization": organization, "orbit": orbit, "collection": made[0]["name"]} | {
        "collection_id": made[0]["id"]
    }


def _scopes(place: Place, names: dict[str, str]) -> dict[str, dict[str, str]]:
    by_name = {key: names[key] for key in ("organization", "orbit", "collection")}
    by_id = {
        "organization": place.organization,
        "orbit": place.orbit,
        "collection": names["collection_id"],
    }
    return {"by ids": by_id, "by names": by_name, "with nothing": {}}


def _construct(worker: Worker, place: Place, scope: dict[str, str], times: int) -> dict[str, Any]:
    def pass_on(*_: object) -> None:
        """Break nothing."""

    with FaultyProxy(place.base_url, pass_on) as proxy:
        worker.ask("construct", scope=scope, base_url=proxy.base_url)
        requests = len(proxy.seen.requests)
    taken: Sequence[float] = [
        worker.ask("construct", scope=scope)["seconds"] * 1000 for _ in range(times)
    ]
    return {
        "requests": requests,
        "median_ms": round(median(taken), 1),
        "p95_ms": round(p95(taken), 1),
    }
