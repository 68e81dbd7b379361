"""Keeps secrets unreadable at rest."""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken

from luml.server.errors import Problem

_SEALING = b"luml bucket secrets v1"
_SIGNING = b"luml local store v1"


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(
        purpose, key=hashlib.sha512(secret_key.encode()).digest(), digest_size=32
    ).digest()


def signing_key(secret_key: str) -> bytes:
    """Return the key that signs the URLs of the local store."""
    return _derive(secret_key, _SIGNING)


class Sealer:
    """Encrypts and decrypts small documents with a key derived from the registry's own.

    Args:
        secret_key: The text of ``secret.key``.
    """

    def __init__(self, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, _SEALING)))

    def seal(self, values: dict[str, str]) -> bytes:
        """Return ``values`` encrypted."""
        return self._fernet.encrypt(json.dumps(values).encode())

    def open(self, sealed: bytes | None) -> dict[str, str]:
        """Return what was sealed; a 500 ``Problem`` if the registry's key has changed since."""
        if sealed is None:
            return {}
        try:
            values: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            detail = "A bucket secret was sealed with another secret key than the registry has now."
            raise Problem(500, "secret_unreadable", detail) from None
        return values
