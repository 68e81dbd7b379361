"""``luml keys``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer

from luml.cli.artifacts import Yes, confirmed
from luml.cli.finding import find_orbit, find_organization
from luml.cli.invocation import WITHIN_USER, Invocation, command, group
from luml.cli.output import time_text
from luml.errors import MultipleResourcesFoundError, ResourceNotFoundError, describe_choices
from luml.models import ApiKey

app = group(
    "keys",
    "List, make and revoke API keys; without a command, list.",
    "luml keys create 'build server' --role write --days 90",
)

Name = Annotated[str, typer.Argument(help="What it is for.")]
Wanted = Annotated[str, typer.Argument(metavar="KEY", help="Id or exact name, not its text.")]
Role = Annotated[Literal["read", "write", "admin"], typer.Option(help="What it may do.")]
Days = Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it ends.")]
OnlyOrganization = Annotated[
    str | None, typer.Option("--organization", help="Good for this one only: id or exact name.")
]
OnlyOrbit = Annotated[
    str | None, typer.Option("--orbit", help="Good for this orbit only: id or exact name.")
]


@command(app, "list", example="luml keys list", options=WITHIN_USER)
def list_keys(call: Invocation) -> None:
    """List your keys; their text is never shown again."""
    with call.connect() as client:
        rows = client.api_keys.list()
    if call.output.as_json:
        call.output.json(rows)
        return
    cells = [
        (row.name, row.role, _scope(row), time_text(row.created_at), _end(row), row.id)
        for row in rows
    ]
    columns = ("NAME", "ROLE", "GOOD FOR", "CREATED", "ENDS", "ID")
    call.output.table(columns, cells, dispensable=("CREATED", "ENDS", "GOOD FOR"))


def _scope(key: ApiKey) -> str:
    if key.orbit_id:
        return f"orbit {key.orbit_id}"
    return f"organization {key.organization_id}" if key.organization_id else "all"


def _end(key: ApiKey) -> str:
    return time_text(key.expires_at) or "never"


@command(app, "create", example="luml keys create ci --role write --days 90", options=WITHIN_USER)
def create(
    call: Invocation,
    name: Name,
    role: Role = "write",
    days: Days = None,
    organization: OnlyOrganization = None,
    orbit: OnlyOrbit = None,
) -> None:
    """Make a key; its text is printed this once."""
    until = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with call.connect() as client:
        if organization is not None:
            client.organization = find_organization(client, organization).id
        orbit_id = None if orbit is None else find_orbit(client, orbit).id
        scoped = organization is not None or orbit is not None
        made = client.api_keys.create(
            name,
            role,
            organization_id=client.organization if scoped else None,
            orbit_id=orbit_id,
            expires_at=until,
        )
    if call.output.as_json:
        call.output.json(made)
        return
    call.output.done(made.key)
    call.output.note(f"This is the key {made.name} ({made.id}); it is not shown again.")


@command(app, "revoke", example="luml keys revoke ci --yes", options=WITHIN_USER)
def revoke(call: Invocation, key: Wanted, yes: Yes = False) -> None:
    """Delete a key; whoever uses it is turned away from then on."""
    with call.connect() as client:
        found = _find(client.api_keys.list(), key)
        if not yes and not confirmed(f"Revoke the key {found.name} ({found.id})?"):
            raise typer.Exit(1)
        client.api_keys.delete(found.id)
    if call.output.as_json:
        call.output.json({"deleted": [found.id]})
    call.output.done(f"Revoked {found.name}: {found.id}")


def _find(keys: list[ApiKey], value: str) -> ApiKey:
    fitting = [key for key in keys if key.id == value]
    fitting = fitting or [key for key in keys if key.name == value]
    if not fitting:
        raise ResourceNotFoundError(value, keys)
    if len(fitting) > 1:
        raise MultipleResourcesFoundError(
            f"Several keys have the name {value!r}. Use an id. {describe_choices(fitting)}"
        )
    return fitting[0]
