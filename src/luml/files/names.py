"""The names of artifact files and of their members (format, sections 6 and 9)."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from luml.errors import FileError
from luml.files.limits import MAX_FILE_NAME_BYTES, MAX_NAME_BYTES

SUFFIXES: Final = (".fnnx", ".pyfnx", ".dfs", ".luml", ".tar")

_FILE_NAME = re.compile(r"[^:\"*`~#%;'^]+\.[^\s:\"*`~#%;'^]+")
_FILE_NAME_FORBIDDEN = re.compile(r"[/\\\x00-\x1f\x7f-\x9f]")
_HERE = re.compile(r"(?:\./)+")
_MEMBER_FAULTS: Final = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f]"), "its name holds a control character"),
    (re.compile(r"\\"), "its name holds a backslash"),
    (re.compile(r"^(?:/|[A-Za-z]:/)"), "its name is absolute"),
    (re.compile(r"(?:^|/)\.\.(?:/|\Z)"), "its name leads out of the archive with '..'"),
)
_MEMBER_FAULT = re.compile("|".join(pattern.pattern for pattern, _ in _MEMBER_FAULTS))
# A short cut for what most names are: it takes none that has a fault.
_PLAIN_MEMBER = re.compile(rb"(?:[\w~@+-][\w.~@+ -]*+/)*+[\w~@+-][\w.~@+ -]*+")
_NAME_SHOWN = 120


def check_suffix(file_name: str) -> None:
    """Check that the last suffix of ``file_name`` is one of an artifact, in any case.

    Args:
        file_name: The name, or a path to it; nothing is read.

    Raises:
        FileError: Another suffix, or none; the message names the suffixes.

    Example:
        >>> check_suffix("churn v1.2.FNNX")

    Rule 1 of format, section 9.
    """
    if PurePath(file_name).suffix.lower() not in SUFFIXES:
        raise FileError(
            f"{shown(file_name)} has no suffix of an artifact: {', '.join(SUFFIXES)} in any case. "
            "Rename the file if it is one."
        )


def check_file_name(name: str) -> None:
    """Check that a registry takes ``name`` as the name of a file.

    Args:
        name: A name without a directory, at most 255 bytes of UTF-8.

    Raises:
        FileError: A separator, a control character, one of ``: " * ` ~ # % ; ' ^``, no dot,
            or too long.

    Example:
        >>> check_file_name("churn v1.2.fnnx")

    Wire, section 4, and format, section 6.
    """
    if _FILE_NAME_FORBIDDEN.search(name):
        raise FileError(f"The file name {shown(name)} holds a separator or a control character.")
    if not _FILE_NAME.fullmatch(name):
        raise FileError(
            f"The file name {shown(name)} is not one a registry takes: it needs a dot, no blank "
            "after the last one, and none of : \" * ` ~ # % ; ' ^ anywhere. Rename the file."
        )
    if len(_encoded(name)) > MAX_FILE_NAME_BYTES:
        raise FileError(
            f"The file name {shown(name)} is longer than {MAX_FILE_NAME_BYTES} bytes. "
            "Rename the file."
        )


def _encoded(name: str) -> bytes:
    try:
        return name.encode()
    except UnicodeEncodeError:
        raise FileError(f"The file name {shown(name)} is not UTF-8. Rename the file.") from None


def member_name(raw: bytes) -> str:
    """Return the name of a member as the index has it; ``./`` in front is dropped.

    Args:
        raw: The name as the archive has it, at most 4,096 bytes.

    Returns:
        The name; empty for the archive's own directory, ``./``.

    Raises:
        FileError: Empty, absolute, with ``..``, a backslash or a control character, not UTF-8,
            or too long.

    Rule 3 of format, section 9.
    """
    if not raw:
        raise FileError("A member has an empty name.")
    if len(raw) > MAX_NAME_BYTES:
        raise FileError(f"Member {shown(raw)}: its name is longer than {MAX_NAME_BYTES} bytes.")
    if _PLAIN_MEMBER.fullmatch(raw):
        return raw.decode()
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise FileError(f"Member {shown(raw)}: its name is not UTF-8.") from None
    if name.startswith("."):
        name = name[match.end() :] if (match := _HERE.match(name)) else name
        name = "" if name == "." else name
    if _MEMBER_FAULT.search(name):
        raise FileError(f"Member {shown(raw)}: {_member_fault(name)}.")
    return name


def _member_fault(name: str) -> str:
    return next(reason for pattern, reason in _MEMBER_FAULTS if pattern.search(name))


def shown(name: str | bytes) -> str:
    """Return ``name`` as a message shows it: quoted, escaped and cut where it is long."""
    text = name.decode(errors="backslashreplace") if isinstance(name, bytes) else name
    cut = text if len(text) <= _NAME_SHOWN else f"{text[:_NAME_SHOWN]}…"
    return repr(cut).encode(errors="backslashreplace").decode()
