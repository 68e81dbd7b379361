"""What a registry does by the clock: sweeping away uploads that nobody came back for."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import DBAPIError

from luml.server.services.registry import Registry
from luml.server.services.sweep import sweep
from luml.server.storage.base import StorageError

logger = logging.getLogger("luml.server")

FIRST_SECONDS = 60.0
EVERY_SECONDS = 900.0


class Sweeper:
    """Sweeps on a thread, every quarter of an hour; any number of processes may do so at once.

    Args:
        registry: Whose uploads are swept.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="luml-sweeper", daemon=True)

    def start(self) -> None:
        """Begin, a minute from now."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sweep that is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        wait = FIRST_SECONDS
        while not self._stopped.wait(wait):
            wait = EVERY_SECONDS
            try:
                swept = sweep(self._registry)
                swept += self._registry.local_store.sweep(self._registry.settings.abandoned_after)
            except (DBAPIError, StorageError, OSError) as error:
                logger.warning("the sweep failed, and is tried again later: %s", error)
                continue
            if swept:
                logger.info("swept %d abandoned uploads", swept)
