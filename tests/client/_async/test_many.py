"""Many files at once: all are reported, and one that fails does not stop the others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from luml.api import (
    ArtifactNotFoundError,
    AsyncLumlClient,
    BaseProgressHandler,
    FileError,
)
from tests.conftest import SAMPLES
from tests.making import MIB, make_artifact

pytestmark = pytest.mark.anyio

FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".json")


class Line(BaseProgressHandler):
    """Remembers how far it came."""

    def __init__(self) -> None:
        self.reached = 0

    def on_chunk(self, transferred: int, total: int) -> None:
        self.reached = transferred

    def finish(self) -> None:
        """Nothing to clear up."""


async def test_all_samples_and_one_that_is_none(aclient: AsyncLumlClient, tmp_path: Path) -> None:
    bad = tmp_path / "bad.fnnx"
    bad.write_bytes(b"no tar at all")
    lines: list[Line] = []

    def line() -> Line:
        lines.append(Line())
        return lines[-1]

    outcomes = await aclient.artifacts.upload_many([*FILES, bad], "all", ["many"], on_progress=line)
    assert [outcome.file_path for outcome in outcomes] == [*FILES, bad]
    assert isinstance(outcomes[-1].error, FileError)
    assert all(outcome.error is None for outcome in outcomes[:-1])
    assert sum(one.reached for one in lines) == sum(path.stat().st_size for path in FILES)
    ids = [outcome.artifact.id for outcome in outcomes if outcome.artifact is not None]

    folder = tmp_path / "back"
    folder.mkdir()
    unknown = "01a20cb7-77ee-75aa-be0b-000000000000"
    fetched = await aclient.artifacts.download_many([*ids, unknown], folder)
    assert isinstance(fetched[-1].error, ArtifactNotFoundError)
    for path, outcome in zip(FILES, fetched, strict=False):
        assert outcome.path == folder / path.name
        assert (folder / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("count", [1, 30])
async def test_small_files_share_one_budget(
    aclient: AsyncLumlClient, tmp_path: Path, count: int
) -> None:
    paths = [make_artifact(tmp_path / f"model-{n}.pyfnx", 2 * MIB) for n in range(count)]
    outcomes = await aclient.artifacts.upload_many(paths)
    assert [outcome.error for outcome in outcomes] == [None] * count
    names = {artifact.name async for artifact in aclient.artifacts.list_all(limit=7)}
    assert names == {path.name for path in paths}


@pytest.mark.parametrize("size", [3 * MIB, 70 * MIB])
async def test_files_that_look_alike_from_outside(
    aclient: AsyncLumlClient, tmp_path: Path, size: int
) -> None:
    """Same name, size, index and manifest, other bytes; and one of them twice."""
    paths: list[Path] = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        path = make_artifact(tmp_path / str(number) / "model.pyfnx", size)
        with path.open("r+b") as file:
            file.seek(size // 2 + MIB // 2 + 100)
            file.write(b"weights %d" % number)
        paths.append(path)
    outcomes = await aclient.artifacts.upload_many([*paths, paths[0]])
    assert [outcome.error for outcome in outcomes] == [None] * 3
    hashes = [outcome.artifact.file_hash for outcome in outcomes if outcome.artifact]
    sent = [hashlib.sha256(path.read_bytes()).hexdigest() for path in [*paths, paths[0]]]
    assert hashes == sent
    assert len((await aclient.artifacts.list()).items) == 3


async def test_an_upload_that_ended_early_can_be_cleaned_up(
    aclient: AsyncLumlClient, samples: Path
) -> None:
    path = samples / "income_regression.fnnx"
    done = await aclient.artifacts.upload(path)
    created = await aclient.artifacts.create(
        file_name=done.file_name,
        extra_values={},
        manifest=done.manifest,
        file_hash="0" * 64,
        file_index=done.file_index,
        size=done.size,
        name="never finished",
    )
    removed = await aclient.artifacts.abort_upload(path)
    assert [artifact.id for artifact in removed] == [created.artifact.id]
    left = await aclient.artifacts.list()
    assert [artifact.id for artifact in left.items] == [done.id]
    assert await aclient.artifacts.abort_upload(path) == []
