"""``luml login`` and ``luml whoami``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from luml.cli.finding import find_collection, find_orbit, find_organization
from luml.cli.invocation import WITHIN_COLLECTION, Invocation, command
from luml.cli.output import time_text
from luml.errors import ConfigurationError, NotFoundError
from luml.models import User

if TYPE_CHECKING:
    from luml.api import LumlClient

Credentials = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help="Take address, key and defaults from the credentials.json of `luml up`.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    example = "luml login --base-url https://luml.example.org"
    command(app, "login", example=example, options=WITHIN_COLLECTION)(login)
    command(app, "whoami", example="luml whoami --json")(whoami)


def login(call: Invocation, credentials: Credentials = None) -> None:
    """Check an address and a key, and store them for later commands and the SDK.

    Without --api-key the key is asked for, or read from standard input.
    """
    from luml.api._config import DEFAULT_BASE_URL, Profile, check_base_url, save_profile

    given = _read_credentials(credentials)
    base_url = call.base_url or given.get("base_url") or os.environ.get("LUML_BASE_URL")
    url = check_base_url(base_url or DEFAULT_BASE_URL)
    stated = call.api_key or given.get("api_key") or os.environ.get("LUML_API_KEY")
    api_key = stated or _ask_for_key(url)
    scope = {name: given[name] for name in _SCOPE if name in given} | dict(call.scope)
    checked = Invocation(call.output, url, api_key, scope)
    with checked.connect() as client:
        chosen = {name: getattr(client, name) for name in scope}
        client.organizations.list()
    path = save_profile(Profile(base_url=url, api_key=api_key, **chosen))
    if call.output.as_json:
        call.output.json({"base_url": url, "profile": str(path), **chosen})
    call.output.done(f"Logged in to {url}. The key is stored in {path}, for you alone to read.")


_SCOPE = ("organization", "orbit", "collection")


def _read_credentials(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} holds no credentials.")
    known = cast("dict[str, Any]", found)
    return {name: text for name, text in known.items() if isinstance(text, str)}


def _ask_for_key(url: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(f"API key for {url}", hide_input=True, err=True))
    key = sys.stdin.readline().strip()
    if not key:
        raise ConfigurationError(
            "No API key is given: pass --api-key, set LUML_API_KEY, or put it on standard input."
        )
    return key


def whoami(call: Invocation) -> None:
    """Show the registry, the user of the key, and the defaults that commands use."""
    with call.connect() as client:
        user = _user(client)
        names = {name: _name(client, name) for name in _SCOPE}
        ids = {name: getattr(client, name) for name in _SCOPE}
        if call.output.as_json:
            call.output.json(
                {
                    "base_url": client.base_url,
                    "user": None if user is None else user.model_dump(mode="json"),
                    **ids,
                }
            )
            return
        places = {name: f"{names[name]} ({ids[name]})" if ids[name] else "—" for name in _SCOPE}
        call.output.record({"registry": client.base_url, **_user_fields(user), **places})


def _user(client: LumlClient) -> User | None:
    try:
        return client.api_keys.whoami()
    except NotFoundError:  # a public server has no such route
        client.organizations.list()
        return None


def _user_fields(user: User | None) -> dict[str, object]:
    if user is None:
        return {}
    ends = time_text(user.api_key.expires_at)
    role = f"{user.api_key.role}, ends {ends}" if ends else user.api_key.role
    return {"user": user.name, "email": user.email, "key": f"{user.api_key.id} ({role})"}


def _name(client: LumlClient, noun: str) -> str:
    if getattr(client, noun) is None:
        return ""
    if noun == "organization":
        return find_organization(client, None).name
    return (find_orbit if noun == "orbit" else find_collection)(client, None).name
