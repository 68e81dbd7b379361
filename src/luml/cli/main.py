"""The command ``luml``: every command by name."""

from __future__ import annotations

from typing import Annotated

import typer

from luml import __version__
from luml.cli import (
    account,
    artifacts,
    collections,
    database,
    keys,
    orbits,
    organizations,
    registry,
)
from luml.cli.invocation import run_to_exit

app = typer.Typer(
    name="luml",
    help="Keep models, datasets and experiments in a registry, find them, and get them back.",
    epilog="Example: luml up    then: luml login, luml upload model.fnnx, luml ls --sort F1",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
registry.add_to(app)
account.add_to(app)
artifacts.add_to(app)
app.add_typer(collections.app)
app.add_typer(orbits.app)
app.add_typer(organizations.app)
app.add_typer(keys.app)
app.add_typer(database.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"luml {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """Keep models, datasets and experiments in a registry, find them, and get them back."""


def main() -> None:
    """Run the command line."""
    run_to_exit(app)
