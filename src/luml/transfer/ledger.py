"""What a download already has, as text that survives being cut short.

The first line names what is being fetched; every further line is the number of a range that is in
the ``.part`` file. A line without its end, or one that makes no sense, is as if it were not there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the bytes in a ``.part`` file belong to.

    Attributes:
        artifact_id: The artifact.
        size: Bytes of the whole.
        etag: The version of the object, empty where the store has none.
        part_size: Bytes a range.
    """

    artifact_id: str
    size: int
    etag: str
    part_size: int


@dataclass(slots=True)
class Ledger:
    """A download's ranges that are safe."""

    fetched: Fetched
    done: set[int] = field(default_factory=set[int])

    @staticmethod
    def opening(fetched: Fetched) -> bytes:
        """Return the first line."""
        return json.dumps(asdict(fetched)).encode() + b"\n"

    @staticmethod
    def line(number: int) -> bytes:
        """Return the line that says that range ``number`` is safe."""
        return b"%d\n" % number

    @classmethod
    def read(cls, text: bytes) -> Ledger | None:
        """Return the ledger in ``text``, or None where not even its first line is whole."""
        first, separator, rest = text.partition(b"\n")
        try:
            fetched = Fetched(**json.loads(first))
        except (ValueError, TypeError):
            return None
        if not separator:
            return None
        lines = rest.split(b"\n")[:-1]
        return cls(fetched, {int(line) for line in lines if line.isdigit()})
