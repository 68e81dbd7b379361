"""Many at once: writers, collections, and what the benchmark fills in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from benchmarks.fill import METRICS, fill
from luml.server.run import RunningServer
from luml.server.services import pages
from luml.server.settings import Settings
from tests.contract.database import DatabasePlace, page_request
from tests.contract.support import Tenant, draft

WRITERS = 8
COLLECTIONS = 70


def test_writers_do_not_lose_anything(here: Tenant) -> None:
    def write(number: int) -> str:
        made = here.create(name=f"n{number}", extra_values={"F1": number}, tags=["t"])
        return str(made["artifact"]["id"])

    with ThreadPoolExecutor(WRITERS) as pool:
        ids = list(pool.map(write, range(5 * WRITERS)))
    assert len(set(ids)) == len(ids)
    assert here.get(here.col)["total_artifacts"] == len(ids)
    listed = here.get(f"{here.col}/artifacts", sort_by="F1", order="asc", limit=100)["items"]
    assert [item["id"] for item in listed] == ids
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(here.delete, [f"{here.col}/artifacts/{one}" for one in ids]))
    details = here.get(here.col)
    assert (details["total_artifacts"], details["artifacts_extra_values"]) == (0, [])


def test_the_same_request_at_once_makes_one(here: Tenant) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    body = draft()

    def create(_: int) -> str:
        made = here.post(f"{here.col}/artifacts", body, headers=headers)
        return str(made["artifact"]["id"])

    with ThreadPoolExecutor(WRITERS) as pool:
        assert len(set(pool.map(create, range(WRITERS)))) == 1
    token = uuid4().hex

    def resume(_: int) -> str:
        return str(here.create(resume_token=token)["artifact"]["id"])

    with ThreadPoolExecutor(WRITERS) as pool:
        assert len(set(pool.map(resume, range(WRITERS)))) == 1


def test_a_list_over_many_collections(engine: DatabasePlace) -> None:
    bench = engine.bench("many")
    with bench.database.write() as connection:
        orbit = bench.add_orbit(connection)
        ids = [
            bench.add_artifact(
                connection,
                bench.add_collection(connection, orbit),
                "model",
                {"F1": number % 5} if number % 2 else {},
                created_at=number % 7,
            )
            for number in range(COLLECTIONS)
        ]
    numbers = range(COLLECTIONS)
    having = sorted((n for n in numbers if n % 2), key=lambda n: (n % 5, n), reverse=True)
    expected = {
        "created_at": sorted(numbers, key=lambda n: (n % 7, n), reverse=True),
        "type": sorted(numbers, reverse=True),
        "F1": having + sorted((n for n in numbers if not n % 2), reverse=True),
    }
    for sort_by, order in expected.items():
        found: list[str] = []
        cursor = None
        while True:
            request = page_request(sort_by=sort_by, cursor=cursor, limit=9)
            with bench.database.read() as connection:
                page = pages.read(connection, bench.grant(connection, orbit), request)
            found += [row.id for row in page.rows]
            cursor = page.cursor
            if cursor is None:
                break
        assert found == [ids[number] for number in order], sort_by
    bench.database.close()


def test_what_the_benchmark_fills_in_is_a_registry(tmp_path: Path) -> None:
    fill(tmp_path, 60)
    fill(tmp_path, 60)
    with RunningServer(Settings(data_dir=tmp_path)) as running:
        found = running.credentials
        place = (found.organization, found.orbit, found.collection)
        tenant = Tenant(running.base_url, found.api_key, *place, "")
        details = tenant.get(tenant.col)
        assert details["total_artifacts"] == 120
        assert details["artifacts_extra_values"] == sorted(METRICS)
        assert details["artifacts_tags"]
        path = f"{tenant.col}/artifacts"
        items = tenant.get(path, limit=100)["items"]
        assert [item["name"] for item in items] == [f"model-{n}" for n in range(119, 19, -1)]
        assert all(item["manifest"]["variant"] == "pipeline" for item in items)
        best = tenant.get(path, sort_by="R2", limit=100)["items"]
        values = [item["extra_values"]["R2"] for item in best]
        assert values == sorted(values, reverse=True)
        assert len(tenant.get(path, name="model-7")["items"]) == 1
        for item in tenant.get(path, limit=100)["items"] + tenant.get(path, order="asc")["items"]:
            tenant.call("DELETE", f"{path}/{item['id']}")
        details = tenant.get(tenant.col)
        assert details["total_artifacts"] == 0
        assert details["artifacts_extra_values"] == details["artifacts_tags"] == []
