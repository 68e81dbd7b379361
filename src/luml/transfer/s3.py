"""Bodies that S3 expects and sends (Amazon S3 API reference: CreateMultipartUpload,
CompleteMultipartUpload).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from xml.sax.saxutils import escape

UPLOAD_ID = re.compile(r"<UploadId>\s*([^<]+?)\s*</UploadId>")
ERROR = re.compile(r"<Error[\s>].*?</Error>", re.DOTALL)
CODE = re.compile(r"<Code>\s*([^<]*?)\s*</Code>")
MESSAGE = re.compile(r"<Message>\s*([^<]*?)\s*</Message>")

EXPIRED_CODES = frozenset(
    {"ExpiredToken", "RequestExpired", "AccessDenied", "AuthenticationFailed"}
)


def upload_id(body: str) -> str | None:
    """Return the id in an ``InitiateMultipartUploadResult``, or None if there is none."""
    match = UPLOAD_ID.search(body)
    return unescape(match[1]) if match else None


def complete_body(parts: Iterable[tuple[int, str]]) -> bytes:
    """Return a ``CompleteMultipartUpload`` of (part number, ETag), lowest first."""
    inner = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
        for number, etag in sorted(parts)
    )
    return f"<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>".encode()


def error_in(body: str) -> tuple[str, str] | None:
    """Return (code, message) of an ``<Error>``, which even a 200 can hold; None without one."""
    match = ERROR.search(body)
    if match is None:
        return None
    code, message = CODE.search(match[0]), MESSAGE.search(match[0])
    return (code[1] if code else "", unescape(message[1]) if message else "")
