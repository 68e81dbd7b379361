"""Where downloads write to."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from luml.errors import FileDownloadError, FileError
from luml.files import check_file_name
from luml.models import Artifact

SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))


def target_of(artifact: Artifact, file_path: str | os.PathLike[str] | None) -> Path:
    """Return the file that a download writes: ``file_path``, in it if it is a folder, or here.

    Raises:
        FileDownloadError: The artifact's file name would leave the folder, or the folder is
            missing.
    """
    wanted = Path(file_path) if file_path is not None else Path()
    if file_path is not None and os.fspath(file_path).endswith(SEPARATORS):
        _make_folder(wanted)
    if wanted.is_dir():
        try:
            check_file_name(artifact.file_name)
        except FileError as error:
            raise FileDownloadError(
                f"The file name of artifact {artifact.id} cannot be used here: {error.message} "
                "Pass file_path to choose another."
            ) from error
        wanted = wanted / artifact.file_name
    if wanted.is_dir():
        raise FileDownloadError(f"{wanted} is a folder. Pass another file_path.")
    if not wanted.parent.is_dir():
        raise FileDownloadError(f"The folder {wanted.parent} does not exist. Make it first.")
    return wanted


def _make_folder(folder: Path) -> None:
    """Make a folder that was named as one, with a separator at its end."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileDownloadError(f"Cannot make the folder {folder}: {error.strerror}.") from error


class Targets:
    """Keeps the downloads of one call apart: no two of them write to one file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[Path] = set()

    def claim(self, artifact: Artifact, file_path: str | os.PathLike[str] | None) -> Path:
        """Return the target of ``artifact``; where another one has it, its id goes into the name.

        Raises:
            FileDownloadError: As ``target_of``.
        """
        target = target_of(artifact, file_path)
        with self._lock:
            if target in self._taken:
                target = target.with_name(f"{target.stem}-{artifact.id}{target.suffix}")
            self._taken.add(target)
        return target
