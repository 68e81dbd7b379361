"""luml db."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from luml.server.db import schema
from tests.cli.conftest import Command
from tests.postgres import running_cluster


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, list[str]]]:
    """Options that name an empty database of each kind."""
    folder = tmp_path_factory.mktemp("db") / "registry"
    with running_cluster() as cluster:
        yield {
            "sqlite": ["--data-dir", str(folder)],
            "postgresql": ["--database-url", cluster.new_database()],
        }


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_from_nothing_to_ready(stranger: Command, urls: dict[str, list[str]], engine: str) -> None:
    options, head = urls[engine], schema.head_revision()
    found = stranger("db", "current", *options, "--json")
    assert json.loads(found.out) == {"current": None, "needed": head, "state": "empty"}
    answer = stranger("db", "check", *options)
    assert answer.code == 1
    assert "run `luml db upgrade`" in answer.err
    assert f"from no schema to {head}" in stranger("db", "upgrade", *options).out
    assert f"schema {head} already" in stranger("db", "upgrade", *options).out
    assert stranger("db", "check", *options).code == 0
    assert f"{head} (current)" in stranger("db", "current", *options).out


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:secret@b/c"])
def test_urls_that_are_none(stranger: Command, url: str) -> None:
    answer = stranger("db", "check", "--database-url", url)
    assert answer.code == 2
    assert "The database URL is not usable" in answer.err
    assert "secret" not in answer.err


def test_a_database_that_is_not_there(stranger: Command, tmp_path: Path) -> None:
    answer = stranger("db", "check", "--database-url", f"postgresql://x@/y?host={tmp_path}")
    assert answer.code == 2
    assert "does not answer" in answer.err
    assert len(answer.err.strip().splitlines()) == 1
