"""Manifest patches: RFC 6902 with ``add`` and ``replace`` alone (format, section 2)."""

from __future__ import annotations

from typing import Any, Final

from luml.errors import FileError
from luml.files.json_text import is_array, is_object
from luml.files.limits import MAX_JSON_DEPTH

_OPERATIONS: Final = ("add", "replace")
_END: Final = "-"


def apply_patch(document: Any, operations: Any) -> Any:
    """Return ``document`` after ``operations``; it is changed in place where that is possible.

    Raises:
        FileError: The patch is none, or does not fit the document.

    Example:
        >>> apply_patch({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}])
        {'a': [1, 2]}
    """
    if not is_array(operations):
        raise FileError("is not an array of patch operations")
    for number, operation in enumerate(operations, 1):
        try:
            document = _apply(document, operation)
        except FileError as error:
            raise FileError(f"operation {number}: {error.message}") from None
    return document


def _apply(document: Any, operation: Any) -> Any:
    if not is_object(operation) or "value" not in operation:
        raise FileError("an operation needs op, path and value")
    if operation.get("op") not in _OPERATIONS:
        raise FileError("only add and replace may be used")
    steps = _steps(operation.get("path"))
    if not steps:
        return operation["value"]
    parent = document
    for step in steps[:-1]:
        parent = _child(parent, step)
    _set(parent, steps[-1], operation["value"], insert=operation["op"] == "add")
    return document


def _steps(path: Any) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise FileError("path is no JSON pointer")
    steps = path.split("/", MAX_JSON_DEPTH + 1)[1:]
    if len(steps) > MAX_JSON_DEPTH:
        raise FileError(f"path is deeper than {MAX_JSON_DEPTH} levels")
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def _child(parent: Any, step: str) -> Any:
    if is_object(parent) and step in parent:
        return parent[step]
    if is_array(parent):
        return parent[_index(step, len(parent))]
    raise _nowhere(step)


def _set(parent: Any, step: str, value: Any, *, insert: bool) -> None:
    if is_object(parent) and (insert or step in parent):
        parent[step] = value
    elif is_array(parent) and insert and step == _END:
        parent.append(value)
    elif is_array(parent) and insert:
        parent.insert(_index(step, len(parent) + 1), value)
    elif is_array(parent):
        parent[_index(step, len(parent))] = value
    else:
        raise _nowhere(step)


def _index(step: str, size: int) -> int:
    plain = step.isascii() and step.isdigit() and (step == "0" or step[0] != "0")
    if not plain or len(step) > len(str(size)) or int(step) >= size:
        raise _nowhere(step)
    return int(step)


def _nowhere(step: str) -> FileError:
    return FileError(f"path leads nowhere at {step[:64]!r}")
