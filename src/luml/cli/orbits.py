"""``luml orbits``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from luml.cli.artifacts import NewName, Yes, confirmed
from luml.cli.finding import find_orbit
from luml.cli.invocation import WITHIN_ORGANIZATION, Invocation, command, group, usage_error
from luml.cli.output import time_text
from luml.errors import ConfigurationError
from luml.models import Orbit

if TYPE_CHECKING:
    from luml.api import LumlClient

app = group(
    "orbits",
    "List, make, change and remove orbits; without a command, list.",
    "luml orbits create Churn",
)

Wanted = Annotated[str, typer.Argument(metavar="ORBIT", help="Id or exact name.")]
Name = Annotated[str, typer.Argument(help="Its name, at most 100 characters.")]
Secret = Annotated[
    str | None,
    typer.Option("--bucket-secret", help="Id of the bucket secret; the only one if not given."),
]


@command(app, "list", example="luml orbits list --json", options=WITHIN_ORGANIZATION)
def list_orbits(call: Invocation) -> None:
    """List the orbits of an organization."""
    with call.connect(needs="organization") as client:
        rows = client.orbits.list()
    if call.output.as_json:
        call.output.json(rows)
        return
    cells = [
        (row.name, row.total_collections, row.total_artifacts, row.role, row.id) for row in rows
    ]
    columns = ("NAME", "COLLECTIONS", "ARTIFACTS", "ROLE", "ID")
    call.output.table(columns, cells, dispensable=("ROLE", "COLLECTIONS", "ARTIFACTS"))


@command(app, "show", example="luml orbits show Churn", options=WITHIN_ORGANIZATION)
def show(call: Invocation, orbit: Wanted) -> None:
    """Show an orbit."""
    with call.connect(needs="organization") as client:
        found = find_orbit(client, orbit)
    if call.output.as_json:
        call.output.json(found)
    else:
        call.output.record(_fields(found))


def _fields(orbit: Orbit) -> dict[str, object]:
    return {
        "name": orbit.name,
        "id": orbit.id,
        "bucket secret": orbit.bucket_secret_id,
        "members": orbit.total_members,
        "collections": orbit.total_collections,
        "artifacts": orbit.total_artifacts,
        "role": orbit.role,
        "created": time_text(orbit.created_at),
        "updated": time_text(orbit.updated_at),
    }


@command(app, "create", example="luml orbits create Churn", options=WITHIN_ORGANIZATION)
def create(call: Invocation, name: Name, bucket_secret: Secret = None) -> None:
    """Make an orbit."""
    with call.connect(needs="organization") as client:
        made = client.orbits.create(name, bucket_secret or _only_secret(client))
    if call.output.as_json:
        call.output.json(made)
    call.output.done(f"Made {made.name}: {made.id}")


def _only_secret(client: LumlClient) -> str:
    secrets = client.bucket_secrets.list()
    if len(secrets) != 1:
        ids = ", ".join(f"{secret.id} ({secret.bucket_name})" for secret in secrets) or "none"
        raise ConfigurationError(f"Pass --bucket-secret ID. There are: {ids}.")
    return secrets[0].id


@command(
    app, "update", example="luml orbits update Churn --name Sales", options=WITHIN_ORGANIZATION
)
def update(
    call: Invocation, orbit: Wanted, name: NewName = None, bucket_secret: Secret = None
) -> None:
    """Change what is given; the rest stays as it is."""
    if name is None and bucket_secret is None:
        raise usage_error("Nothing to change: give --name or --bucket-secret.")
    with call.connect(needs="organization") as client:
        client.orbit = find_orbit(client, orbit).id
        changed = client.orbits.update(name, bucket_secret)
    if call.output.as_json:
        call.output.json(changed)
    call.output.done(f"Updated {changed.name}: {changed.id}")


@command(app, "rm", example="luml orbits rm Sales --yes", options=WITHIN_ORGANIZATION)
def rm(call: Invocation, orbit: Wanted, yes: Yes = False) -> None:
    """Remove an orbit that holds nothing."""
    with call.connect(needs="organization") as client:
        found = find_orbit(client, orbit)
        if not yes and not confirmed(f"Remove the orbit {found.name} ({found.id})?"):
            raise typer.Exit(1)
        client.orbits.delete(found.id)
    if call.output.as_json:
        call.output.json({"deleted": [found.id]})
    call.output.done(f"Removed {found.name}: {found.id}")
