"""Every setting of the registry, with zero of them required."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from luml.server.db.engine import POOL_SIZE, STATEMENT_SECONDS
from luml.transfer.plan import MAX_OBJECT_SIZE

EXTENSIONS = frozenset(
    {"upload_sessions", "digests", "thin_lists", "lookup", "idempotency", "filters"}
)

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8787


def _split(value: object) -> object:
    """Take names separated by commas, as an environment variable holds them."""
    if not isinstance(value, str):
        return value
    return frozenset(name for part in value.split(",") if (name := part.strip()))


Names = Annotated[frozenset[str], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """What an operator may set, by argument or by ``LUML_…`` in the environment.

    Attributes:
        data_dir: Directory of the SQLite database and the local store; the user's data folder if
            None.
        database_url: Database instead of the one in ``data_dir``: ``postgresql://user@host/name``.
        database_pool_size: Connections to PostgreSQL that one process opens at most.
        database_timeout: Seconds that one statement on PostgreSQL may take.
        secret_key: Key that seals bucket secrets and signs local URLs; ``data_dir/secret.key`` if
            None.
        public_url: Base of presigned local URLs instead of the address by which the client came.
        trusted_proxies: Peers whose ``X-Forwarded-*`` headers are believed.
        url_lifetime: Seconds for which presigned URLs live.
        extensions: Which extensions of the wire are on (wire, section 7).
        max_body_size: Bytes that a request to the API may have; bodies of the local store do not
            count.
        max_artifact_size: Bytes that one artifact may have.
        abandoned_after: Seconds without a sign of life after which an upload is swept away.
    """

    model_config = SettingsConfigDict(env_prefix="LUML_", extra="ignore", frozen=True)

    data_dir: Path | None = None
    database_url: str | None = None
    database_pool_size: int = Field(default=POOL_SIZE, ge=1, le=1000)
    database_timeout: int = Field(default=STATEMENT_SECONDS, ge=1, le=3600)
    secret_key: str | None = None
    public_url: str | None = None
    trusted_proxies: Names = frozenset()
    url_lifetime: int = Field(default=3600, ge=1, le=7 * 24 * 3600)
    extensions: Names = EXTENSIONS
    max_body_size: int = Field(default=32 * 1024 * 1024, ge=1024)
    max_artifact_size: int = Field(default=MAX_OBJECT_SIZE, ge=0, le=MAX_OBJECT_SIZE)
    abandoned_after: int = Field(default=24 * 3600, ge=60)

    @property
    def directory(self) -> Path:
        """The data directory, whether it was set or not."""
        return self.data_dir if self.data_dir is not None else default_data_dir()


def default_data_dir() -> Path:
    """Return the registry's directory in the user's data folder."""
    return user_data_path("luml") / "registry"
