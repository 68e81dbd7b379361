"""``luml upload`` and ``luml download``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from luml.api import LumlClient, UploadOutcome
from luml.api.targets import target_of
from luml.cli.finding import find_artifact
from luml.cli.invocation import FAILED, INTERRUPTED, Invocation, command, usage_error
from luml.cli.output import bytes_text, say
from luml.models import Artifact, ArtifactStatus

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files.")]
NewName = Annotated[
    str | None,
    typer.Option(help="Name of the artifact (one file only); by default the file name."),
]
Description = Annotated[str | None, typer.Option(help="What it is.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A word to find it by; repeatable.")]
Wanted = Annotated[str, typer.Argument(metavar="ARTIFACT", help="Id, or exact name or file name.")]
Abort = Annotated[
    bool, typer.Option("--abort", help="Clean up after uploads of FILE that did not end.")
]
WantedOrAll = Annotated[
    str | None,
    typer.Argument(metavar="ARTIFACT", help="Id, or exact name or file name; none with --all."),
]
All = Annotated[bool, typer.Option("--all", help="Download all artifacts of the collection.")]
Target = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", help="File or folder to save to; by default the current folder."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "upload", example="luml upload model.fnnx data.luml --tag production")(upload)
    command(
        app,
        "download",
        example="luml download churn.fnnx -o models/    or: luml download --all -o models/",
    )(download)


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
    abort: Abort = False,
) -> None:
    """Upload artifact files; one that was cut off goes on where it stopped."""
    if name is not None and len(files) > 1:
        raise usage_error("--name fits one file only; several were given.")
    with resumable("What was sent"), call.connect(needs="collection") as client:
        if abort:
            _abort(call, client, files)
            return
        if len(files) == 1:
            done = [client.artifacts.upload(files[0], name, description, tag)]
        else:
            done = _arrived(client.artifacts.upload_many(files, description, tag))
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


def _abort(call: Invocation, client: LumlClient, files: list[Path]) -> None:
    removed = [artifact for path in files for artifact in client.artifacts.abort_upload(path)]
    for artifact in removed:
        call.output.done(f"Removed the unfinished upload of {artifact.name}: {artifact.id}")
    if not removed:
        call.output.done("There was no unfinished upload.")
    if call.output.as_json:
        call.output.json(removed)


def download(
    call: Invocation, artifact: WantedOrAll = None, output: Target = None, all_: All = False
) -> None:
    """Download an artifact, or all of a collection; bytes are checked before they get a name."""
    if (artifact is None) is not all_:
        raise usage_error("Name one artifact, or pass --all (with --collection).")
    with resumable("What came"), call.connect(needs="collection") as client:
        if artifact is None:
            _download_all(call, client, output)
            return
        found = find_artifact(client, artifact)
        target = target_of(found, output)
        client.artifacts.download(found.id, target)
    if call.output.as_json:
        call.output.json({**_brief(found), "path": str(target.resolve())})
    call.output.done(f"Saved {target} ({bytes_text(found.size)}, SHA-256 {found.file_hash}).")


def _download_all(call: Invocation, client: LumlClient, folder: str | None) -> None:
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    wanted = {
        artifact.id: artifact
        for artifact in client.artifacts.list_all(summary=True)
        if artifact.status is ArtifactStatus.UPLOADED
    }
    outcomes = client.artifacts.download_many(list(wanted), folder)
    for outcome in outcomes:
        if outcome.path is None:
            say(str(outcome.error))
            continue
        call.output.done(f"Saved {outcome.path} ({bytes_text(wanted[outcome.artifact_id].size)}).")
    saved = {outcome.artifact_id: outcome.path for outcome in outcomes if outcome.path is not None}
    if call.output.as_json:
        rows = [{**_brief(wanted[key]), "path": str(path.resolve())} for key, path in saved.items()]
        call.output.json(rows)
    if len(saved) < len(wanted):
        raise typer.Exit(FAILED)


def _brief(artifact: Artifact) -> dict[str, object]:
    return {
        "id": artifact.id,
        "name": artifact.name,
        "size": artifact.size,
        "file_hash": artifact.file_hash,
    }
