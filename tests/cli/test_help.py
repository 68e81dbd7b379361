"""Every command says what it does, with an example."""

from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from luml.cli.main import app

COMMANDS = [
    "up",
    "login",
    "whoami",
    "upload",
    "download",
    "ls",
    "show",
    "update",
    "rm",
    "collections",
    "orbits",
    "orgs",
    "keys",
    "db",
]
GROUPS = {
    "collections": ["list", "show", "create", "update", "rm"],
    "orbits": ["list", "show", "create", "update", "rm"],
    "orgs": ["list", "show"],
    "keys": ["list", "create", "revoke"],
    "db": ["current", "check", "upgrade"],
}
ALL = [(), *((name,) for name in COMMANDS), *((g, one) for g in GROUPS for one in GROUPS[g])]


def children(command: Any) -> list[str]:
    return list(getattr(command, "commands", {}))


def test_the_commands_are_these() -> None:
    root: Any = get_command(app)
    assert children(root) == COMMANDS
    assert {name: children(root.commands[name]) for name in GROUPS} == GROUPS


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_an_example(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"], prog_name="luml")
    assert shown.exit_code == 0
    assert f"Example: luml {' '.join(path)}".strip() in shown.output
    assert f"Usage: luml {' '.join(path)}".strip() in shown.output
    is_group = not path or (path[0] in GROUPS and len(path) == 1)
    assert is_group or "--json" in shown.output


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("luml 0.")
