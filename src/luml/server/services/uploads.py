"""Upload sessions: what an upload still misses, from anywhere, at any time (wire, section 7).

A session is the row in ``uploads`` with what the store says it holds; the client keeps nothing.
Small files go up with
one PUT, which is a session of one part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Connection

from luml.models import ArtifactStatus, StoredPart
from luml.server.db import artifacts, uploads
from luml.server.db.types import AnyRow, now, wire_time
from luml.server.errors import Problem, conflict
from luml.server.services.artifacts import UNFINISHED, fail
from luml.server.services.drafts import Digest, MemberDigests, PartDigests, digest_documents
from luml.server.services.fields import PlainText, Request
from luml.server.services.verification import checked_digest, fault, incomplete
from luml.server.storage.base import Storage
from luml.transfer.plan import (
    MAX_PARTS,
    SESSION_BATCH,
    SESSION_SINGLE_LIMIT,
    Plan,
    session_plan,
)

SINGLE = "single"
ETAG_LENGTH = 256


class PartDone(Request):
    """A part that the client has sent."""

    part_number: int = Field(ge=1, le=MAX_PARTS)
    etag: Annotated[PlainText, Field(max_length=ETAG_LENGTH)]


class UploadCompletion(Request):
    """The body that ends an upload; digests may be known only now."""

    parts: Annotated[tuple[PartDone, ...], Field(max_length=MAX_PARTS)] = ()
    file_hash: Digest | None = None
    part_digests: PartDigests | None = None
    member_digests: MemberDigests | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An upload as it stands.

    Attributes:
        row: The artifact.
        plan: How the file is cut.
        upload_id: The store's id of a multipart upload, None before there is one.
    """

    row: AnyRow
    plan: Plan
    upload_id: str | None

    @property
    def single(self) -> bool:
        """True if one PUT carries the whole file."""
        return bool(self.row.size < SESSION_SINGLE_LIMIT)

    @property
    def location(self) -> str:
        """The key of the object."""
        return str(self.row.bucket_location)


def load(connection: Connection, row: AnyRow) -> Session:
    """Return the session of an artifact; a 409 if it is on its way out."""
    if row.status not in (*UNFINISHED, ArtifactStatus.UPLOADED):
        raise conflict("not_uploadable", f"The artifact's status is {row.status}.")
    if row.size < SESSION_SINGLE_LIMIT:
        return Session(row, Plan(row.size, max(1, row.size)), None)
    upload = uploads.get(connection, row.id)
    plan = session_plan(row.size)
    if upload is None or upload.upload_id is None:
        return Session(row, plan, None)
    return Session(row, Plan(row.size, upload.part_size or plan.part_size), upload.upload_id)


def resume(connection: Connection, session: Session, started: str | None) -> Session:
    """Note that an upload goes on.

    Args:
        started: The id of a multipart upload that was just started at the store.

    Returns:
        The session to go on with: that of another request if it was faster.
    """
    row = artifacts.narrow(connection, session.row.collection_id, session.row.id)
    if row is None or row.status not in UNFINISHED:
        return session
    values = {"artifact_id": row.id, "collection_id": row.collection_id}
    if uploads.get(connection, row.id) is None:
        uploads.add(connection, {**values, "bucket_location": row.bucket_location})
    current = load(connection, row)
    if current.upload_id is None and started is not None:
        part_size = session.plan.part_size
        uploads.touch(connection, row.id, upload_id=started, part_size=part_size)
        current = Session(row, session.plan, started)
    else:
        uploads.touch(connection, row.id)
    if row.status != ArtifactStatus.PENDING_UPLOAD:
        pending = {"status": ArtifactStatus.PENDING_UPLOAD.value, "status_reason": None}
        artifacts.change(connection, row.id, pending)
    return current


def describe(session: Session, storage: Storage, lifetime: int) -> dict[str, Any]:
    """Return what an upload still misses, with signed URLs for the next parts."""
    done = _parts_done(session, storage)
    complete = _is_complete(session, storage, done)
    held = {part.part_number for part in done}
    missing = [part for part in session.plan.parts() if part.number not in held]
    shown = [] if complete else missing[:SESSION_BATCH]
    return {
        "upload_id": session.upload_id or SINGLE,
        "part_size": session.plan.part_size,
        "parts_total": session.plan.total,
        "parts_done": [part.model_dump() for part in done],
        "parts": [
            {
                "part_number": part.number,
                "url": _part_url(session, storage, part.number),
                "start_byte": part.start,
                "end_byte": part.end,
            }
            for part in shown
        ],
        "complete": complete,
        "expires_at": wire_time(now() + lifetime * 1_000_000),
    }


def _parts_done(session: Session, storage: Storage) -> list[StoredPart]:
    if session.row.status == ArtifactStatus.UPLOADED or session.upload_id is None:
        return []
    return storage.list_parts(session.location, session.upload_id)


def _is_complete(session: Session, storage: Storage, done: Sequence[StoredPart]) -> bool:
    """Say whether nothing is missing: all parts are there, or the object itself is."""
    if session.row.status == ArtifactStatus.UPLOADED or len(done) == session.plan.total:
        return True
    if done:
        return False
    stored = storage.stat(session.location)
    if stored is None or stored.size != session.row.size:
        return False
    digest = checked_digest(session.row.file_hash)
    return digest is None or stored.sha256 in (None, digest)


def _part_url(session: Session, storage: Storage, number: int) -> str:
    if session.upload_id is None:
        digest = checked_digest(session.row.file_hash)
        return storage.put_url(session.location, session.row.size, digest)
    return storage.part_url(
        session.location, session.upload_id, session.plan, session.plan.part(number)
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an upload ended at the store.

    Attributes:
        fault: What is wrong with it, None if nothing is.
        spent: True if its parts are no more, so that a new session starts from nothing.
    """

    fault: str | None
    spent: bool = False


def finish(session: Session, storage: Storage, completion: UploadCompletion) -> Outcome:
    """Put an upload together at the store and look at it; wrong bytes do not stay there.

    Raises:
        StorageError: The store did not answer.
    """
    recorded, given = session.row.file_hash, completion.file_hash
    if recorded is not None and given is not None and recorded.lower() != given:
        return Outcome(f"SHA-256 {recorded} was declared at first, {given} at the end.")
    file_hash = given or recorded
    if file_hash is None:
        return Outcome("The file has no digest yet; complete its upload with file_hash.")
    if session.upload_id is not None:
        held = storage.list_parts(session.location, session.upload_id)
        wrong = _wrong_part(session, held, completion.parts)
        if wrong is not None:
            return Outcome(wrong)
        if held:
            storage.complete(session.location, session.upload_id, session.plan, held)
    found = fault(storage, session.location, session.row.size, file_hash)
    if found is not None:
        # Else the next session would take an object of the right size for the right one.
        storage.delete(session.location)
    return Outcome(found, spent=found is not None)


def _wrong_part(
    session: Session, held: Sequence[StoredPart], named: Sequence[PartDone]
) -> str | None:
    """Return what keeps parts from becoming the file; with none held they are it already."""
    if not held:
        return None
    etags = {part.part_number: part.etag.strip('"') for part in held}
    missing = [part.number for part in session.plan.parts() if part.number not in etags]
    if missing:
        return (
            f"{len(missing)} of {session.plan.total} parts are missing, the first is {missing[0]}."
        )
    for part in named:
        if etags.get(part.part_number) != part.etag.strip('"'):
            there = etags.get(part.part_number)
            return (
                f"Part {part.part_number} is not the declared one: {part.etag} was declared, "
                f"{there} is in the store."
            )
    return None


def settle(
    connection: Connection,
    session: Session,
    completion: UploadCompletion,
    outcome: Outcome,
    extensions: frozenset[str],
) -> Problem | None:
    """Note how an upload ended; return what to answer with once that is committed, or None."""
    row = artifacts.narrow(connection, session.row.collection_id, session.row.id)
    if row is None or row.status not in UNFINISHED:
        return None
    if outcome.fault is not None:
        if outcome.spent:
            uploads.touch(connection, row.id, upload_id=None, part_size=None)
        fail(connection, row.id, outcome.fault)
        return incomplete(outcome.fault)
    values = {"status": ArtifactStatus.UPLOADED.value, "status_reason": None, "updated_at": now()}
    if completion.file_hash is not None:
        values["file_hash"] = completion.file_hash
    artifacts.change(connection, row.id, values)
    digests = digest_documents(completion.part_digests, completion.member_digests, extensions)
    if digests:
        artifacts.change_documents(connection, row.id, digests)
    uploads.remove(connection, row.id)
    return None


def abort(connection: Connection, session: Session) -> None:
    """Note that an upload was given up; a new session starts from nothing."""
    if session.row.status in UNFINISHED:
        uploads.touch(connection, session.row.id, upload_id=None, part_size=None)
        fail(connection, session.row.id, "The upload was aborted.")
