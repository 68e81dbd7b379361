"""The artifacts resource against a real registry."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from luml.api import (
    Artifact,
    ArtifactNotFoundError,
    ArtifactSortBy,
    ArtifactStatus,
    ArtifactType,
    AsyncLumlClient,
    BadRequestError,
    ConfigurationError,
    FileError,
    MultipleResourcesFoundError,
    NotFoundError,
    SortOrder,
    UnprocessableEntityError,
)
from luml.files import ArtifactFile, read_artifact
from tests.client.support import AsyncPublic, AsyncRecorder, Log, async_connected, async_opened
from tests.conftest import RegistryAddress

pytestmark = pytest.mark.anyio

UNKNOWN = "0199c455-21ee-74c6-b747-19a82f1a1e67"


@pytest.fixture
def sample(samples: Path) -> ArtifactFile:
    return read_artifact(samples / "income_regression.fnnx")


async def create(
    luml: AsyncLumlClient,
    sample: ArtifactFile,
    name: str,
    *,
    file_name: str = "model.fnnx",
    metric: float = 0.5,
) -> Artifact:
    """Make a record without bytes."""
    created = await luml.artifacts.create(
        file_name=file_name,
        extra_values={"R2": metric},
        manifest=sample.manifest,
        file_hash="0" * 64,
        file_index=sample.file_index,
        size=sample.size,
        name=name,
    )
    return created.artifact


async def test_life_cycle(aclient: AsyncLumlClient, samples: Path, tmp_path: Path) -> None:
    source = samples / "income_regression.fnnx"
    artifact = await aclient.artifacts.upload(source, "Income", "What people earn", ["a", "b"])
    assert artifact.status is ArtifactStatus.UPLOADED
    assert artifact.type is ArtifactType.MODEL
    assert artifact.metrics == artifact.extra_values
    await aclient.artifacts.download(artifact.id, tmp_path / "copy.fnnx")
    assert (tmp_path / "copy.fnnx").read_bytes() == source.read_bytes()
    assert (await aclient.artifacts.download_url(artifact.id))["url"].startswith("http")
    await aclient.artifacts.delete(artifact.id)
    assert await aclient.artifacts.get(artifact.id) is None


async def test_update_changes_what_is_named(aclient: AsyncLumlClient, sample: ArtifactFile) -> None:
    made = await create(aclient, sample, "before")
    after = await aclient.artifacts.update(made.id, name="after", tags=["x"])
    assert (after.name, after.tags, after.file_name) == ("after", ["x"], "model.fnnx")
    after = await aclient.artifacts.update(made.id, "other.fnnx", description="text")
    assert (after.name, after.file_name, after.description) == ("after", "other.fnnx", "text")
    after = await aclient.artifacts.update(made.id, status=ArtifactStatus.UPLOAD_FAILED)
    assert after.status is ArtifactStatus.UPLOAD_FAILED


async def test_get_by_id_name_and_file_name(aclient: AsyncLumlClient, sample: ArtifactFile) -> None:
    made = await create(aclient, sample, "Näme with / and ?", file_name="file.fnnx")
    for value in (made.id, made.name, made.file_name):
        found = await aclient.artifacts.get(value)
        assert found is not None
        assert found.id == made.id
        assert found.manifest == made.manifest
    for value in ("name", "näme with / and ?", "Näme", UNKNOWN, "..", "%"):
        assert await aclient.artifacts.get(value) is None


async def test_get_by_a_name_that_looks_like_an_id(
    aclient: AsyncLumlClient, sample: ArtifactFile
) -> None:
    made = await create(aclient, sample, UNKNOWN)
    found = await aclient.artifacts.get(UNKNOWN)
    assert found is not None
    assert found.id == made.id


async def test_get_of_a_name_that_fits_several(
    aclient: AsyncLumlClient, sample: ArtifactFile
) -> None:
    first = await create(aclient, sample, "twin.fnnx")
    second = await create(aclient, sample, "other", file_name="twin.fnnx")
    with pytest.raises(MultipleResourcesFoundError) as caught:
        await aclient.artifacts.get("twin.fnnx")
    assert first.id in str(caught.value)
    assert second.id in str(caught.value)


async def test_get_finds_any_artifact_with_one_request(
    aclient: AsyncLumlClient, registry: RegistryAddress, collection: str, sample: ArtifactFile
) -> None:
    oldest = await create(aclient, sample, "the oldest")
    for number in range(101):
        await create(aclient, sample, f"newer {number}")
    log = Log()
    async with async_connected(AsyncRecorder(log)) as http:
        luml = await async_opened(
            registry,
            http_client=http,
            organization=registry.organization,
            orbit=registry.orbit,
            collection=collection,
        )
        for value in (oldest.id, oldest.name):
            log.lines.clear()
            found = await luml.artifacts.get(value)
            assert found is not None
            assert found.id == oldest.id
            assert len(log) == 1


async def test_get_where_names_cannot_be_looked_up(
    aclient: AsyncLumlClient, registry: RegistryAddress, collection: str, sample: ArtifactFile
) -> None:
    oldest = await create(aclient, sample, "plain", file_name="only-the-file.fnnx")
    for number in range(3):
        await create(aclient, sample, f"plain {number}")
    for lists_collections in (True, False):
        way = AsyncPublic(Log(), lists_collections=lists_collections)
        async with async_connected(way) as http:
            luml = await async_opened(
                registry,
                http_client=http,
                organization=registry.organization,
                orbit=registry.orbit,
                collection=collection,
            )
            for value in ("plain", "only-the-file.fnnx"):
                found = await luml.artifacts.get(value)
                assert found is not None
                assert found.id == oldest.id
            assert await luml.artifacts.get("pla") is None


async def test_public_server_removes_objects_by_client(
    aclient: AsyncLumlClient, registry: RegistryAddress, collection: str, samples: Path
) -> None:
    path = samples / "income_regression.fnnx"
    made = [await aclient.artifacts.upload(path, f"n{number}") for number in range(3)]
    log = Log()
    async with async_connected(AsyncPublic(log)) as http:
        luml = await async_opened(
            registry,
            http_client=http,
            organization=registry.organization,
            orbit=registry.orbit,
            collection=collection,
        )
        await luml.artifacts.delete(made[0].id)
        result = await luml.artifacts.delete_batch([made[1].id, made[2].id, UNKNOWN])
    assert sorted(result.deleted) == sorted([made[1].id, made[2].id])
    assert {failure.artifact_id for failure in result.failed} == {UNKNOWN}
    assert sum("/_store/" in line for line in log.lines) == 3
    assert (await aclient.artifacts.list()).items == []


async def test_pages_and_filters(aclient: AsyncLumlClient, sample: ArtifactFile) -> None:
    made = [
        await create(aclient, sample, f"model {number}", metric=number / 10) for number in range(5)
    ]
    first = await aclient.artifacts.list(limit=2, sort_by="R2", order="asc")
    assert [item.id for item in first.items] == [item.id for item in made[:2]]
    second = await aclient.artifacts.list(
        limit=2, sort_by="R2", order="asc", start_after=first.cursor
    )
    assert [item.id for item in second.items] == [item.id for item in made[2:4]]
    newest = await aclient.artifacts.list(sort_by=ArtifactSortBy.CREATED_AT, order=SortOrder.DESC)
    assert [item.id for item in newest.items] == [item.id for item in reversed(made)]
    assert (await aclient.artifacts.list(type=ArtifactType.DATASET)).items == []
    both = await aclient.artifacts.list(type="model", types=["dataset"], limit=None)
    assert len(both.items) == 5
    found = await aclient.artifacts.list(search="MODEL 3")
    assert [item.id for item in found.items] == [made[3].id]
    thin = await aclient.artifacts.list(summary=True, limit=1)
    assert thin.items[0].manifest == {}
    assert thin.items[0].file_index == {}


async def test_list_all_goes_through_all_pages(
    aclient: AsyncLumlClient, sample: ArtifactFile
) -> None:
    made = [await create(aclient, sample, f"model {number}") for number in range(5)]
    seen = [item.id async for item in aclient.artifacts.list_all(limit=2, sort_by="name")]
    assert seen == [item.id for item in reversed(made)]


async def test_delete_batch_takes_any_number(
    aclient: AsyncLumlClient, sample: ArtifactFile
) -> None:
    made = [await create(aclient, sample, f"model {number}") for number in range(3)]
    unknown = [f"0199c455-21ee-74c6-b747-{number:012x}" for number in range(150)]
    result = await aclient.artifacts.delete_batch(
        [*unknown, *(item.id for item in made), made[0].id]
    )
    assert sorted(result.deleted) == sorted(item.id for item in made)
    assert len(result.failed) == 150
    assert {failure.reason for failure in result.failed} == {"not_found"}
    assert (await aclient.artifacts.delete_batch([])).deleted == []


async def test_force(aclient: AsyncLumlClient, sample: ArtifactFile) -> None:
    made = [await create(aclient, sample, f"model {number}") for number in range(2)]
    await aclient.artifacts.delete(made[0].id, force=True)
    result = await aclient.artifacts.delete_batch([made[1].id], force=True)
    assert result.deleted == [made[1].id]


async def test_delete_url_leaves_the_record_pending(
    aclient: AsyncLumlClient, samples: Path
) -> None:
    made = await aclient.artifacts.upload(samples / "income_regression.fnnx")
    assert (await aclient.artifacts.delete_url(made.id))["url"]
    found = await aclient.artifacts.get(made.id)
    assert found is not None
    assert found.status is ArtifactStatus.PENDING_DELETION


async def test_unknown_artifacts(aclient: AsyncLumlClient, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Artifact not found"):
        await aclient.artifacts.update(UNKNOWN, name="x")
    with pytest.raises(NotFoundError):
        await aclient.artifacts.delete(UNKNOWN)
    with pytest.raises(NotFoundError):
        await aclient.artifacts.download_url(UNKNOWN)
    with pytest.raises(ArtifactNotFoundError, match=UNKNOWN) as caught:
        await aclient.artifacts.download(UNKNOWN, tmp_path / "file.fnnx")
    assert isinstance(caught.value, ValueError)
    assert os.listdir(tmp_path) == []


async def test_an_unknown_collection_is_no_missing_artifact(aclient: AsyncLumlClient) -> None:
    with pytest.raises(NotFoundError, match="Collection not found"):
        await aclient.artifacts.get("name", collection_id=UNKNOWN)
    with pytest.raises(NotFoundError, match="Collection not found"):
        await aclient.artifacts.get(UNKNOWN, collection_id=UNKNOWN)


async def test_an_id_that_would_name_something_else(aclient: AsyncLumlClient) -> None:
    for value in ("", ".", ".."):
        with pytest.raises(ConfigurationError, match="not an id"):
            await aclient.artifacts.delete(value)


async def test_values_out_of_range(aclient: AsyncLumlClient, sample: ArtifactFile) -> None:
    await create(aclient, sample, "one")
    with pytest.raises(UnprocessableEntityError, match="limit"):
        await aclient.artifacts.list(limit=101)
    with pytest.raises(UnprocessableEntityError, match="order"):
        await aclient.artifacts.list(order="sideways")
    with pytest.raises(BadRequestError, match="Invalid sorting column: nope"):
        await aclient.artifacts.list(sort_by="nope")
    with pytest.raises(BadRequestError) as caught:
        await aclient.artifacts.list(start_after="nonsense")
    assert caught.value.code == "invalid_cursor"
    with pytest.raises(ConfigurationError, match="JSON"):
        await create(aclient, sample, "not a number", metric=float("nan"))


async def test_wrong_collection_type(
    aclient: AsyncLumlClient, new_collection: Callable[..., str], samples: Path
) -> None:
    datasets = new_collection("dataset")
    with pytest.raises((BadRequestError, FileError), match="type"):
        await aclient.artifacts.upload(samples / "income_regression.fnnx", collection_id=datasets)


async def test_no_artifact_file(aclient: AsyncLumlClient, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no artifact")
    with pytest.raises(FileError, match=r"\.fnnx"):
        await aclient.artifacts.upload(text)
    with pytest.raises(FileError):
        await aclient.artifacts.upload(tmp_path / "missing.fnnx")
