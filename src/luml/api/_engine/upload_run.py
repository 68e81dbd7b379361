"""The blocking half of one upload: the open file, its digests, its parts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from luml.api._engine.coordinator import Coordinator, Report
from luml.api._engine.engine import Engine
from luml.api._engine.faults import LinkError, StoreError, TransferCancelledError
from luml.api._engine.hashing import DigestRun
from luml.api._engine.sender import PartJob, Sender, Sent
from luml.errors import FileError, FileUploadError
from luml.files import ArtifactFile, FileIdentity
from luml.files.digest import FileDigests
from luml.io.blocks import FileChangedError
from luml.transfer import azure, s3
from luml.transfer.plan import Plan

T = TypeVar("T")
KEPT = "What arrived is kept: upload the same file again to go on from there."


class UploadRun:
    """One file on its way up. Every method may block; ``cancel`` ends them from any thread.

    Args:
        engine: What moves the bytes.
        file: What is uploaded.
        plan: How it is cut into parts.
        report: Called with each count of bytes that became safe.
    """

    def __init__(
        self, engine: Engine, file: ArtifactFile, plan: Plan, report: Report | None
    ) -> None:
        self._engine = engine
        self._file = file
        self._plan = plan
        self._coordinator = Coordinator(report)
        self._descriptor = -1
        self._hashing: DigestRun | None = None

    def open(self) -> None:
        """Open the file and begin to hash it; raises FileError if it is no longer the one that was
        read.
        """
        try:
            self._descriptor = os.open(self._file.path, os.O_RDONLY)
        except OSError as error:
            raise FileError(f"{self._file.path}: {error.strerror or error}.") from error
        self._check_unchanged()
        self._hashing = DigestRun(
            self._descriptor,
            self._plan,
            self._file.file_index,
            self._coordinator,
            self._engine.budget,
        )

    def send(self, jobs: Sequence[PartJob], headers: Mapping[str, str]) -> Sent:
        """Send parts; raises FileUploadError when one fails for good."""
        sender = Sender(self._engine, self._coordinator, self._descriptor, headers)
        return self._told(lambda: sender.send(jobs))

    def count(self, size: int) -> None:
        """Report bytes that an earlier run had sent."""
        self._coordinator.count(size)

    def digests(self) -> FileDigests:
        """Wait for the digests; raises FileError if the file changed meanwhile."""
        if self._hashing is None:
            raise FileUploadError(f"{self._file.path} is not open.")
        try:
            digests = self._hashing.result()
        except (FileChangedError, OSError) as error:
            raise FileError(f"{self._file.path} changed while it was uploaded: {error}.") from error
        self._check_unchanged()
        return digests

    def initiate(self, url: str) -> str:
        """Start a multipart upload of the public wire and return its id."""
        _, body = self._told(lambda: self._engine.call(self._coordinator, "POST", url))
        upload_id = s3.upload_id(body.decode("utf-8", "replace"))
        if upload_id is None:
            raise FileUploadError(
                f"{urlsplit(url).hostname} did not start a multipart upload: no UploadId came back."
            )
        return upload_id

    def complete(self, url: str, etags: Mapping[int, str], *, is_azure: bool) -> None:
        """Have the store put the parts together (public wire)."""
        method, body = "POST", s3.complete_body(etags.items())
        if is_azure:
            method, body = "PUT", azure.block_list(etags)
        headers = {"Content-Type": "application/xml"}
        _, answer = self._told(
            lambda: self._engine.call(self._coordinator, method, url, headers=headers, body=body)
        )
        problem = s3.error_in(answer.decode("utf-8", "replace"))
        if problem is not None:
            raise FileUploadError(
                f"The store did not put {self._file.file_name} together: {problem[0]} {problem[1]}"
            )

    def cancel(self) -> None:
        """End what is under way, from any thread."""
        self._coordinator.cancel()

    def close(self) -> None:
        """End every thread and close the file."""
        self._coordinator.cancel()
        if self._hashing is not None:
            self._hashing.stop()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _check_unchanged(self) -> None:
        if FileIdentity.of(os.fstat(self._descriptor)) != self._file.identity:
            raise FileError(
                f"{self._file.path} changed while it was uploaded. "
                "Upload it again once nothing writes to it."
            )

    def _told(self, work: Callable[[], T]) -> T:
        name = self._file.file_name
        try:
            return work()
        except (LinkError, StoreError) as error:
            self._check_unchanged()
            raise FileUploadError(f"The upload of {name} failed: {error}. {KEPT}") from error
        except TransferCancelledError as error:
            raise FileUploadError(f"The upload of {name} was cancelled. {KEPT}") from error
