"""``luml orgs``."""

from __future__ import annotations

from typing import Annotated

import typer

from luml.cli.finding import find_organization
from luml.cli.invocation import WITHIN_USER, Invocation, command, group
from luml.cli.output import time_text

app = group("orgs", "List organizations; without a command, list.", "luml orgs --json")

Wanted = Annotated[str, typer.Argument(metavar="ORGANIZATION", help="Id or exact name.")]


@command(app, "list", example="luml orgs list", options=WITHIN_USER)
def list_organizations(call: Invocation) -> None:
    """List the organizations that the key may see."""
    with call.connect() as client:
        rows = client.organizations.list()
    if call.output.as_json:
        call.output.json(rows)
        return
    cells = [(row.name, row.role, time_text(row.created_at), row.id) for row in rows]
    call.output.table(("NAME", "ROLE", "CREATED", "ID"), cells, dispensable=("CREATED",))


@command(app, "show", example="luml orgs show Research", options=WITHIN_USER)
def show(call: Invocation, organization: Wanted) -> None:
    """Show an organization."""
    with call.connect() as client:
        found = find_organization(client, organization)
    if call.output.as_json:
        call.output.json(found)
        return
    fields = {"name": found.name, "id": found.id, "role": found.role}
    call.output.record({**fields, "created": time_text(found.created_at)})
