"""Uploads: a file becomes an artifact (wire, sections 5 to 7)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from luml.api._async.session import AsyncSession
from luml.api._engine.faults import URLExpiredError
from luml.api._engine.group import Group
from luml.api._engine.sender import PartJob, Sent
from luml.api._engine.upload_run import KEPT, UploadRun
from luml.api._runtime import aio
from luml.api.operations import artifacts, collections, uploads
from luml.api.operations.artifacts import ArtifactChange, NewArtifact
from luml.api.operations.paths import CollectionPath
from luml.api.operations.request import Request
from luml.api.progress import BaseProgressHandler
from luml.errors import APIError, ConflictError, FileError, FileUploadError, IntegrityError
from luml.files import ArtifactFile, read_artifact
from luml.files.digest import sample_digest
from luml.models import (
    Artifact,
    ArtifactStatus,
    BucketType,
    CreatedArtifact,
    StoredPart,
    UploadDetails,
    UploadSession,
)
from luml.transfer import azure
from luml.transfer.plan import SESSION_SINGLE_LIMIT, Plan, public_plan, session_plan

ROUNDS_WITHOUT_PROGRESS = 3


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What is to become an artifact, and how it is called."""

    file_path: str | os.PathLike[str]
    name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None


def resume_token(file: ArtifactFile) -> str:
    """Return the text by which a later upload of the same file finds this one.

    Raises:
        FileError: The file cannot be read.
    """
    try:
        sample = sample_digest(file.path, file.size)
    except OSError as error:
        raise FileError(f"{file.path}: {error.strerror or error}.") from error
    parts = [file.size, sorted(file.file_index.items()), file.manifest, sample]
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def upload_file(
    session: AsyncSession,
    path: CollectionPath,
    request: UploadRequest,
    progress: BaseProgressHandler | None = None,
    group: Group | None = None,
) -> Artifact:
    """Upload one file, or go on with an upload of it that did not end; ``group`` can cancel it.

    Raises:
        FileError: The file cannot be an artifact, or changed meanwhile.
        FileUploadError: The bytes did not get to the bucket.
        IntegrityError: What arrived is not what was sent.
        APIError: The registry refused.
    """
    limit = session.settings.max_file_size
    if progress is not None:
        progress.start(os.path.basename(request.file_path), 0)
        progress.phase("reading")
    try:
        file = await aio.run_blocking(read_artifact, request.file_path, max_file_size=limit)
        if progress is not None:
            progress.start(file.file_name, file.size)
        upload = _Upload(session, path, request, file, progress, group or Group())
        if await session.supports("upload_sessions"):
            return await upload.by_session()
        return await upload.by_public_flow()
    finally:
        if progress is not None:
            progress.finish()


class _Upload:
    """One upload, by either flow."""

    def __init__(
        self,
        session: AsyncSession,
        path: CollectionPath,
        request: UploadRequest,
        file: ArtifactFile,
        progress: BaseProgressHandler | None,
        group: Group,
    ) -> None:
        self._group = group
        self._session = session
        self._path = path
        self._request = request
        self._file = file
        self._progress = progress

    async def by_session(self) -> Artifact:
        """Hash while sending, send what is missing, announce the digests at the end (wire, section
        7).
        """
        plan = session_plan(self._file.size)
        single = self._file.size < SESSION_SINGLE_LIMIT
        run = self._run(Plan(self._file.size, self._file.size) if single else plan)
        with self._group.holding(run):
            try:
                return await self._send_and_complete(run, single=single)
            finally:
                await aio.run_blocking(run.close)

    async def _send_and_complete(self, run: UploadRun, *, single: bool) -> Artifact:
        await aio.run_transfer(run, run.open)
        token = await aio.run_blocking(resume_token, self._file)
        claim = (self._path.url, self._request.name, self._file.file_name, token)
        # Of two uploads of one file at once only the first may be gone on with later.
        with self._session.settings.engine.claiming(claim) as first:
            created = await self._create(None, token if first else None)
            self._say("resuming" if created.resumed else "sending")
            if single and not created.resumed:
                parts = [await self._put_whole(run, created)]
            else:
                parts = await self._send_session(run, created)
            try:
                return await self._complete(run, created, parts)
            except IntegrityError:
                if not created.resumed:
                    raise
            # What an earlier run had sent was of other bytes; the registry has dropped it.
            run.count(-self._file.size)
            self._say("sending anew")
            parts = await self._send_session(run, created)
            return await self._complete(run, created, parts)

    async def _complete(
        self, run: UploadRun, created: CreatedArtifact, parts: Sequence[StoredPart]
    ) -> Artifact:
        self._say("hashing")
        digests = await aio.run_transfer(run, run.digests)
        self._say("verifying")
        complete = uploads.complete_session(
            self._path,
            created.artifact.id,
            parts,
            file_hash=digests.whole,
            part_digests=digests.parts,
            member_digests=digests.members,
        )
        return await self._announce(complete, digests.whole)

    async def by_public_flow(self) -> Artifact:
        """Hash, create, send, announce (wire, sections 4 to 6)."""
        collection = await self._session.send(collections.get_collection(self._path))
        if not collection.type.allows(self._file.type):
            raise FileError(
                f"{self._file.path} is a {self._file.type}, and the collection "
                f"{collection.name!r} takes {collection.type} artifacts only."
            )
        run = self._run(public_plan(self._file.size))
        with self._group.holding(run):
            try:
                return await self._hash_and_send(run)
            finally:
                await aio.run_blocking(run.close)

    async def _hash_and_send(self, run: UploadRun) -> Artifact:
        self._say("hashing")
        await aio.run_transfer(run, run.open)
        digests = await aio.run_transfer(run, run.digests)
        created = await self._create(digests.whole)
        self._say("sending")
        try:
            await self._send_public(run, created)
        except (FileUploadError, APIError):
            await self._report_failure(created.artifact)
            raise
        self._say("verifying")
        change = ArtifactChange(status=ArtifactStatus.UPLOADED)
        update = artifacts.update_artifact(self._path, created.artifact.id, change)
        return await self._announce(update, digests.whole)

    def _run(self, plan: Plan) -> UploadRun:
        report = None if self._progress is None else self._progress.update
        return UploadRun(self._session.settings.engine, self._file, plan, report)

    def _say(self, phase: str) -> None:
        if self._progress is not None:
            self._progress.phase(phase)

    async def _create(self, file_hash: str | None, token: str | None = None) -> CreatedArtifact:
        file, request = self._file, self._request
        new = NewArtifact(
            file_name=file.file_name,
            extra_values=file.metrics,
            manifest=file.manifest,
            file_hash=file_hash,
            file_index=file.file_index,
            size=file.size,
            name=request.name if request.name is not None else file.file_name,
            description=request.description,
            tags=request.tags,
            resume_token=token,
        )
        return await self._session.send(artifacts.create_artifact(self._path, new))

    async def _put_whole(self, run: UploadRun, created: CreatedArtifact) -> StoredPart:
        details = created.upload_details
        if details.url is None:
            raise FileUploadError(f"The registry gave no upload URL for {self._file.file_name}.")
        job = PartJob(1, 0, self._file.size, details.url)
        headers = azure.BLOB_HEADERS if details.type is BucketType.AZURE else {}
        sent = await aio.run_transfer(run, run.send, [job], headers)
        if sent.expired is not None:
            raise self._refused(sent.expired)
        return StoredPart(part_number=1, etag=sent.etags[1], size=self._file.size)

    async def _send_session(self, run: UploadRun, created: CreatedArtifact) -> list[StoredPart]:
        """Ask what is missing and send it, until nothing is."""
        opening = uploads.open_session(self._path, created.artifact.id)
        state = await self._session.send(opening)
        run.count(sum(part.size for part in state.parts_done))
        whole_blob = created.upload_details.type is BucketType.AZURE and state.parts_total == 1
        headers = azure.BLOB_HEADERS if whole_blob else {}
        fruitless = 0
        while not state.complete:
            sent = await aio.run_transfer(run, run.send, _jobs(state), headers)
            if len(state.parts_done) + len(sent.etags) == state.parts_total:
                return [*state.parts_done, *_stored(state, sent)]
            state = await self._session.send(opening)
            fruitless = 0 if sent.etags else fruitless + 1
            if fruitless == ROUNDS_WITHOUT_PROGRESS:
                raise self._refused(sent.expired)
        return state.parts_done

    async def _send_public(self, run: UploadRun, created: CreatedArtifact) -> None:
        details = created.upload_details
        if not details.multipart:
            await self._put_whole(run, created)
            return
        is_azure = details.type is BucketType.AZURE
        upload_id = None
        if not is_azure:
            if details.url is None:
                raise FileUploadError(f"The registry gave no URL for {self._file.file_name}.")
            upload_id = await aio.run_transfer(run, run.initiate, details.url)
        etags, complete_url = await self._send_public_parts(run, details, upload_id)
        await aio.run_transfer(run, lambda: run.complete(complete_url, etags, is_azure=is_azure))

    async def _send_public_parts(
        self, run: UploadRun, details: UploadDetails, upload_id: str | None
    ) -> tuple[dict[int, str], str]:
        """Send all parts, signing anew where URLs ran out; return ETags and the completing URL."""
        signing = uploads.multipart_urls(
            details.bucket_secret_id, details.bucket_location, self._file.size, upload_id
        )
        etags: dict[int, str] = {}
        refused = 0
        while True:
            signed = await self._session.send(signing)
            jobs = [
                PartJob(part.part_number, part.start_byte, part.part_size, part.url)
                for part in signed.parts
                if part.part_number not in etags
            ]
            sent = await aio.run_transfer(run, run.send, jobs, {})
            etags |= sent.etags
            if sent.expired is None:
                return etags, signed.complete_url
            refused += 1
            if refused == ROUNDS_WITHOUT_PROGRESS:
                raise self._refused(sent.expired)

    def _refused(self, refusal: URLExpiredError | None) -> FileUploadError:
        return FileUploadError(
            f"The store keeps refusing {self._file.file_name}: {refusal}. {KEPT}"
        )

    async def _report_failure(self, artifact: Artifact) -> None:
        """Tell the registry, as far as it can be reached; the failure itself is what the caller
        hears.
        """
        change = ArtifactChange(status=ArtifactStatus.UPLOAD_FAILED)
        try:
            await self._session.send(artifacts.update_artifact(self._path, artifact.id, change))
        except APIError:
            self._say("the registry could not be told of the failure")

    async def _announce(self, announcement: Request[Artifact], whole: str) -> Artifact:
        """Say that all bytes are there, and hear what the registry found."""
        try:
            return await self._session.send(announcement)
        except ConflictError as error:
            if error.code != "upload_incomplete":
                raise
            raise IntegrityError(
                f"What arrived of {self._file.file_name} is not what was sent "
                f"(SHA-256 {whole}): {error.message}"
            ) from error


def _stored(state: UploadSession, sent: Sent) -> list[StoredPart]:
    return [
        StoredPart(part_number=job.number, etag=sent.etags[job.number], size=job.size)
        for job in _jobs(state)
    ]


def _jobs(state: UploadSession) -> list[PartJob]:
    return [
        PartJob(part.part_number, part.start_byte, part.end_byte - part.start_byte + 1, part.url)
        for part in state.parts
    ]
