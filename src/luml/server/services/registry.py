"""The parts of a running registry that its requests share."""

from __future__ import annotations

from dataclasses import dataclass

from luml.server.db.engine import Database
from luml.server.services.sealing import Sealer
from luml.server.settings import Settings
from luml.server.storage.local import LocalStore


@dataclass(frozen=True, slots=True)
class Registry:
    """Settings, database, local store and the key that seals secrets."""

    settings: Settings
    database: Database
    local_store: LocalStore
    sealer: Sealer

    def close(self) -> None:
        """Close the database."""
        self.database.close()
