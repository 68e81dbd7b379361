"""Column types that read the same on every database."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, LargeBinary, Row, Select, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from luml.server.db.ids import dashed, packed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]

Json = Text
"""A JSON document, kept as the text that goes out on the wire."""

SortText = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by code point, as Python does."""


def now() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


def wire_time(microseconds: int) -> str:
    """Return a time as the wire writes it: ISO 8601, microseconds, ``Z`` (wire, section 1)."""
    moment = _NAIVE_EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="microseconds") + "Z"


def from_wire_time(text: str) -> int:
    """Return microseconds since 1970 of a time on the wire; anything else is a ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


class Id(TypeDecorator[str]):
    """A UUID: dashed text in Python, 16 bytes in SQLite, ``uuid`` in PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the native type where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> object:
        """Turn dashed text into what the database keeps."""
        if value is None:
            return None
        return uuid.UUID(value) if dialect.name == "postgresql" else packed(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy passes it
        """Turn what the database keeps into dashed text."""
        if value is None:
            return None
        return str(value) if isinstance(value, uuid.UUID) else dashed(value)


class Time(TypeDecorator[int]):
    """A moment: microseconds since 1970, which sort, compare and index alike everywhere."""

    impl = BigInteger
    cache_ok = True
