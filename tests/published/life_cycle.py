"""What a user of the published client does, run by the published client itself.

Run with a Python that has luml-api 0.4.0; the registry, the key and the ids come from the
environment. Everything goes through public calls; each step asserts what a user would rely on.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from luml_api import (  # type: ignore[import-not-found]  # another interpreter's package
    AsyncLumlClient,
    LumlClient,
)
from luml_api._types import (  # type: ignore[import-not-found]  # another interpreter's package
    ArtifactType,
    CollectionType,
    SortOrder,
)

BASE_URL = os.environ["TEST_BASE_URL"]
API_KEY = os.environ["TEST_API_KEY"]
ORGANIZATION = os.environ["TEST_ORGANIZATION"]
ORBIT = os.environ["TEST_ORBIT"]
SAMPLES = sorted(
    path for path in Path(os.environ["TEST_SAMPLES"]).iterdir() if path.suffix != ".json"
)
BIG = Path(os.environ["TEST_BIG_FILE"])


class Silent:
    """Progress that nobody sees."""

    def start(self, file_name, total):
        self.total = total

    def update(self, chunk_size):
        pass

    def finish(self):
        pass


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def construct() -> LumlClient:
    """By ids, by names, and both find the same places."""
    by_id = LumlClient(BASE_URL, API_KEY, organization=ORGANIZATION, orbit=ORBIT)
    organization = by_id.organizations.get(ORGANIZATION)
    orbit = by_id.orbits.get(ORBIT)
    by_name = LumlClient(BASE_URL, API_KEY, organization=organization.name, orbit=orbit.name)
    assert (by_name.organization, by_name.orbit) == (ORGANIZATION, ORBIT)
    return by_id


def collections(client: LumlClient) -> str:
    """Create, find, change; return the id of one that takes everything."""
    made = client.collections.create(
        "of the published client", "published", CollectionType.MIXED, ["a", "b"]
    )
    assert client.collections.get("published").id == made.id
    changed = client.collections.update(name="published, renamed", collection_id=made.id)
    assert (changed.name, changed.description, changed.tags) == (
        "published, renamed",
        "of the published client",
        ["a", "b"],
    )
    assert made.id in {entry.id for entry in client.collections.list_all(limit=2)}
    models = client.collections.create("", "only models", CollectionType.MODEL)
    client.collections.delete(collection_id=models.id)
    assert client.collections.get(models.id) is None
    return made.id


def upload_all(client: LumlClient, collection: str) -> dict[str, str]:
    client.collection = collection
    ids = {}
    for path in SAMPLES:
        artifact = client.artifacts.upload(str(path), tags=["sample"], on_progress=Silent())
        assert artifact.status == "uploaded", artifact.status
        assert artifact.file_hash == sha256(path)
        ids[path.name] = artifact.id
    return ids


def page_through(client: LumlClient, ids: dict[str, str]) -> None:
    """By name, size, date and a metric, two at a time: nothing missed, nothing twice, in order."""
    for sort_by in ("name", "size", "created_at", "F1"):
        for order in (SortOrder.ASC, SortOrder.DESC):
            cursor, seen = None, []
            while True:
                page = client.artifacts.list(
                    start_after=cursor, limit=2, sort_by=sort_by, order=order
                )
                seen += page.items
                cursor = page.cursor
                if cursor is None:
                    break
                assert len(seen) <= len(ids), "a list that does not end"
            assert sorted(entry.id for entry in seen) == sorted(ids.values())
            values = [key_of(entry, sort_by) for entry in seen]
            values = [value for value in values if value is not None]
            assert values == sorted(values, reverse=order is SortOrder.DESC), (
                sort_by,
                order,
                values,
            )


def key_of(artifact, sort_by: str):
    return artifact.extra_values.get("F1") if sort_by == "F1" else getattr(artifact, sort_by)


def find(client: LumlClient, ids: dict[str, str]) -> None:
    datasets = list(client.artifacts.list_all(types=[ArtifactType.DATASET]))
    assert [entry.name for entry in datasets] == ["prices_dataset.luml"]
    found = list(client.artifacts.list_all(search="CHURN"))
    assert [entry.name for entry in found] == ["churn_classification.dfs"]
    by_name = client.artifacts.get("income_regression.fnnx")
    assert by_name.id == ids["income_regression.fnnx"] == client.artifacts.get(by_name.id).id
    assert client.artifacts.get("nothing of that name") is None


def download_all(client: LumlClient, ids: dict[str, str], folder: Path) -> None:
    for path in SAMPLES:
        client.artifacts.download(ids[path.name], str(folder / path.name))
        assert sha256(folder / path.name) == sha256(path)


def update(client: LumlClient, artifact_id: str) -> None:
    """A partial update keeps the rest."""
    changed = client.artifacts.update(artifact_id, description="better")
    assert (changed.description, changed.tags, changed.status) == ("better", ["sample"], "uploaded")
    renamed = client.artifacts.update(artifact_id, name="renamed")
    assert (renamed.name, renamed.description) == ("renamed", "better")


def large(client: LumlClient, folder: Path) -> str:
    artifact = client.artifacts.upload(str(BIG), on_progress=Silent())
    assert artifact.status == "uploaded"
    client.artifacts.download(artifact.id, str(folder / "big"))
    assert sha256(folder / "big") == sha256(BIG) == artifact.file_hash
    (folder / "big").unlink()
    return artifact.id


def delete(client: LumlClient, ids: dict[str, str]) -> None:
    first, second, third, *rest = ids.values()
    client.artifacts.delete(first)
    assert client.artifacts.get(first) is None
    result = client.artifacts.delete_batch([second, third])
    assert sorted(result.deleted) == sorted([second, third])
    assert not result.failed
    client.artifacts.delete(rest[0], force=True)
    assert {entry.id for entry in client.artifacts.list().items} == set(rest[1:])


async def asynchronous(collection: str, folder: Path) -> None:
    client = AsyncLumlClient(BASE_URL, API_KEY)
    await client.setup_config(organization=ORGANIZATION, orbit=ORBIT, collection=collection)
    artifact = await client.artifacts.upload(str(SAMPLES[0]), on_progress=Silent())
    assert artifact.status == "uploaded"
    await client.artifacts.download(artifact.id, str(folder / "async"))
    assert sha256(folder / "async") == sha256(SAMPLES[0])
    listed = [entry.id async for entry in client.artifacts.list_all(limit=2)]
    assert artifact.id in listed
    big = await client.artifacts.upload(str(BIG), on_progress=Silent())
    await client.artifacts.download(big.id, str(folder / "async-big"))
    assert sha256(folder / "async-big") == sha256(BIG)
    result = await client.artifacts.delete_batch([artifact.id, big.id])
    assert not result.failed


def main() -> None:
    with tempfile.TemporaryDirectory(dir=BIG.parent) as name:
        folder = Path(name)
        client = construct()
        collection = collections(client)
        ids = upload_all(client, collection)
        page_through(client, ids)
        find(client, ids)
        download_all(client, ids, folder)
        update(client, ids["income_regression.fnnx"])
        big = large(client, folder)
        client.artifacts.delete(big)
        delete(client, ids)
        asyncio.run(asynchronous(collection, folder))
    print("the whole life cycle passed")


if __name__ == "__main__":
    sys.exit(main())
