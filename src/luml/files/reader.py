"""Reading an artifact file: its headers, its manifest and its metadata, never its data."""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from luml.errors import FileError
from luml.files.blocks import Blocks
from luml.files.documents import Documents
from luml.files.limits import DEFAULT_MAX_FILE_SIZE, MAX_METRIC_KEY, MAX_METRICS
from luml.files.metrics import read_metrics
from luml.files.names import check_file_name, check_suffix, shown
from luml.files.tar import walk
from luml.models import ArtifactType

logger = logging.getLogger("luml.files")

DROPPED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What tells whether a file is still the one that was read.

    Attributes:
        size: Bytes.
        mtime_ns: When it last changed, in nanoseconds.
        inode: Its number in the file system.
    """

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> FileIdentity:
        """Return the identity that ``os.stat`` or ``os.fstat`` found."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """What an artifact file says of itself.

    Attributes:
        path: Where it lies.
        file_name: Its name without the directory.
        size: Bytes.
        identity: Tells whether it has changed since.
        manifest: The effective manifest: patches applied.
        file_index: Member name to (offset of its first byte, size), both in bytes.
        metrics: Metric values by key (``extra_values`` on the wire).
        dropped_metrics: Metric keys that a limit forbids.
        type: What the artifact is.
    """

    path: Path
    file_name: str
    size: int
    identity: FileIdentity
    manifest: dict[str, Any]
    file_index: dict[str, tuple[int, int]]
    metrics: dict[str, Any]
    dropped_metrics: tuple[str, ...]
    type: ArtifactType


def read_artifact(
    path: str | os.PathLike[str], *, max_file_size: int = DEFAULT_MAX_FILE_SIZE
) -> ArtifactFile:
    """Read what the artifact file at ``path`` says of itself.

    Only headers, manifest and metadata are read, within two seconds and 64 MiB of memory whatever
    the file holds; no code or pickle in it is ever run.

    Args:
        path: The file.
        max_file_size: The most bytes it may have.

    Raises:
        FileError: It cannot be read or is no artifact; the message names the file, the member,
            the reason and, where there is one, the way out.

    Example:
        >>> read_artifact("examples/artifacts/income_regression.fnnx").type
        <ArtifactType.MODEL: 'model'>

    Format, section 9.
    """
    location = Path(path)
    try:
        check_suffix(location.name)
        check_file_name(location.name)
        with _open(location, max_file_size) as file:
            return _read(location, file)
    except FileError as error:
        raise FileError(f"{_printable(location)}: {error.message}") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(f"{_printable(location)}: It cannot be read: {reason}.") from error


def _printable(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()


def _open(path: Path, max_file_size: int) -> FileIO:
    try:
        found = path.stat()
    except ValueError as error:
        raise FileError(f"It is not a path: {error}.") from None
    if not stat.S_ISREG(found.st_mode):
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise FileError(f"It is {kind}; an artifact is one tar file.")
    if found.st_size == 0:
        raise FileError("It is empty.")
    if found.st_size > max_file_size:
        raise FileError(
            f"It has {found.st_size} bytes, more than the {max_file_size} allowed. "
            "Raise max_file_size or LUML_MAX_FILE_SIZE if that is meant."
        )
    return FileIO(path)


def _read(path: Path, file: FileIO) -> ArtifactFile:
    identity = FileIdentity.of(os.fstat(file.fileno()))
    blocks = Blocks(file, identity.size)
    index = {name: (offset, size) for name, offset, size in walk(blocks)}
    documents = Documents(blocks, index)
    manifest, artifact_type = documents.manifest()
    metrics = read_metrics(manifest["producer_tags"], documents.metadata())
    if FileIdentity.of(os.fstat(file.fileno())) != identity:
        raise FileError("It changed while it was being read. Try again.")
    if metrics.dropped:
        logger.warning(_dropped_text(path, metrics.dropped))
    return ArtifactFile(
        path=path,
        file_name=path.name,
        size=identity.size,
        identity=identity,
        manifest=manifest,
        file_index=index,
        metrics=metrics.values,
        dropped_metrics=metrics.dropped,
        type=artifact_type,
    )


def _dropped_text(path: Path, keys: tuple[str, ...]) -> str:
    named = ", ".join(shown(key) for key in keys[:DROPPED_SHOWN])
    more = f" and {len(keys) - DROPPED_SHOWN} more" if len(keys) > DROPPED_SHOWN else ""
    return (
        f"{_printable(path)}: metrics are left out, as at most {MAX_METRICS:,} are kept, with keys "
        f"of at most {MAX_METRIC_KEY} characters of text: {named}{more}"
    )
