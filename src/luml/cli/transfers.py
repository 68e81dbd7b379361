"""``luml upload`` and ``luml download``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from luml.api.outcomes import UploadOutcome
from luml.cli.finding import find_artifact
from luml.cli.invocation import FAILED, INTERRUPTED, Invocation, command, usage_error
from luml.cli.output import bytes_text, say
from luml.models import Artifact

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files.")]
NewName = Annotated[
    str | None,
    typer.Option(help="Name of the artifact (one file only); by default the file name."),
]
Description = Annotated[str | None, typer.Option(help="What it is (one file only).")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A word to find it by; repeatable.")]
Wanted = Annotated[str, typer.Argument(metavar="ARTIFACT", help="Id, or exact name or file name.")]
Target = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="File or folder to save to; by default the current folder."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "upload", example="luml upload model.fnnx data.luml --tag production")(upload)
    command(app, "download", example="luml download churn.fnnx -o models/")(download)


@contextmanager
def resumable(what: str) -> Generator[None]:
    """Say, when Ctrl-C ends a transfer, how to go on with it."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"Interrupted. {what} is kept: the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None


def upload(
    call: Invocation,
    files: Files,
    name: NewName = None,
    description: Description = None,
    tag: Tags = None,
) -> None:
    """Upload artifact files; one that was cut off goes on where it stopped."""
    alone = len(files) == 1
    if not alone and (name is not None or description is not None):
        raise usage_error("--name and --description fit one file only; several were given.")
    with resumable("What was sent"), call.connect(needs="collection") as client:
        if alone:
            done = [client.artifacts.upload(files[0], name, description, tag)]
        else:
            done = _arrived(client.artifacts.upload_many(files, tag))
    for artifact in done:
        size = bytes_text(artifact.size)
        call.output.done(f"Uploaded {artifact.name} ({artifact.type}, {size}): {artifact.id}")
    if call.output.as_json:
        call.output.json(done)
    if len(done) < len(files):
        raise typer.Exit(FAILED)


def _arrived(outcomes: list[UploadOutcome]) -> list[Artifact]:
    """Return what arrived, and say what did not."""
    for outcome in outcomes:
        if outcome.error is not None:
            say(str(outcome.error))
    return [outcome.artifact for outcome in outcomes if outcome.artifact is not None]


def download(call: Invocation, artifact: Wanted, output: Target = None) -> None:
    """Download an artifact; its bytes are checked before the file gets its name."""
    from luml.api._sync.downloads import target_of

    with resumable("What came"), call.connect(needs="collection") as client:
        found = find_artifact(client, artifact)
        target = target_of(found, output)
        client.artifacts.download(found.id, target)
    if call.output.as_json:
        call.output.json({**_brief(found), "path": str(target.resolve())})
    call.output.done(f"Saved {target} ({bytes_text(found.size)}, SHA-256 {found.file_hash}).")


def _brief(artifact: Artifact) -> dict[str, object]:
    return {
        "id": artifact.id,
        "name": artifact.name,
        "size": artifact.size,
        "file_hash": artifact.file_hash,
    }
