"""``luml db``: the schema of a registry's database."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from luml.cli.invocation import FAILED, Invocation, command
from luml.cli.registry import DataDir
from luml.errors import ConfigurationError

if TYPE_CHECKING:
    from luml.server.db.engine import Database

app = typer.Typer(
    name="db",
    help="Look at the schema of a registry's database, and bring it up to date.",
    epilog="Example: luml db upgrade --database-url postgresql://luml@db/luml",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)

Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="LUML_DATABASE_URL",
        help="postgresql://user@host/name; the SQLite file of --data-dir if not given.",
    ),
]


@command(app, "current", example="luml db current", options={})
def current(call: Invocation, data_dir: DataDir = None, database_url: Url = None) -> None:
    """Say which schema the database has, and which this luml needs."""
    from luml.server.db import schema

    with _opened(data_dir, database_url) as database:
        with database.read() as connection:
            found = schema.current_revision(connection)
        needed, state = schema.head_revision(), schema.state(found)
    if call.output.as_json:
        call.output.json({"current": found, "needed": needed, "state": state.value})
    else:
        call.output.done(f"{found or 'no schema'} ({state}); this luml needs {needed}")


@command(app, "check", example="luml db check", options={})
def check(call: Invocation, data_dir: DataDir = None, database_url: Url = None) -> None:
    """Say whether a server of this luml would start on the database; 1 if not."""
    from luml.server import databases

    with _opened(data_dir, database_url) as database:
        try:
            databases.check(database)
        except databases.SchemaError as error:
            call.output.note(f"Not ready: {error}.")
            raise typer.Exit(FAILED) from None
    call.output.done("The database has the schema that this luml needs.")


@command(app, "upgrade", example="luml db upgrade", options={})
def upgrade(call: Invocation, data_dir: DataDir = None, database_url: Url = None) -> None:
    """Bring the database to the schema of this luml; of SQLite a copy is kept first."""
    from luml.server import databases
    from luml.server.db import schema

    with _opened(data_dir, database_url) as database:
        try:
            before = databases.upgrade(database)
        except databases.SchemaError as error:
            raise ConfigurationError(f"Nothing was changed: {error}.") from error
    needed = schema.head_revision()
    if before == needed:
        call.output.done(f"The database has schema {needed} already.")
    else:
        call.output.done(f"The database went from {before or 'no schema'} to {needed}.")


@contextmanager
def _opened(data_dir: Any, database_url: str | None) -> Generator[Database]:
    """Yield the database that options and settings name; what goes wrong with it is one line."""
    try:
        from sqlalchemy.exc import DBAPIError

        from luml.server.databases import open_configured
        from luml.server.settings import Settings
    except ImportError as error:
        raise ConfigurationError(
            f"`luml db` needs the server packages ({error.name} is missing): "
            "pip install 'luml[server]'."
        ) from error
    given: dict[str, Any] = {"data_dir": data_dir, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        if settings.database_url is None:
            settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = open_configured(settings)
    except ValidationError as error:
        raise ConfigurationError(f"A setting is not usable: {error.errors()[0]['msg']}.") from error
    except ValueError as error:
        raise ConfigurationError(f"The database URL is not usable: {error}.") from error
    try:
        yield database
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise ConfigurationError(f"The database does not answer: {reason}.") from error
    finally:
        database.close()
