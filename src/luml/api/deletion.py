"""Deleting artifacts, as far as it needs no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from luml.api.operations.artifacts import MAX_BATCH, ArtifactChange, update_artifact
from luml.api.operations.paths import CollectionPath
from luml.api.operations.request import Request
from luml.errors import FileTransferError
from luml.models import Artifact, ArtifactDeleteFailure, ArtifactsDeleteResult, ArtifactStatus

STORAGE_ERROR = "storage_error"


def batches(artifact_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids without repeats, at most a hundred at a time."""
    ids = list(dict.fromkeys(artifact_ids))
    for start in range(0, len(ids), MAX_BATCH):
        yield ids[start : start + MAX_BATCH]


def joined(first: ArtifactsDeleteResult, second: ArtifactsDeleteResult) -> ArtifactsDeleteResult:
    """Return both outcomes as one."""
    return ArtifactsDeleteResult(
        deleted=[*first.deleted, *second.deleted], failed=[*first.failed, *second.failed]
    )


def remaining(
    refused: Sequence[ArtifactDeleteFailure], kept: Iterable[str]
) -> ArtifactsDeleteResult:
    """Return the outcome for those that the registry refused, and those that the store kept."""
    stuck = [
        ArtifactDeleteFailure(artifact_id=artifact_id, reason=STORAGE_ERROR)
        for artifact_id in sorted(kept)
    ]
    return ArtifactsDeleteResult(failed=[*refused, *stuck])


def mark_failed(path: CollectionPath, artifact_id: str) -> Request[Artifact]:
    """Record that the store kept the file."""
    change = ArtifactChange(status=ArtifactStatus.DELETION_FAILED)
    return update_artifact(path, artifact_id, change)


def kept_error(artifact_id: str, trouble: str) -> FileTransferError:
    """Return the error for a file that the store kept."""
    return FileTransferError(
        f"The file of artifact {artifact_id} could not be removed: {trouble}. Its record is kept "
        "as deletion_failed; try again, or delete with force=True and leave the file behind."
    )
