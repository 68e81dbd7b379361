"""Uploads and downloads over a network that breaks: each fault costs the part that it hit."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from luml.api import (
    AsyncLumlClient,
    BaseProgressHandler,
    FileDownloadError,
    FileError,
    FileUploadError,
    IntegrityError,
    TransferOptions,
)
from luml.api.targets import target_of
from tests.client.support import async_opened
from tests.conftest import SAMPLES, RegistryAddress
from tests.faulty import Answer, Cut, FaultyProxy, Plan, Seen, Stall
from tests.making import MIB, make_artifact

pytestmark = pytest.mark.anyio

Through = Callable[[Plan], AbstractAsyncContextManager[tuple[AsyncLumlClient, FaultyProxy]]]

SIZE = 70 * MIB
PART = 16 * MIB
STALL_SECONDS = 1.0
SAMPLE = SAMPLES / "income_regression.fnnx"


class Counted(BaseProgressHandler):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.highest = 0
        self.finished = False

    def phase(self, text: str) -> None:
        self.phases.append(text)

    def on_chunk(self, transferred: int, total: int) -> None:
        assert 0 <= transferred <= total
        self.highest = max(self.highest, transferred)

    def finish(self) -> None:
        self.finished = True


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact file of several parts."""
    return make_artifact(tmp_path_factory.mktemp("large") / "large.pyfnx", SIZE)


@pytest.fixture
def through(registry: RegistryAddress, collection: str) -> Through:
    """Return a function that opens a client behind a proxy that breaks things."""

    @asynccontextmanager
    async def client_and_proxy(
        plan: Plan,
    ) -> AsyncGenerator[tuple[AsyncLumlClient, FaultyProxy], None]:
        options = TransferOptions(stall_timeout=STALL_SECONDS, attempts=4)
        with FaultyProxy(registry.base_url, plan) as proxy:
            luml = await async_opened(
                replace(registry, base_url=proxy.base_url),
                transfer=options,
                organization=registry.organization,
                orbit=registry.orbit,
                collection=collection,
            )
            yield luml, proxy
            await luml.aclose()

    return client_and_proxy


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def nothing(method: str, path: str, before: int) -> None:
    """Break nothing."""


def once(method: str, fault: Cut | Answer | Stall) -> Plan:
    """Break the second request for the store with this method."""

    def plan(verb: str, path: str, before: int) -> Cut | Answer | Stall | None:
        return fault if verb == method and path.startswith("/_store/") and before == 1 else None

    return plan


FAULTS = [
    pytest.param(Cut(request_bytes=3 * MIB), id="cut"),
    pytest.param(Answer("503 Service Unavailable"), id="503"),
    pytest.param(Answer("429 Too Many Requests", ("Retry-After: 1",)), id="429"),
    pytest.param(Stall(), id="stalled"),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_costs_an_upload_one_part(
    through: Through, large: Path, fault: Cut | Answer | Stall
) -> None:
    progress = Counted()
    async with through(once("PUT", fault)) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, on_progress=progress)
    assert artifact.status == "uploaded"
    assert artifact.file_hash == sha256(large)
    assert proxy.seen.up < large.stat().st_size + 2 * PART
    assert progress.highest == progress.total == large.stat().st_size
    assert progress.finished


async def test_a_fault_costs_a_download_what_was_in_flight(
    through: Through, large: Path, tmp_path: Path
) -> None:
    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        for fault in (
            Cut(answer_bytes=3 * MIB),
            Answer("503 Service Unavailable"),
            Answer("429 Too Many Requests", ("Retry-After: 0",)),
            Stall(),
        ):
            proxy.plan, proxy.seen = once("GET", fault), Seen()
            progress = Counted()
            target = tmp_path / "back.pyfnx"
            await luml.artifacts.download(artifact.id, target, on_progress=progress)
            assert sha256(target) == artifact.file_hash
            assert proxy.seen.down < artifact.size + PART
            assert progress.highest == progress.total == artifact.size
            assert [path.name for path in tmp_path.iterdir()] == ["back.pyfnx"]


async def test_an_upload_that_failed_goes_on_with_the_missing_parts(
    through: Through, large: Path
) -> None:
    def refuse_most(method: str, path: str, before: int) -> Answer | None:
        late = method == "PUT" and path.startswith("/_store/") and before >= 2
        return Answer("500 Internal Server Error") if late else None

    async with through(refuse_most) as (luml, proxy):
        with pytest.raises(FileUploadError, match="upload the same file again"):
            await luml.artifacts.upload(large, name="resumed", progress=False)
        left = await luml.artifacts.list()
        assert [entry.status for entry in left.items] == ["pending_upload"]
        proxy.plan, proxy.seen = nothing, Seen()
        progress = Counted()
        artifact = await luml.artifacts.upload(large, name="resumed", on_progress=progress)
        assert artifact.status == "uploaded"
        assert artifact.id == left.items[0].id
        assert proxy.seen.up < large.stat().st_size - PART
        assert "resuming" in progress.phases
        assert progress.highest == large.stat().st_size
        assert len((await luml.artifacts.list()).items) == 1


async def test_urls_that_ran_out_are_signed_again(
    through: Through, large: Path, tmp_path: Path
) -> None:
    expired = Answer("403 Forbidden", body="<Error><Code>AccessDenied</Code></Error>")
    async with through(once("PUT", expired)) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        assert artifact.status == "uploaded"
        proxy.plan, proxy.seen = once("GET", expired), Seen()
        await luml.artifacts.download(artifact.id, tmp_path, progress=False)
    assert sha256(tmp_path / "large.pyfnx") == artifact.file_hash


async def test_wrong_bytes_are_an_error_and_leave_the_target_alone(
    through: Through, large: Path, tmp_path: Path
) -> None:
    target = tmp_path / "model.pyfnx"
    target.write_bytes(b"what was there")

    def other_bytes(method: str, path: str, before: int) -> Answer | None:
        if method != "GET" or not path.startswith("/_store/"):
            return None
        size = SAMPLE.stat().st_size
        header = f"Content-Range: bytes 0-{size - 1}/{size}"
        return Answer("206 Partial Content", (header,), "x" * size)

    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(SAMPLE, progress=False)
        proxy.plan = other_bytes
        with pytest.raises(IntegrityError) as caught:
            await luml.artifacts.download(artifact.id, target, progress=False)
    assert str(artifact.file_hash) in str(caught.value)
    assert hashlib.sha256(b"x" * SAMPLE.stat().st_size).hexdigest() in str(caught.value)
    assert target.read_bytes() == b"what was there"
    assert [path.name for path in tmp_path.iterdir()] == ["model.pyfnx"]


async def test_a_store_without_ranges_still_works(
    through: Through, large: Path, tmp_path: Path
) -> None:
    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        proxy.drop_ranges = True
        progress = Counted()
        await luml.artifacts.download(artifact.id, tmp_path, on_progress=progress)
    assert sha256(tmp_path / "large.pyfnx") == artifact.file_hash
    assert progress.highest == artifact.size


async def test_a_download_goes_on_where_it_stopped(
    through: Through, large: Path, tmp_path: Path
) -> None:
    def refuse_most(method: str, path: str, before: int) -> Answer | None:
        late = method == "GET" and path.startswith("/_store/") and before >= 2
        return Answer("500 Internal Server Error") if late else None

    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        proxy.plan, proxy.seen = refuse_most, Seen()
        with pytest.raises(FileDownloadError, match="download again"):
            await luml.artifacts.download(artifact.id, tmp_path, progress=False)
        assert not (tmp_path / "large.pyfnx").exists()
        proxy.plan, proxy.seen = nothing, Seen()
        progress = Counted()
        await luml.artifacts.download(artifact.id, tmp_path, on_progress=progress)
        assert proxy.seen.down < artifact.size - PART
        assert "resuming" in progress.phases
        assert progress.highest == artifact.size
    assert sha256(tmp_path / "large.pyfnx") == artifact.file_hash
    assert [path.name for path in tmp_path.iterdir()] == ["large.pyfnx"]


async def test_an_object_that_changed_is_fetched_anew(
    through: Through, large: Path, tmp_path: Path
) -> None:
    def refuse_most(method: str, path: str, before: int) -> Answer | None:
        late = method == "GET" and path.startswith("/_store/") and before >= 2
        return Answer("500 Internal Server Error") if late else None

    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        proxy.plan, proxy.seen = refuse_most, Seen()
        with pytest.raises(FileDownloadError):
            await luml.artifacts.download(artifact.id, tmp_path, progress=False)
        ledger = tmp_path / "large.pyfnx.part.ledger"
        ledger.write_text(ledger.read_text().replace(str(artifact.file_hash), "0" * 64))
        proxy.plan, proxy.seen = nothing, Seen()
        await luml.artifacts.download(artifact.id, tmp_path, progress=False)
    assert sha256(tmp_path / "large.pyfnx") == artifact.file_hash


async def test_bytes_damaged_on_disk_are_fetched_anew(
    through: Through, large: Path, tmp_path: Path
) -> None:
    def refuse_most(method: str, path: str, before: int) -> Answer | None:
        late = method == "GET" and path.startswith("/_store/") and before >= 2
        return Answer("500 Internal Server Error") if late else None

    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        proxy.plan, proxy.seen = refuse_most, Seen()
        with pytest.raises(FileDownloadError):
            await luml.artifacts.download(artifact.id, tmp_path, progress=False)
        with (tmp_path / "large.pyfnx.part").open("r+b") as file:
            file.write(b"damaged")
        proxy.plan, proxy.seen = nothing, Seen()
        await luml.artifacts.download(artifact.id, tmp_path, progress=False)
    assert sha256(tmp_path / "large.pyfnx") == artifact.file_hash


async def test_a_file_that_changes_while_it_is_uploaded_is_an_error(
    through: Through, tmp_path: Path
) -> None:
    path = make_artifact(tmp_path / "changing.pyfnx", SIZE)

    def touch(method: str, requested: str, before: int) -> None:
        if method == "PUT" and before == 1:
            with path.open("r+b") as file:
                file.seek(SIZE - MIB)
                file.write(b"changed")

    async with through(touch) as (luml, _):
        with pytest.raises(FileError, match="changed"):
            await luml.artifacts.upload(path, progress=False)
        assert [entry.status for entry in (await luml.artifacts.list()).items] != ["uploaded"]


async def test_a_file_that_is_cut_while_it_is_uploaded_is_an_error(
    through: Through, tmp_path: Path
) -> None:
    path = make_artifact(tmp_path / "shrinking.pyfnx", SIZE)

    def cut(method: str, requested: str, before: int) -> None:
        if method == "PUT" and before == 1:
            with path.open("r+b") as file:
                file.truncate(MIB)

    async with through(cut) as (luml, _):
        with pytest.raises(FileError, match="changed"):
            await luml.artifacts.upload(path, progress=False)


async def test_a_link_in_the_place_of_the_part_file_is_not_followed(
    through: Through, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"of somebody else")
    target = tmp_path / "model.fnnx"
    (tmp_path / "model.fnnx.part").symlink_to(victim)
    async with through(nothing) as (luml, _):
        artifact = await luml.artifacts.upload(SAMPLE, progress=False)
        with pytest.raises(FileDownloadError, match="Cannot write"):
            await luml.artifacts.download(artifact.id, target, progress=False)
    assert victim.read_bytes() == b"of somebody else"


async def test_a_file_that_changed_between_two_uploads_is_sent_anew(
    through: Through, tmp_path: Path
) -> None:
    """The change is where no sample of the resume token looks, so the kept parts do not fit."""
    path = make_artifact(tmp_path / "retrained.pyfnx", SIZE)

    def refuse_late(method: str, requested: str, before: int) -> Answer | None:
        late = method == "PUT" and requested.startswith("/_store/") and before >= 2
        return Answer("500 Internal Server Error") if late else None

    async with through(refuse_late) as (luml, proxy):
        with pytest.raises(FileUploadError):
            await luml.artifacts.upload(path, progress=False)
        with path.open("r+b") as file:
            file.seek(MIB)
            file.write(b"other weights")
        proxy.plan = nothing
        progress = Counted()
        artifact = await luml.artifacts.upload(path, on_progress=progress)
        assert (artifact.status, artifact.file_hash) == ("uploaded", sha256(path))
        assert "sending anew" in progress.phases
        assert progress.highest == artifact.size


async def test_a_ledger_that_makes_no_sense_is_no_obstacle(
    through: Through, large: Path, tmp_path: Path
) -> None:
    def refuse_most(method: str, path: str, before: int) -> Answer | None:
        late = method == "GET" and path.startswith("/_store/") and before >= 2
        return Answer("500 Internal Server Error") if late else None

    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(large, progress=False)
        proxy.plan, proxy.seen = refuse_most, Seen()
        with pytest.raises(FileDownloadError):
            await luml.artifacts.download(artifact.id, tmp_path, progress=False)
        with (tmp_path / "large.pyfnx.part.ledger").open("ab") as ledger:
            ledger.write(b"77\n0\n")
        proxy.plan = nothing
        await luml.artifacts.download(artifact.id, tmp_path, progress=False)
    assert sha256(tmp_path / "large.pyfnx") == artifact.file_hash


async def test_a_name_as_long_as_names_can_be(through: Through, tmp_path: Path) -> None:
    path = tmp_path / ("n" * 245 + ".fnnx")
    path.write_bytes(SAMPLE.read_bytes())
    (tmp_path / "back").mkdir()
    async with through(nothing) as (luml, _):
        artifact = await luml.artifacts.upload(path, progress=False)
        await luml.artifacts.download(artifact.id, tmp_path / "back", progress=False)
    assert [entry.name for entry in (tmp_path / "back").iterdir()] == [path.name]


async def test_a_folder_at_the_final_name_is_noticed_before_a_byte_comes(
    through: Through, tmp_path: Path
) -> None:
    (tmp_path / SAMPLE.name).mkdir()
    async with through(nothing) as (luml, proxy):
        artifact = await luml.artifacts.upload(SAMPLE, progress=False)
        with pytest.raises(FileDownloadError, match="is a folder"):
            await luml.artifacts.download(artifact.id, tmp_path, progress=False)
        assert proxy.seen.count("GET", "/_store/") == 0


async def test_what_an_upload_says_of_itself(through: Through, large: Path) -> None:
    progress = Counted()
    async with through(nothing) as (luml, _):
        await luml.artifacts.upload(large, on_progress=progress)
    assert progress.phases == ["reading", "sending", "hashing", "verifying"]


@pytest.mark.parametrize("name", ["..", "a/b.fnnx", "/etc/x.fnnx", "a\\b.fnnx", "a\x00.fnnx"])
async def test_a_name_that_leaves_the_folder_is_refused(
    through: Through, tmp_path: Path, name: str
) -> None:
    async with through(nothing) as (luml, _):
        artifact = await luml.artifacts.upload(SAMPLE, progress=False)
    evil = artifact.model_copy(update={"file_name": name})
    with pytest.raises(FileDownloadError, match="file_path"):
        target_of(evil, tmp_path)


async def test_the_target_is_a_file_a_folder_or_here(
    through: Through, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    async with through(nothing) as (luml, _):
        artifact = await luml.artifacts.upload(SAMPLE, progress=False)
        await luml.artifacts.download(artifact.id, progress=False)
        await luml.artifacts.download(artifact.id, "folder", progress=False)
        await luml.artifacts.download(artifact.id, "other.bin", progress=False)
        with pytest.raises(FileDownloadError, match="does not exist"):
            await luml.artifacts.download(artifact.id, "missing/x.fnnx", progress=False)
    for path in (SAMPLE.name, f"folder/{SAMPLE.name}", "other.bin"):
        assert sha256(tmp_path / path) == artifact.file_hash
