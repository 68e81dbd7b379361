"""What type checkers make of the SDK. Checked by mypy and pyright, never run."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import assert_type

from luml.api import (
    Artifact,
    ArtifactsDeleteResult,
    ArtifactsList,
    AsyncLumlClient,
    AzureBucketSecret,
    BaseProgressHandler,
    Collection,
    CollectionDetails,
    CollectionsList,
    CreatedArtifact,
    LumlClient,
    Orbit,
    Organization,
    S3BucketSecret,
    SortOrder,
)


class Quiet(BaseProgressHandler):
    def on_chunk(self, transferred: int, total: int) -> None: ...
    def finish(self) -> None: ...


def sync(luml: LumlClient) -> None:
    with luml as same:
        assert_type(same, LumlClient)
    assert_type(LumlClient.embedded("folder"), LumlClient)
    assert_type(luml.organization, str | None)
    luml.collection = "name"
    assert_type(luml.artifacts.get("x"), Artifact | None)
    assert_type(luml.artifacts.list(order="asc"), ArtifactsList)
    assert_type(luml.artifacts.list(order=SortOrder.ASC, start_after=None), ArtifactsList)
    assert_type(luml.artifacts.list_all(limit=None), Iterator[Artifact])
    assert_type(luml.artifacts.download_url("x"), dict[str, str])
    assert_type(luml.artifacts.upload(Path("x"), tags=["a"], on_progress=Quiet()), Artifact)
    assert_type(luml.artifacts.update("x", status="uploaded"), Artifact)
    assert_type(luml.artifacts.delete_batch(["x"], force=True), ArtifactsDeleteResult)
    assert_type(
        luml.artifacts.create("c", "f", {}, {}, "h", {"m": (0, 1)}, 1, "n"), CreatedArtifact
    )
    assert_type(
        luml.artifacts.create(
            file_name="f",
            extra_values={},
            manifest={},
            file_hash="h",
            file_index={},
            size=1,
            name="n",
        ),
        CreatedArtifact,
    )
    assert_type(luml.organizations.list(), list[Organization])
    assert_type(luml.orbits.get(), Orbit | None)
    assert_type(luml.collections.get("x"), CollectionDetails | None)
    assert_type(luml.collections.list(types=["mixed"]), CollectionsList)
    assert_type(luml.collections.list_all(), Iterator[Collection])
    assert_type(luml.bucket_secrets.get("x"), S3BucketSecret | AzureBucketSecret | None)


def sync_mistakes(luml: LumlClient) -> None:
    luml.artifacts.get(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # no text
    luml.artifacts.list("c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # by keyword
    luml.artifacts.create(name="n")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]  # the rest is missing
    luml.base_url = "x"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # fixed


async def asynchronous(luml: AsyncLumlClient) -> None:
    async with luml as same:
        assert_type(same, AsyncLumlClient)
    assert_type(await AsyncLumlClient.embedded(Path("folder")), AsyncLumlClient)
    await luml.setup_config(organization="x")
    assert_type(await luml.artifacts.get("x"), Artifact | None)
    assert_type(luml.artifacts.list_all(), AsyncIterator[Artifact])
    assert_type(await luml.artifacts.upload("x"), Artifact)
    assert_type(await luml.artifacts.create(None, "f", {}, {}, "h", {}, 1, "n"), CreatedArtifact)
    assert_type([item async for item in luml.collections.list_all()], list[Collection])
