"""What all commands share: options, the client, errors and exit codes."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Final, ParamSpec

import typer
from typer.core import TyperGroup

from luml.cli.output import Output, say
from luml.errors import ConfigurationError, LumlAPIError

if TYPE_CHECKING:
    from luml.api import LumlClient

P = ParamSpec("P")

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130

BaseUrl = Annotated[
    str | None,
    typer.Option(help="Where the registry is.  [LUML_BASE_URL, else what `luml login` stored]"),
]
ApiKeyText = Annotated[
    str | None,
    typer.Option(help="The key to it.  [LUML_API_KEY, else what `luml login` stored]"),
]
Organization = Annotated[
    str | None, typer.Option(envvar="LUML_ORGANIZATION", help="Id or exact name.")
]
Orbit = Annotated[str | None, typer.Option(envvar="LUML_ORBIT", help="Id or exact name.")]
Collection = Annotated[str | None, typer.Option(envvar="LUML_COLLECTION", help="Id or exact name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

CONNECTION: Final = {"base_url": BaseUrl, "api_key": ApiKeyText}
WITHIN_USER: Final = CONNECTION
WITHIN_ORGANIZATION: Final = {**WITHIN_USER, "organization": Organization}
WITHIN_ORBIT: Final = {**WITHIN_ORGANIZATION, "orbit": Orbit}
WITHIN_COLLECTION: Final = {**WITHIN_ORBIT, "collection": Collection}

_LISTED: Final = {"organization": "orgs", "orbit": "orbits", "collection": "collections"}


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a command.

    Attributes:
        output: Where its answer goes.
        base_url: The registry that was asked for.
        api_key: The key that was given.
        scope: Ids or exact names of organization, orbit and collection, as far as given.
    """

    output: Output
    base_url: str | None
    api_key: str | None
    scope: Mapping[str, str]

    def connect(self, needs: str | None = None) -> LumlClient:
        """Return a client; use it as a context manager.

        Args:
            needs: organization, orbit or collection, where the command cannot do without.

        Raises:
            ConfigurationError: There is no key, or nothing says which one is meant.
            LumlAPIError: What was asked for does not exist, or the registry does not answer.
        """
        from luml.api import LumlClient

        wish = {**self._remembered(), **self.scope}
        organization, orbit = wish.get("organization"), wish.get("orbit")
        collection = wish.get("collection")
        whole_orbit = orbit if organization else None
        whole_collection = collection if whole_orbit else None
        client = LumlClient(
            self.base_url, self.api_key, organization, whole_orbit, whole_collection
        )
        try:
            if orbit and not whole_orbit:
                _require(client, "organization")
                client.orbit = orbit
            if collection and not whole_collection:
                _require(client, "orbit")
                client.collection = collection
            if needs is not None:
                _require(client, needs)
        except BaseException:
            client.close()
            raise
        return client

    def _remembered(self) -> dict[str, str]:
        """Return the defaults that ``luml login`` stored, if they are of this registry and key."""
        from luml.api._config import load_profile

        names = ("LUML_BASE_URL", "LUML_API_KEY")
        if self.base_url or self.api_key or any(os.environ.get(name) for name in names):
            return {}
        profile = load_profile()
        stored = {name: getattr(profile, name) for name in _LISTED}
        return {name: value for name, value in stored.items() if value}


def _require(client: LumlClient, noun: str) -> None:
    for name, listing in _LISTED.items():
        if getattr(client, name) is None:
            raise ConfigurationError(
                f"Nothing says which {name} is meant, and there is not exactly one: pass --{name} "
                f"or set LUML_{name.upper()} (`luml {listing}` lists them)."
            )
        if name == noun:
            return


class ListingGroup(TyperGroup):
    """A group of commands that lists when no command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``list`` in front of options that stand alone."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def group(name: str, text: str, example: str) -> typer.Typer:
    """Return a group of commands; without a command it lists."""
    return typer.Typer(
        name=name,
        help=text,
        cls=ListingGroup,
        epilog=f"Example: {example}",
        rich_markup_mode=None,
        add_completion=False,
    )


def command(
    app: typer.Typer, name: str, *, example: str, options: Mapping[str, Any] = WITHIN_COLLECTION
) -> Callable[
    [Callable[Concatenate[Invocation, P], None]], Callable[Concatenate[Invocation, P], None]
]:
    """Register a command, with ``options`` and ``--json`` added to its own ones.

    The command gets an :class:`Invocation` in place of those.
    """

    def register(
        function: Callable[Concatenate[Invocation, P], None],
    ) -> Callable[Concatenate[Invocation, P], None]:
        app.command(name, epilog=f"Example: {example}")(_with_options(function, options))
        return function

    return register


def _with_options(function: Callable[..., None], options: Mapping[str, Any]) -> Callable[..., None]:
    @wraps(function)
    def run(**values: Any) -> None:
        shared = {name: values.pop(name) for name in options}
        output = Output(values.pop("as_json"))
        scope = {name: shared[name] for name in _LISTED if shared.get(name)}
        invocation = Invocation(output, shared.get("base_url"), shared.get("api_key"), scope)
        try:
            function(invocation, **values)
        except KeyboardInterrupt:
            say("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    added = [_keyword(name, kind, None) for name, kind in options.items()]
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # how inspect is told
        [*_keywords(own), *added, _keyword("as_json", AsJson, False)]
    )
    return run


def _keywords(parameters: Sequence[inspect.Parameter]) -> list[inspect.Parameter]:
    return [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]


def _keyword(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def run_to_exit(app: typer.Typer) -> None:
    """Run a command line and leave with its exit code: 0, 1 failed, 2 usage, 130 interrupted."""
    try:
        app(prog_name="luml")
    except ConfigurationError as error:
        say(error.message)
        sys.exit(USAGE)
    except LumlAPIError as error:
        say(error.message)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def usage_error(text: str) -> typer.Exit:
    """Say what is wrong with a call and return the error that ends it with 2."""
    say(text)
    return typer.Exit(USAGE)
