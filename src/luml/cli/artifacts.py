"""``luml ls``, ``show``, ``update`` and ``rm``; ``upload`` and ``download`` have their own file."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Annotated, Any, Final

import typer

from luml.cli import transfers
from luml.cli.finding import find_artifact
from luml.cli.invocation import FAILED, Invocation, command, usage_error
from luml.cli.output import Output, bytes_text, number_text, say, tags_text, time_text
from luml.cli.transfers import Wanted
from luml.errors import APIError, ConfigurationError, LumlAPIError
from luml.models import Artifact, ArtifactSortBy, ArtifactStatus, ArtifactType, SortOrder

ROWS: Final = 50
MEMBERS_SHOWN: Final = 20
PAGE: Final = 100

Sort = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="created_at, name, size, description, status, type, or any metric key.",
    ),
]
Descending = Annotated[bool, typer.Option("--desc/--asc", help="Highest or newest first, or last.")]
OfType = Annotated[ArtifactType | None, typer.Option("--type", help="This type only.")]
Search = Annotated[str | None, typer.Option(help="Text in the name or a tag, in any case.")]
Filter = Annotated[
    str | None,
    typer.Option(
        metavar="FILTER", help="""Only those for which it holds, e.g. 'metrics.F1 > 0.9'."""
    ),
]
Limit = Annotated[int, typer.Option(min=1, help="At most so many rows.")]
All = Annotated[bool, typer.Option("--all", help="All rows, however many.")]
Artifacts = Annotated[
    list[str], typer.Argument(metavar="ARTIFACT...", help="Ids, or exact names or file names.")
]
NewName = Annotated[str | None, typer.Option(help="A new name.")]
NewFileName = Annotated[str | None, typer.Option(help="The name that a download is saved under.")]
NewDescription = Annotated[
    str | None, typer.Option(help="A new description; an empty text clears it.")
]
NewTags = Annotated[
    list[str] | None, typer.Option("--tag", help="A tag in place of the present ones; repeatable.")
]
NoTags = Annotated[bool, typer.Option("--no-tags", help="Take all tags away.")]
Force = Annotated[
    bool, typer.Option("--force", help="Delete the record even if the store keeps the file.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, on a terminal.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    transfers.add_to(app)
    command(app, "ls", example="luml ls --sort F1 --type model --search churn")(ls)
    command(app, "show", example="luml show churn.fnnx --json")(show)
    command(app, "update", example="luml update churn.fnnx --name 'Churn 2' --tag production")(
        update
    )
    command(app, "rm", example="luml rm churn.fnnx --yes")(rm)


def ls(
    call: Invocation,
    sort: Sort = None,
    desc: Descending = True,
    type: OfType = None,
    search: Search = None,
    filter: Filter = None,
    limit: Limit = ROWS,
    all: All = False,
) -> None:
    """List the artifacts of a collection, newest first unless sorted otherwise."""
    order = SortOrder.DESC if desc else SortOrder.ASC
    most = None if all else limit + 1
    with call.connect(needs="collection") as client:
        page = PAGE if most is None else min(most, PAGE)
        found = client.artifacts.list_all(
            limit=page,
            sort_by=sort,
            order=order,
            type=type,
            search=search,
            filter=filter,
            summary=True,
        )
        rows = list(islice(found, most))
    if most is not None and len(rows) == most:
        rows.pop()
        call.output.note(f"These are the first {limit}; --limit N or --all shows more.")
    if call.output.as_json:
        call.output.json(rows)
    else:
        _print_rows(call.output, rows, sort)


def _print_rows(output: Output, rows: list[Artifact], sort: str | None) -> None:
    metric = None if sort is None or sort in tuple(ArtifactSortBy) else sort
    columns = ["NAME", "TYPE", "SIZE", "CREATED"]
    some_unfinished = any(row.status is not ArtifactStatus.UPLOADED for row in rows)
    columns += ["STATUS"] if some_unfinished else []
    columns += [metric] if metric is not None else []
    cells = [
        [row.name, row.type, bytes_text(row.size), time_text(row.created_at)]
        + ([row.status] if some_unfinished else [])
        + ([number_text(row.metrics.get(metric))] if metric is not None else [])
        + [row.id]
        for row in rows
    ]
    output.table([*columns, "ID"], cells, dispensable=("CREATED", "SIZE", "TYPE"))


def show(call: Invocation, artifact: Wanted) -> None:
    """Show all that the registry knows of an artifact."""
    with call.connect(needs="collection") as client:
        found = find_artifact(client, artifact)
    if call.output.as_json:
        call.output.json(found)
    else:
        call.output.record(_fields(found))


def _fields(artifact: Artifact) -> dict[str, object]:
    metrics = {f"  {key}": number_text(value) for key, value in artifact.metrics.items()}
    members = list(artifact.file_index.items())
    more = len(members) - MEMBERS_SHOWN
    return {
        "name": artifact.name,
        "id": artifact.id,
        "type": artifact.type,
        "status": artifact.status,
        "file": artifact.file_name,
        "size": f"{bytes_text(artifact.size)} ({artifact.size} bytes)",
        "sha256": artifact.file_hash,
        "description": artifact.description,
        "tags": tags_text(artifact.tags),
        "producer": _producer(artifact.manifest),
        "created": time_text(artifact.created_at),
        "updated": time_text(artifact.updated_at),
        "metrics": len(metrics),
        **metrics,
        "members": len(members),
        **{f"  {name}": bytes_text(size) for name, (_, size) in members[:MEMBERS_SHOWN]},
        **({"  …": f"{more} more; --json shows all"} if more > 0 else {}),
    }


def _producer(manifest: dict[str, Any]) -> str:
    return f"{manifest.get('producer_name', '')} {manifest.get('producer_version', '')}".strip()


def update(
    call: Invocation,
    artifact: Wanted,
    name: NewName = None,
    file_name: NewFileName = None,
    description: NewDescription = None,
    tag: NewTags = None,
    no_tags: NoTags = False,
) -> None:
    """Change what is given; the rest stays as it is."""
    tags = [] if no_tags else tag
    if tag and no_tags:
        raise usage_error("--tag and --no-tags contradict each other.")
    if name is None and file_name is None and description is None and tags is None:
        raise usage_error("Nothing to change: give --name, --file-name, --description or --tag.")
    with call.connect(needs="collection") as client:
        found = find_artifact(client, artifact)
        changed = client.artifacts.update(
            found.id, file_name=file_name, name=name, description=description, tags=tags
        )
    if call.output.as_json:
        call.output.json(changed)
    call.output.done(f"Updated {changed.name}: {changed.id}")


def rm(call: Invocation, artifacts: Artifacts, force: Force = False, yes: Yes = False) -> None:
    """Delete artifacts and their files for good."""
    deleted: list[Artifact] = []
    with call.connect(needs="collection") as client:
        for value in artifacts:
            try:
                found = find_artifact(client, value)
                if not yes and not confirmed(f"Delete {found.name} ({found.id})?"):
                    continue
                client.artifacts.delete(found.id, force=force)
            except ConfigurationError:
                raise
            except LumlAPIError as error:
                say(error.message)
                if isinstance(error, APIError) and not hasattr(error, "status_code"):
                    break
                continue
            deleted.append(found)
            call.output.done(f"Deleted {found.name}: {found.id}")
    if call.output.as_json:
        call.output.json({"deleted": [one.id for one in deleted]})
    if len(deleted) < len(artifacts):
        raise typer.Exit(FAILED)


def confirmed(question: str) -> bool:
    """Ask on a terminal; elsewhere the command itself is the answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    return typer.confirm(question, err=True)
