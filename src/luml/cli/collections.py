"""``luml collections``."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Final

import typer

from luml.cli.artifacts import NewDescription, NewName, NewTags, NoTags, Yes, confirmed
from luml.cli.finding import find_collection
from luml.cli.invocation import WITHIN_ORBIT, Invocation, command, group, usage_error
from luml.cli.output import tags_text, time_text
from luml.models import CollectionDetails, CollectionType

ROWS: Final = 100

app = group(
    "collections",
    "List, make, change and remove collections; without a command, list.",
    "luml collections create Models --type model",
)

Wanted = Annotated[str, typer.Argument(metavar="COLLECTION", help="Id or exact name.")]
Name = Annotated[str, typer.Argument(help="Its name, at most 100 characters.")]
OfType = Annotated[CollectionType, typer.Option("--type", help="What it holds.")]
Description = Annotated[str, typer.Option(help="What it is for.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; repeatable.")]
Search = Annotated[str | None, typer.Option(help="Text in the name or a tag, in any case.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many rows.")]


@command(app, "list", example="luml collections list --search churn", options=WITHIN_ORBIT)
def list_collections(call: Invocation, search: Search = None, limit: Limit = ROWS) -> None:
    """List the collections of an orbit."""
    with call.connect(needs="orbit") as client:
        found = client.collections.list_all(limit=min(limit, ROWS), search=search)
        rows = list(islice(found, limit))
    if call.output.as_json:
        call.output.json(rows)
        return
    cells = [(row.name, row.type, row.total_artifacts, tags_text(row.tags), row.id) for row in rows]
    call.output.table(("NAME", "TYPE", "ARTIFACTS", "TAGS", "ID"), cells, dispensable=("TAGS",))


@command(app, "show", example="luml collections show Models", options=WITHIN_ORBIT)
def show(call: Invocation, collection: Wanted) -> None:
    """Show a collection with the tags and metrics of its artifacts."""
    with call.connect(needs="orbit") as client:
        found = find_collection(client, collection)
    if call.output.as_json:
        call.output.json(found)
    else:
        call.output.record(_fields(found))


def _fields(collection: CollectionDetails) -> dict[str, object]:
    return {
        "name": collection.name,
        "id": collection.id,
        "type": collection.type,
        "description": collection.description,
        "tags": tags_text(collection.tags),
        "artifacts": collection.total_artifacts,
        "artifact tags": tags_text(collection.artifacts_tags),
        "metrics": tags_text(collection.artifacts_extra_values),
        "created": time_text(collection.created_at),
        "updated": time_text(collection.updated_at),
    }


@command(app, "create", example="luml collections create Models --type model", options=WITHIN_ORBIT)
def create(
    call: Invocation,
    name: Name,
    type: OfType = CollectionType.MIXED,
    description: Description = "",
    tag: Tags = None,
) -> None:
    """Make a collection."""
    with call.connect(needs="orbit") as client:
        made = client.collections.create(description, name, type, tag)
    if call.output.as_json:
        call.output.json(made)
    call.output.done(f"Made {made.name}: {made.id}")


@command(
    app,
    "update",
    example="luml collections update Models --name 'Old models'",
    options=WITHIN_ORBIT,
)
def update(
    call: Invocation,
    collection: Wanted,
    name: NewName = None,
    description: NewDescription = None,
    tag: NewTags = None,
    no_tags: NoTags = False,
) -> None:
    """Change what is given; the rest stays as it is."""
    tags = [] if no_tags else tag
    if tag and no_tags:
        raise usage_error("--tag and --no-tags contradict each other.")
    if name is None and description is None and tags is None:
        raise usage_error("Nothing to change: give --name, --description or --tag.")
    with call.connect(needs="orbit") as client:
        found = find_collection(client, collection)
        changed = client.collections.update(name, description, tags, collection_id=found.id)
    if call.output.as_json:
        call.output.json(changed)
    call.output.done(f"Updated {changed.name}: {changed.id}")


@command(app, "rm", example="luml collections rm 'Old models' --yes", options=WITHIN_ORBIT)
def rm(call: Invocation, collection: Wanted, yes: Yes = False) -> None:
    """Remove an empty collection."""
    with call.connect(needs="orbit") as client:
        found = find_collection(client, collection)
        if not yes and not confirmed(f"Remove the collection {found.name} ({found.id})?"):
            raise typer.Exit(1)
        client.collections.delete(found.id)
    if call.output.as_json:
        call.output.json({"deleted": [found.id]})
    call.output.done(f"Removed {found.name}: {found.id}")
