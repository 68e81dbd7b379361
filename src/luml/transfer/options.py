"""How transfers behave, in one value."""

from __future__ import annotations

import os
from dataclasses import dataclass

from luml.errors import ConfigurationError
from luml.transfer.plan import MIB

MIN_BUDGET = 8 * MIB
MAX_IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How files go to and come from a bucket.

    Args:
        memory_budget: Bytes that all transfers of a client may hold in memory together; at least 8
            MiB.
        max_in_flight: Parts in flight at once over all transfers, 1 to 64. Fewer are used where
            more do not help.
        max_files: Files that ``upload_many`` and ``download_many`` work on at once, 1 to 64.
        stall_timeout: Seconds without a byte after which a connection counts as dead.
        connect_timeout: Seconds to wait for a connection.
        attempts: How often one part is tried before its transfer fails, the first time included.
        proxy: URL of an HTTP proxy for every request; by default ``HTTP_PROXY``, ``HTTPS_PROXY``
            and ``NO_PROXY`` decide.
        ca_bundle: File with the certificates to trust; by default ``SSL_CERT_FILE``, else those of
            the system.
        client_certificate: File with a client certificate and its key, or the two files.
        verify: False accepts any certificate. Only for tests of your own.

    Raises:
        ConfigurationError: A value is out of its range.

    Example:
        >>> TransferOptions(max_in_flight=4).max_in_flight
        4
    """

    memory_budget: int = 64 * MIB
    max_in_flight: int = 8
    max_files: int = 8
    stall_timeout: float = 30.0
    connect_timeout: float = 10.0
    attempts: int = 6
    proxy: str | None = None
    ca_bundle: str | os.PathLike[str] | None = None
    client_certificate: str | tuple[str, str] | None = None
    verify: bool = True

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, low, high in (
            ("memory_budget", MIN_BUDGET, None),
            ("max_in_flight", 1, MAX_IN_FLIGHT),
            ("max_files", 1, MAX_IN_FLIGHT),
            ("attempts", 1, None),
        ):
            value = getattr(self, name)
            if value < low or (high is not None and value > high):
                wanted = f"at least {low}" if high is None else f"from {low} to {high}"
                raise ConfigurationError(f"TransferOptions.{name} is {value}; it must be {wanted}.")
        for name in ("stall_timeout", "connect_timeout"):
            if getattr(self, name) <= 0:
                raise ConfigurationError(f"TransferOptions.{name} must be more than 0 seconds.")
