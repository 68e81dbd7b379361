"""JSON of unknown origin, read within bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final, TypeGuard

from luml.errors import FileError
from luml.files.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES

_BOM: Final = b"\xef\xbb\xbf"
# Content with a string that never ends, so that no text makes it start over.
_TOKENS = re.compile(rb'"[^"]*+"?+|[\[\]{},]')
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_QUOTE: Final = ord(b'"')
_OPENING: Final = frozenset(b"[{")
_CLOSING: Final = frozenset(b"]}")
_INFINITE: Final = frozenset((float("inf"), float("-inf")))


def parse_json(data: bytes, *, finite: bool) -> Any:
    """Return the value of a JSON text; a BOM is dropped, of equal keys the last one wins.

    Args:
        data: The text, UTF-8.
        finite: True to refuse ``NaN``, ``Infinity`` and numbers too big for a float.

    Raises:
        FileError: Not UTF-8, no JSON, or over the limits of depth and number of values.

    Rule 5 of format, section 9.
    """
    data = data.removeprefix(_BOM)
    _check_bounds(data)
    try:
        text = data.decode()
        value = json.loads(
            text,
            parse_constant=_refuse_constant if finite else None,
            parse_float=_finite_float if finite else None,
        )
    except UnicodeDecodeError as error:
        raise FileError(f"is not UTF-8 (byte {error.start})") from None
    except (ValueError, RecursionError) as error:
        raise FileError(f"is not JSON: {_first_line(error)}") from None
    if _SURROGATE_ESCAPE.search(data):
        check_encodable(value)
    return value


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Say whether a JSON value is an array."""
    return isinstance(value, list)


def check_encodable(value: Any) -> None:
    """Check that no text in ``value`` holds half a surrogate pair, which UTF-8 cannot carry."""
    level: list[Any] = [value]
    while level:
        for text in level:
            if isinstance(text, str) and not _is_encodable(text):
                raise FileError("holds half a surrogate pair, which is no text")
        level = [child for parent in level for child in (*_keys(parent), *_children(parent))]


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _keys(value: Any) -> Iterable[str]:
    return value.keys() if is_object(value) else ()


def check_depth(value: Any) -> None:
    """Check, without recursion, that ``value`` nests no deeper than the limit."""
    level: list[Any] = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise FileError(f"nests deeper than {MAX_JSON_DEPTH} levels")


def _children(value: Any) -> Iterable[Any]:
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()


def _check_bounds(data: bytes) -> None:
    plain = data.replace(rb"\\", b"").replace(rb"\"", b"")
    values = depth = 0
    for match in _TOKENS.finditer(plain):
        first = plain[match.start()]
        if first in _CLOSING:
            depth -= 1
        elif first != _QUOTE:
            values += 1
            depth += first in _OPENING
        if depth > MAX_JSON_DEPTH:
            raise FileError(f"nests deeper than {MAX_JSON_DEPTH} levels")
        if values > MAX_JSON_VALUES:
            raise FileError(f"holds more than {MAX_JSON_VALUES:,} values")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite_float(digits: str) -> float:
    value = float(digits)
    if value in _INFINITE:
        raise ValueError("a number is too big")
    return value


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].partition(";")[0]
