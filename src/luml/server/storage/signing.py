"""Presigned URLs of the local store: an HMAC over verb, location and every parameter.

The shape is that of S3 (query authentication, one verb, one object, an end), so that any client
that can follow a presigned S3 URL can follow these.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode

STORE_PREFIX = "/_store/"
EXPIRES = "X-Luml-Expires"
SIGNATURE = "X-Luml-Signature"


class SignatureError(Exception):
    """A URL that was not signed here, was changed, or has run out."""


class Signer:
    """Signs and checks with one secret key of at least 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def url(
        self, base_url: str, verb: str, location: str, parameters: Mapping[str, str], lifetime: int
    ) -> str:
        """Return a URL good for ``verb`` on ``location`` for ``lifetime`` seconds."""
        signed = {**parameters, EXPIRES: str(int(time.time()) + lifetime)}
        query = urlencode({**signed, SIGNATURE: self._signature(verb, location, signed)})
        return f"{base_url.rstrip('/')}{STORE_PREFIX}{quote(location, safe='/')}?{query}"

    def check(self, verb: str, location: str, parameters: Mapping[str, str]) -> None:
        """Raise SignatureError unless ``parameters`` were signed for this verb and location, and
        not too long ago.
        """
        signed = {name: value for name, value in parameters.items() if name != SIGNATURE}
        expected = self._signature(verb, location, signed)
        given = parameters.get(SIGNATURE, "")
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
            raise SignatureError("the signature does not fit this request")
        expires = signed.get(EXPIRES, "")
        if not expires.isdecimal() or int(expires) < time.time():
            raise SignatureError("this URL has run out; ask the registry for a new one")

    def _signature(self, verb: str, location: str, signed: Mapping[str, str]) -> str:
        text = "\n".join([verb, location, *(f"{name}={signed[name]}" for name in sorted(signed))])
        return hmac.new(
            self._key, text.encode("utf-8", "surrogateescape"), hashlib.sha256
        ).hexdigest()
