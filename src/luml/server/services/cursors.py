"""Cursors: where a page ended, in a list that the cursor names (wire, section 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Sequence

from luml.files.json_text import is_array
from luml.server.db.ids import dashed
from luml.server.db.scanning import Place, Value
from luml.server.db.types import from_wire_time, wire_time
from luml.server.errors import Problem, bad_request

SCOPE_LENGTH = 16
_HEX_ID = re.compile(r"[0-9a-f]{32}")


def scope_of(parts: Sequence[object]) -> str:
    """Return a digest of the filters of a list, hex."""
    return hashlib.blake2b(
        repr(list(parts)).encode("utf-8", "replace"), digest_size=SCOPE_LENGTH
    ).hexdigest()


def encode(place: Place, sort_by: str, descending: bool, scope: str) -> str:
    """Return the cursor of the page after ``place``."""
    value = place.value
    if sort_by == "created_at" and isinstance(value, int):
        value = wire_time(value)
    fields = [place.id.replace("-", ""), value, sort_by, _order(descending), scope]
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


def decode(
    cursor: str, sort_by: str, descending: bool, scope: str, kind: type[str] | type[int] | None
) -> Place:
    """Return the place that a cursor stands for.

    Args:
        cursor: What the client sent.
        sort_by: The sort key of this request.
        descending: Its direction.
        scope: The digest of its filters.
        kind: The type of the sort value; None for a metric: a finite number, or nothing where it
            is lacking.

    Raises:
        Problem: 400 ``invalid_cursor`` if it is none, or was made for another list.
    """
    try:
        fields = json.loads(base64.b64decode(cursor.encode("ascii"), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _invalid() from None
    if not is_array(fields) or len(fields) != 5:
        raise _invalid()
    key, value, *rest = fields
    if rest != [sort_by, _order(descending), scope]:
        raise _invalid()
    if not isinstance(key, str) or not _HEX_ID.fullmatch(key):
        raise _invalid()
    return Place(_value(value, sort_by, kind), dashed(bytes.fromhex(key)))


def _value(value: object, sort_by: str, kind: type[str] | type[int] | None) -> Value:
    if sort_by == "created_at":
        return _moment(value)
    if kind is None:
        return _number(value)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise _invalid()
    if isinstance(value, int) and abs(value) >= 2**63:
        raise _invalid()
    if isinstance(value, str) and ("\0" in value or not _is_text(value)):
        raise _invalid()
    return value


def _moment(value: object) -> int:
    try:
        return from_wire_time(str(value))
    except (ValueError, OverflowError):
        raise _invalid() from None


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid()
    try:
        number = float(value)
    except OverflowError:
        raise _invalid() from None
    if not math.isfinite(number):
        raise _invalid()
    return number


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _order(descending: bool) -> str:
    return "desc" if descending else "asc"


def _invalid() -> Problem:
    return bad_request(
        "invalid_cursor", "The cursor is none, or was made for another sort, order or filter."
    )
