"""Makes a directory ready to serve: folders, schema, first user, credentials.

Any number of processes may start on one directory at once: the one that holds the lock prepares
it, the others wait.
"""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from luml.files.json_text import is_object
from luml.server import databases
from luml.server.databases import SchemaError, open_configured
from luml.server.db.first import FirstRows, add_first_rows, add_key, first_rows, is_known_key
from luml.server.db.locks import hold
from luml.server.secrets_file import read_or_make, write_private
from luml.server.services.policy import digest_of, new_key
from luml.server.settings import Settings

CREDENTIALS_FILE = "credentials.json"
PENDING_FILE = ".credentials.json"
VERSION_FILE = "version"
LOCK_FILE = ".lock"
SERVING_FILE = ".serving"
LAYOUT_VERSION = 1


class BootstrapError(Exception):
    """The directory cannot be served; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach the registry as its first user.

    Attributes:
        api_key: The admin key. Only ``credentials.json`` holds its text.
        organization: Id of the first organization.
        orbit: Id of its orbit.
        collection: Id of the collection "default".
        renewed: True if the file was missing and a new key had to be made.
    """

    api_key: str
    organization: str
    orbit: str
    collection: str
    renewed: bool = False


def prepare(settings: Settings) -> Credentials:
    """Make a registry's directory ready and return how to reach it.

    Args:
        settings: ``data_dir`` says where; it is made if missing.

    Returns:
        The credentials of the first user, the same at every start.

    Raises:
        BootstrapError: The directory cannot be written, or was made by a newer version.

    Example:
        >>> prepare(Settings(data_dir=path)).api_key
        'luml_…'
    """
    directory = settings.directory
    with _one_line_errors(directory):
        _make_writable(directory)
        with _locked(directory):
            _check_version(directory)
            if settings.secret_key is None:
                read_or_make(directory)
            return _prepare_database(settings, directory)


def write_credentials(settings: Settings, credentials: Credentials, base_url: str) -> Path:
    """Write ``credentials.json``, readable by its owner only, and return where it is."""
    content = {"base_url": base_url, **asdict(credentials)}
    del content["renewed"]
    path = settings.directory / CREDENTIALS_FILE
    write_private(path, json.dumps(content, indent=2) + "\n")
    (settings.directory / PENDING_FILE).unlink(missing_ok=True)
    return path


@contextmanager
def announced(settings: Settings, credentials: Credentials, base_url: str) -> Generator[None]:
    """Let ``credentials.json`` say ``base_url`` while the block runs.

    A second process on the directory serves it as well, and leaves the file as it is: it names
    the one that was there first.
    """
    with (settings.directory / SERVING_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            first = True
        except BlockingIOError:
            first = False
        if first or not (settings.directory / CREDENTIALS_FILE).exists():
            write_credentials(settings, credentials, base_url)
        yield


@contextmanager
def _one_line_errors(directory: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise BootstrapError(f"cannot use {directory} as the data directory: {reason}") from error
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise BootstrapError(f"cannot use the database of {directory}: {reason}") from error
    except SchemaError as error:
        raise BootstrapError(f"cannot serve {directory}: {error}") from error
    except ValueError as error:
        raise BootstrapError(f"cannot use LUML_DATABASE_URL: {error}") from error


def _make_writable(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=directory):
        pass


@contextmanager
def _locked(directory: Path) -> Generator[None]:
    with (directory / LOCK_FILE).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _check_version(directory: Path) -> None:
    path = directory / VERSION_FILE
    try:
        found = path.read_text().strip()
    except FileNotFoundError:
        write_private(path, f"{LAYOUT_VERSION}\n")
        return
    if not found.isdecimal() or int(found) > LAYOUT_VERSION:
        raise _newer(directory)


def _newer(directory: Path) -> BootstrapError:
    return BootstrapError(
        f"{directory} was made by a newer version of luml; update luml to serve it"
    )


def _prepare_database(settings: Settings, directory: Path) -> Credentials:
    database = open_configured(settings)
    try:
        if database.is_sqlite:
            databases.upgrade(database)
        else:
            databases.check(database)
        credentials = database.change(lambda connection: _first(connection, directory))
        _remember(directory, credentials)
        return credentials
    finally:
        database.close()


def _first(connection: Connection, directory: Path) -> Credentials:
    hold(connection, "first rows")
    rows = first_rows(connection)
    if rows is None:
        key = new_key()
        rows = add_first_rows(connection, digest_of(key))
        return _credentials(rows, key)
    for kept in _kept_keys(directory):
        if is_known_key(connection, digest_of(kept)):
            return _credentials(rows, kept)
    key = new_key()
    add_key(connection, rows, digest_of(key))
    return _credentials(rows, key, renewed=True)


def _credentials(rows: FirstRows, key: str, *, renewed: bool = False) -> Credentials:
    return Credentials(key, rows.organization, rows.orbit, rows.collection, renewed)


def _remember(directory: Path, credentials: Credentials) -> None:
    """Keep a key that is in no ``credentials.json`` yet, so that the next start makes no other.

    That file itself waits for ``write_credentials``: it appears once the address is known.
    """
    if credentials.api_key not in _kept_keys(directory):
        content = json.dumps({"api_key": credentials.api_key})
        write_private(directory / PENDING_FILE, content + "\n")


def _kept_keys(directory: Path) -> list[str]:
    found = [_key_in(directory / name) for name in (CREDENTIALS_FILE, PENDING_FILE)]
    return [key for key in found if key is not None]


def _key_in(path: Path) -> str | None:
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    value = content.get("api_key") if is_object(content) else None
    return value if isinstance(value, str) else None
