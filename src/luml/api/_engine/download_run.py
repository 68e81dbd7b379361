"""The blocking half of one download: ranges into a part file, the digest, the rename."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from luml.api._engine.coordinator import Coordinator, Report
from luml.api._engine.engine import Engine
from luml.api._engine.faults import (
    LinkError,
    ObjectChangedError,
    RangesIgnoredError,
    StoreError,
    TransferCancelledError,
    URLExpiredError,
)
from luml.api._engine.part_file import PartFile, disk_error
from luml.api._engine.receiver import Receiver
from luml.errors import FileDownloadError, IntegrityError
from luml.models import Artifact
from luml.transfer.plan import Plan, session_plan

T = TypeVar("T")
KEPT = "What arrived is kept beside the target: download again to go on from there."
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


class DownloadRun:
    """One artifact on its way to a file. Every method may block; ``cancel`` ends them from any
    thread.

    Args:
        engine: What moves the bytes.
        artifact: What is fetched; its size and digest are what the file must have.
        target: The file.
        report: Called with each count of bytes that are in the part file.
    """

    def __init__(
        self, engine: Engine, artifact: Artifact, target: Path, report: Report | None
    ) -> None:
        self._engine = engine
        self._artifact = artifact
        self._target = target
        self._coordinator = Coordinator(report)
        self._work: tuple[Receiver, PartFile] | None = None
        self._resumed = False
        self._cancelled = False

    def open(self) -> int:
        """Open the part file and return how many bytes an earlier run had fetched."""
        self._prepare(session_plan(self._artifact.size), ranged=True)
        kept = self._begun()[0].kept
        self._resumed = kept > 0
        self._coordinator.count(kept)
        return kept

    def fetch(self, url: str) -> URLExpiredError | None:
        """Fetch what is missing; returns the refusal where the URL ran out."""
        return self._told(lambda: self._fetch(url))

    def finish(self) -> bool:
        """Verify the bytes and give them the name of the target; False where a resumed file must
        be fetched anew.

        Raises:
            IntegrityError: The bytes are not those that the registry recorded.
        """
        receiver, file = self._begun()
        actual, expected = self._told(receiver.digest), self._artifact.file_hash or ""
        if is_sha256(expected) and actual != expected.lower():
            self._drop()
            if self._resumed:
                self._resumed = False
                return False
            raise IntegrityError(
                f"{self._target}: the bytes that came have SHA-256 {actual}, the registry "
                f"recorded {expected}. They were removed and the target was not touched."
            )
        receiver.stop()
        file.finish()
        self._work = None
        return True

    def cancel(self) -> None:
        """End what is under way, from any thread."""
        self._cancelled = True
        self._coordinator.cancel()
        if (work := self._work) is not None:
            work[0].ask_to_stop()

    def close(self) -> None:
        """End every thread and close the files; what arrived stays to be gone on with."""
        self._coordinator.cancel()
        if self._work is not None:
            receiver, file = self._work
            receiver.stop()
            file.close()

    def _prepare(self, plan: Plan, *, ranged: bool) -> None:
        file = PartFile.open(self._target, self._artifact.id, plan)
        receiver = Receiver(
            self._engine, self._coordinator, file, self._artifact.id, plan, ranged=ranged
        )
        self._work = receiver, file

    def _begun(self) -> tuple[Receiver, PartFile]:
        if self._work is None:
            raise FileDownloadError(f"The download of {self._artifact.file_name} is not open.")
        return self._work

    def _drop(self) -> None:
        receiver, file = self._begun()
        receiver.stop()
        self._coordinator.count(-receiver.kept)
        file.discard()
        self._work = None

    def _fetch(self, url: str) -> URLExpiredError | None:
        if self._artifact.size == 0:
            return None
        for _ in range(3):
            receiver, _ = self._begun()
            try:
                return receiver.fetch(url)
            except RangesIgnoredError:
                self._begin_anew(Plan(self._artifact.size, self._artifact.size), ranged=False)
            except ObjectChangedError:
                if not self._resumed:
                    raise
                self._resumed = False
                self._begin_anew(session_plan(self._artifact.size), ranged=True)
        raise ObjectChangedError("it keeps changing")

    def _begin_anew(self, plan: Plan, *, ranged: bool) -> None:
        # A crew that fails cancels its coordinator, so a new one goes on from here.
        self._drop()
        self._coordinator = self._coordinator.renewed()
        if self._cancelled:
            raise TransferCancelledError
        self._prepare(plan, ranged=ranged)

    def _told(self, work: Callable[[], T]) -> T:
        name = self._artifact.file_name
        try:
            return work()
        except (LinkError, StoreError) as error:
            raise FileDownloadError(f"The download of {name} failed: {error}. {KEPT}") from error
        except ObjectChangedError as error:
            raise IntegrityError(
                f"The object of {name} in the bucket is not the one that was recorded: {error}."
            ) from error
        except TransferCancelledError as error:
            raise FileDownloadError(f"The download of {name} was cancelled. {KEPT}") from error
        except OSError as error:
            raise disk_error(self._target, error) from error


def is_sha256(text: str) -> bool:
    """Say whether ``text`` is a SHA-256 in hex; any other text is never taken for verified (wire,
    section 4).
    """
    return len(text) == 64 and HEX_DIGITS.issuperset(text)
