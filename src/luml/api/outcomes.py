"""What became of each file of ``upload_many`` and ``download_many``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from luml.errors import LumlAPIError
from luml.models import Artifact


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """One file of ``upload_many``: an artifact, or the error that stopped it.

    Attributes:
        file_path: As it was given.
        artifact: The artifact that it became; None where it failed.
        error: What went wrong; None where it did not.
    """

    file_path: str | os.PathLike[str]
    artifact: Artifact | None
    error: LumlAPIError | None


@dataclass(frozen=True, slots=True)
class DownloadOutcome:
    """One artifact of ``download_many``: a file, or the error that stopped it.

    Attributes:
        artifact_id: As it was given.
        path: Where it lies; None where it failed.
        error: What went wrong; None where it did not.
    """

    artifact_id: str
    path: Path | None
    error: LumlAPIError | None
