"""Where a registry is and which key opens it: arguments, environment, profile."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from luml.errors import ConfigurationError, without_query

DEFAULT_BASE_URL = "http://127.0.0.1:8787"
"""Where ``luml up`` listens."""

DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_FILE_SIZE = 5_000_000_000

PROFILE_NAME = "config.json"


@dataclass(frozen=True, slots=True)
class Profile:
    """What ``luml login`` remembers; ids of defaults may be among it."""

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    organization: str | None = None
    orbit: str | None = None
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A registry and the key to it.

    Attributes:
        base_url: Without a slash at its end.
    """

    base_url: str
    api_key: str = field(repr=False)


def profile_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the profile is kept; ``LUML_CONFIG_DIR`` moves it."""
    folder = environ.get("LUML_CONFIG_DIR")
    if not folder:
        from platformdirs import user_config_dir

        folder = user_config_dir("luml", appauthor=False)
    return Path(folder) / PROFILE_NAME


def load_profile(environ: Mapping[str, str] = os.environ) -> Profile:
    """Read the profile; an empty one if there is none. Reads a file.

    Raises:
        ConfigurationError: The file cannot be read, or is no profile.
    """
    path = profile_path(environ)
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Profile()
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The profile {path} cannot be read ({error}). Run `luml login` to write it anew."
        ) from error
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path} is no profile. Run `luml login` to write it anew.")
    known = cast("dict[str, Any]", values)
    kept = {name: known.get(name) for name in Profile.__dataclass_fields__}
    return Profile(**{name: text for name, text in kept.items() if isinstance(text, str)})


def save_profile(profile: Profile, environ: Mapping[str, str] = os.environ) -> Path:
    """Write the profile so that only its owner can read it, and return where."""
    path = profile_path(environ)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(profile), file, indent=2)
    draft.replace(path)
    return path


def delete_profile(environ: Mapping[str, str] = os.environ) -> bool:
    """Remove the profile; False if there was none."""
    try:
        profile_path(environ).unlink()
    except FileNotFoundError:
        return False
    return True


def needs_profile(
    base_url: str | None, api_key: str | None, environ: Mapping[str, str] = os.environ
) -> bool:
    """Say whether :func:`connection` has to read a file."""
    known_url = base_url is not None or environ.get("LUML_BASE_URL")
    known_key = api_key is not None or environ.get("LUML_API_KEY")
    return not (known_url and known_key)


def connection(
    base_url: str | None, api_key: str | None, environ: Mapping[str, str] = os.environ
) -> Connection:
    """Find registry and key: argument, environment, profile, default (client spec, Clients).

    May read a file.

    Raises:
        ConfigurationError: No key is set, or a value cannot be one.
    """
    blank = not needs_profile(base_url, api_key, environ)
    profile = Profile() if blank else load_profile(environ)
    chosen = base_url or environ.get("LUML_BASE_URL") or profile.base_url or DEFAULT_BASE_URL
    url = check_base_url(chosen)
    key = api_key if api_key is not None else environ.get("LUML_API_KEY") or None
    if key is None:
        key = _profile_key(profile, url)
    return Connection(url, check_api_key(key))


def _profile_key(profile: Profile, url: str) -> str:
    """Return the profile's key, which goes to no other registry than the profile's own."""
    if profile.api_key is None:
        raise ConfigurationError(
            "No API key is set. Pass api_key=, set LUML_API_KEY, or run `luml login`."
        )
    if profile.base_url and check_base_url(profile.base_url) != url:
        raise ConfigurationError(
            f"No API key is set for {url}: `luml login` stored one for {profile.base_url} alone. "
            "Pass api_key=, set LUML_API_KEY, or run `luml login` again."
        )
    return profile.api_key


def check_base_url(url: str) -> str:
    """Return ``url`` without a slash or ``/v1`` at its end.

    Raises:
        ConfigurationError: It is no http or https address.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or parts.query or parts.fragment or not text.isprintable() or " " in text:
        shown = without_query(text) if usable else text
        raise ConfigurationError(
            f"base_url {shown!r} is no address of a registry: it should look like "
            f"{DEFAULT_BASE_URL} or https://luml.example.org."
        )
    return text.rstrip("/").removesuffix("/v1").rstrip("/")


def check_api_key(key: str) -> str:
    """Return ``key``; its form is the server's business, but it must fit into a header.

    Raises:
        ConfigurationError: It is empty, or holds spaces, line ends or other than ASCII.
    """
    if not key:
        raise ConfigurationError(
            "The API key is empty. Pass api_key=, set LUML_API_KEY, or run `luml login`."
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigurationError(
            "The API key holds a space, a line end or another character that no key has. "
            "Look at how it was copied or read."
        )
    return key


def max_file_size(value: int, environ: Mapping[str, str] = os.environ) -> int:
    """Return the largest file to upload, in bytes; ``LUML_MAX_FILE_SIZE`` sets the default.

    Raises:
        ConfigurationError: It is no size.
    """
    text = environ.get("LUML_MAX_FILE_SIZE")
    if value == DEFAULT_MAX_FILE_SIZE and text:
        try:
            value = int(text)
        except ValueError as error:
            raise ConfigurationError(
                f"LUML_MAX_FILE_SIZE is {text!r}, not a number of bytes."
            ) from error
    if value < 0:
        raise ConfigurationError(f"max_file_size is {value}; it is a number of bytes from 0 on.")
    return value
