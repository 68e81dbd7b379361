"""How a client comes to its registry: one that runs somewhere, or one of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from luml.api import _config
from luml.api._config import Connection
from luml.api.scope import Scope
from luml.errors import ConfigurationError

if TYPE_CHECKING:
    from luml.server.run import RunningServer


class Connector(Protocol):
    """Finds or starts a registry."""

    def is_instant(self) -> bool:
        """Say whether :meth:`open` may be called where nothing may block."""
        ...

    def open(self) -> Connection:
        """Return where the registry is and the key to it; may block."""
        ...

    def defaults(self) -> Scope:
        """Return the defaults where a client names none; asked after :meth:`open`."""
        ...

    def close(self) -> None:
        """Stop what :meth:`open` started; may block."""
        ...


class Configured:
    """A registry that runs: arguments, environment, profile."""

    def __init__(self, base_url: str | None, api_key: str | None) -> None:
        self._base_url = base_url
        self._api_key = api_key

    def is_instant(self) -> bool:
        """True if no profile need be read, or no loop is there that could freeze."""
        if not _config.needs_profile(self._base_url, self._api_key):
            return True
        return not _loop_runs() or not os.path.lexists(_config.profile_path())

    def open(self) -> Connection:
        """Return where the registry is and the key to it; may read the profile."""
        return _config.connection(self._base_url, self._api_key)

    def defaults(self) -> Scope:
        """Name none."""
        return Scope()

    def close(self) -> None:
        """Do nothing: the registry is not ours."""


class Embedded:
    """A registry in this process, on a free loopback port."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._server: RunningServer | None = None

    def is_instant(self) -> bool:
        """Starting takes a moment: never inside a loop, and only when it is asked for."""
        return False

    def open(self) -> Connection:
        """Start the registry.

        Raises:
            ConfigurationError: The server packages are missing, or the directory cannot be used.
        """
        try:
            from luml.server.bootstrap import BootstrapError
            from luml.server.run import RunningServer
            from luml.server.settings import Settings
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "An embedded registry needs the server packages: pip install 'luml[server]'."
            ) from error
        try:
            server = RunningServer(Settings(data_dir=self._path)).start()
        except BootstrapError as error:
            raise ConfigurationError(
                f"The registry at {self._path} did not start: {error}"
            ) from error
        self._server = server
        return Connection(server.base_url, server.credentials.api_key)

    def defaults(self) -> Scope:
        """Name those that the registry was first started with."""
        if self._server is None:
            return Scope()
        first = self._server.credentials
        return Scope(first.organization, first.orbit, first.collection)

    def close(self) -> None:
        """Stop the registry."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()


def _loop_runs() -> bool:
    if "asyncio" not in sys.modules:
        return False
    from asyncio import get_running_loop

    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True
