"""Files that survive a power cut: flush the bytes, flush the folder, and only then say that it is
done.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from luml.server.storage.base import DiskFullError


def sync_folder(folder: Path) -> None:
    """Flush the entries of ``folder``; where folders cannot be opened (Windows) this is a no-op."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and its parents, each flushed into the one above."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def reserve(descriptor: int, size: int) -> None:
    """Take ``size`` bytes of disk at once, so that a full disk is known before a byte is sent."""
    if size == 0:
        return
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:
            os.ftruncate(descriptor, size)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFullError(f"the disk has no room for {size} bytes") from error
        raise


def publish(source: Path, target: Path) -> None:
    """Move a flushed file to its place and flush the folder, so that the name survives too."""
    os.replace(source, target)
    sync_folder(target.parent)
