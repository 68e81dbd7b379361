"""Which bytes of an object a GET asks for, and under which conditions (RFC 9110, sections 13 and
14).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

BYTE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class UnsatisfiableRangeError(Exception):
    """The range begins past the end of the object."""


def byte_range(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """Return (start, length) of the range asked for, or None for the whole object.

    Several ranges, other units and malformed ones are ignored, as RFC 9110 allows; so is a range
    whose ``If-Range`` names other bytes.
    """
    match = BYTE_RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if match is None or headers.get("if-range", quoted(etag)) != quoted(etag):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        if int(last) == 0 or size == 0:
            raise UnsatisfiableRangeError
        length = min(int(last), size)
        return size - length, length
    if int(first) >= size:
        raise UnsatisfiableRangeError
    if last and int(last) < int(first):
        return None
    end = min(int(last), size - 1) if last else size - 1
    return int(first), end - int(first) + 1


def precondition(headers: Mapping[str, str], etag: str) -> int | None:
    """Return 412 or 304 where a condition of the request says so, else None."""
    if "if-match" in headers and not _names(headers["if-match"], etag):
        return 412
    if "if-none-match" in headers and _names(headers["if-none-match"], etag):
        return 304
    return None


def quoted(etag: str) -> str:
    """Return an entity tag as it stands in a header."""
    return f'"{etag}"'


def _names(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or quoted(etag) in tags
