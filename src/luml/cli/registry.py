"""``luml up``: a registry on this machine."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from luml.cli.invocation import Invocation, command
from luml.errors import ConfigurationError

if TYPE_CHECKING:
    from luml.server.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option(help="Where it keeps its data; the user's data folder if not given."),
]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="The port; 8787 or the next free one if not given."),
]
PublicUrl = Annotated[
    str | None, typer.Option(help="The address by which clients come, for presigned URLs.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "up", example="luml up --data-dir registry --port 8787", options={})(up)


def up(
    call: Invocation,
    data_dir: DataDir = None,
    host: Host = "127.0.0.1",
    port: Port = None,
    public_url: PublicUrl = None,
) -> None:
    """Start a registry on SQLite and local disk, and serve until Ctrl-C."""
    try:
        from luml.server.bootstrap import BootstrapError, Credentials
        from luml.server.run import serve
        from luml.server.settings import Settings
    except ImportError as error:
        raise ConfigurationError(
            f"`luml up` needs the server packages ({error.name} is missing): "
            "pip install 'luml[server]'."
        ) from error
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    given: dict[str, Any] = {"data_dir": data_dir, "public_url": public_url}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})

        def announce(base_url: str, _: Credentials) -> None:
            _announce(call, settings, base_url)

        serve(settings, host=host, port=port, announce=announce)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"LUML_{where} is not usable: {first['msg']}.") from error
    except BootstrapError as error:
        raise ConfigurationError(f"The registry did not start: {error}.") from error
    call.output.done("The registry has stopped.")


def _announce(call: Invocation, settings: Settings, base_url: str) -> None:
    from luml.server.bootstrap import CREDENTIALS_FILE

    path = (settings.directory / CREDENTIALS_FILE).resolve()
    if call.output.as_json:
        directory = str(settings.directory.resolve())
        call.output.json({"base_url": base_url, "data_dir": directory, "credentials": str(path)})
        return
    call.output.done(f"The registry is at {base_url}, its data in {settings.directory}.")
    call.output.done("To use it from another terminal (the SDK finds it then, too):")
    call.output.done(f"    luml login --credentials {path}")
    call.output.done("    luml upload model.fnnx")
    call.output.done("Ctrl-C stops it.")
