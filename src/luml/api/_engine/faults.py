"""How a transfer can go wrong, before it is told to a user."""

from __future__ import annotations


class TransferCancelledError(Exception):
    """The transfer was cancelled."""


class LinkError(Exception):
    """A connection could not be made or was cut; worth trying again.

    Args:
        reason: What happened, fit for a user.
    """


class StoreError(Exception):
    """The store answered with an error.

    Args:
        status: The HTTP status.
        code: The store's own code, or an empty text.
        message: What the store said.
        retry_after: Seconds that the store asks to wait, if it does.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(f"the store answered {status} {code}: {message}".rstrip(": "))
        self.status = status
        self.code = code
        self.retry_after = retry_after


class URLExpiredError(StoreError):
    """The presigned URL ran out, or the store no longer takes it."""


class ObjectChangedError(Exception):
    """The object is not the one that the download began with."""


class RangesIgnoredError(Exception):
    """The store sent the whole object where a range was asked for."""
