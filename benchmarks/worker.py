"""Does what a user of a client does, told by a line of JSON each: ``worker.py CLIENT PLACE``.

It runs on whatever Python has the client, so it imports nothing of this repository but the client.
Each answer is a line of JSON with the seconds that the call took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

CLIENT = sys.argv[1]
LumlClient: Any = import_module("luml.api" if CLIENT == "luml" else "luml_api").LumlClient


class Silent:
    """Progress that nobody sees."""

    def start(self, file_name: str, total: int) -> None:
        """Begin."""

    def update(self, chunk_size: int) -> None:
        """Count nothing."""

    def phase(self, text: str) -> None:
        """Hear nothing."""

    def finish(self) -> None:
        """End."""


class Counting(Silent):
    """Progress that is written to a pipe, a line for each count."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY)
        self._done = 0

    def update(self, chunk_size: int) -> None:
        """Write what is done so far."""
        self._done += chunk_size
        os.write(self._descriptor, b"%d\n" % self._done)

    def finish(self) -> None:
        """Close the pipe."""
        os.close(self._descriptor)


def construct(place: dict[str, str], scope: dict[str, str]) -> Any:
    """Return a client whose defaults are the organization, orbit and collection of ``scope``."""
    defaults = [scope.get(name) for name in ("organization", "orbit", "collection")]
    return LumlClient(place["base_url"], place["api_key"], *defaults)


def upload(client: Any, paths: list[str]) -> dict[str, Any]:
    """Upload files: one call for many where the client has one, else one after another."""
    if CLIENT == "luml" and len(paths) > 1:
        outcomes = client.artifacts.upload_many(paths, progress=False)
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        return {"ids": [outcome.artifact.id for outcome in outcomes]}
    artifacts = [client.artifacts.upload(path, on_progress=Silent()) for path in paths]
    assert all(artifact.status == "uploaded" for artifact in artifacts)
    return {"ids": [artifact.id for artifact in artifacts]}


def download(client: Any, ids: list[str], folder: str) -> dict[str, Any]:
    """Download artifacts to files that are called like their ids, or like they were."""
    if CLIENT == "luml" and len(ids) > 1:
        outcomes = client.artifacts.download_many(ids, folder, progress=False)
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        return {"paths": [str(outcome.path) for outcome in outcomes]}
    paths = [str(Path(folder, artifact_id)) for artifact_id in ids]
    for artifact_id, path in zip(ids, paths, strict=True):
        client.artifacts.download(artifact_id, path)
    return {"paths": paths}


def delete(client: Any, ids: list[str]) -> dict[str, Any]:
    """Remove artifacts, a hundred a call."""
    for start in range(0, len(ids), 100):
        result = client.artifacts.delete_batch(ids[start : start + 100])
        assert not result.failed, result.failed
    return {}


class Worker:
    """Holds the client and does one thing after another."""

    def __init__(self, place: dict[str, str]) -> None:
        self._place = place
        scope = {name: place[name] for name in ("organization", "orbit", "collection")}
        self._client = construct(place, scope)

    def do(self, verb: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what was asked and return what came of it."""
        if verb == "construct":
            place = {**self._place, "base_url": asked.get("base_url", self._place["base_url"])}
            construct(place, asked["scope"])
            return {}
        if verb == "upload_counted":
            progress = Counting(asked["pipe"])
            artifact = self._client.artifacts.upload(asked["path"], on_progress=progress)
            return {"ids": [artifact.id]}
        if verb == "download_counted":
            progress = Counting(asked["pipe"])
            self._client.artifacts.download(asked["artifact"], asked["path"], on_progress=progress)
            return {}
        if verb == "upload":
            return upload(self._client, asked["paths"])
        if verb == "download":
            return download(self._client, asked["ids"], asked["folder"])
        return delete(self._client, asked["ids"])


def main() -> None:
    """Answer until the input ends; what clients print goes to nobody."""
    answers = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    worker = Worker(json.loads(sys.argv[2]))
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        began = time.perf_counter()
        result = worker.do(asked.pop("verb"), asked)
        result["seconds"] = time.perf_counter() - began
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
