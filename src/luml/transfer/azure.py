"""Bodies and headers that Azure Blob Storage expects (Azure REST reference: Put Blob, Put Block,
Put Block List).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

BLOB_HEADERS = {"x-ms-blob-type": "BlockBlob"}


def block_id(part_number: int) -> str:
    """Return the block id of a part: ``block-%08d`` in base64 (wire, section 6)."""
    return base64.b64encode(f"block-{part_number:08d}".encode()).decode()


def block_list(part_numbers: Iterable[int]) -> bytes:
    """Return the ``BlockList`` that puts the blocks together, lowest part first."""
    inner = "".join(f"<Latest>{block_id(number)}</Latest>" for number in sorted(part_numbers))
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{inner}</BlockList>'.encode()
