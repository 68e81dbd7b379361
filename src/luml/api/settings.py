"""What a client was made with, checked once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from luml.api import _config
from luml.api._runtime.exchange import HttpOptions
from luml.api.retry import MAX_RETRIES, RetryPolicy
from luml.errors import ConfigurationError
from luml.transfer.options import TransferOptions

if TYPE_CHECKING:
    import ssl

    from luml.api._engine.engine import Engine


@dataclass(frozen=True)
class ClientSettings:
    """How a client behaves.

    Attributes:
        timeout: Seconds that a request may stall.
        max_retries: Tries after the first one.
        max_file_size: Largest file to upload, in bytes.
        transfer: How bytes move; its proxy and certificates hold for the API too.
    """

    timeout: float = _config.DEFAULT_TIMEOUT
    max_retries: int = MAX_RETRIES
    max_file_size: int = _config.DEFAULT_MAX_FILE_SIZE
    transfer: TransferOptions = field(default_factory=TransferOptions)

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ConfigurationError: A value is out of its range.
        """
        if self.timeout <= 0:
            raise ConfigurationError(f"timeout is {self.timeout}; it is seconds, more than 0.")
        if self.max_retries < 0:
            raise ConfigurationError(f"max_retries is {self.max_retries}; it is 0 or more.")
        checked = _config.max_file_size(self.max_file_size)
        object.__setattr__(self, "max_file_size", checked)

    @property
    def retry(self) -> RetryPolicy:
        """When to try again."""
        return RetryPolicy(max_retries=self.max_retries)

    @property
    def http(self) -> HttpOptions:
        """How to reach the registry."""
        return HttpOptions(self.timeout, self._tls, self.transfer.proxy)

    @cached_property
    def engine(self) -> Engine:
        """What moves the bytes of files, made when first needed."""
        from luml.api._engine.engine import Engine

        return Engine(self.transfer)

    def _tls(self) -> ssl.SSLContext:
        return self.engine.tls

    def close(self) -> None:
        """Close the connections to buckets, if there are any."""
        made = self.__dict__.get("engine")
        if made is not None:
            made.close()
