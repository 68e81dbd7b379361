"""What one request is: a description that a transport sends and a parser that reads the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, TypeAdapter

from luml.errors import ConfigurationError

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
Params = tuple[tuple[str, str], ...]


class Repeat(Enum):
    """Whether a request may be sent a second time when no answer came."""

    FREELY = "idempotent by its nature"
    KEYED = "creates something; an Idempotency-Key makes the server see that it is the same request"
    NEVER = "may not be sent again"


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One request to the registry.

    Attributes:
        path: From ``/v1`` on, segments quoted.
        parse: Turns the body of a 2xx answer into its value.
        json: The body, None for none; it may hold secrets and stays out of every repr.
        repeat: Whether it may be tried again.
    """

    method: str
    path: str
    parse: Callable[[bytes], T]
    params: Params = field(default=(), repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    repeat: Repeat = Repeat.FREELY

    @property
    def idempotent(self) -> bool:
        """True if sending it twice does what sending it once does, whatever the server."""
        return self.repeat is Repeat.FREELY


Steps = Generator[Request[Any], Any, T]
"""A conversation: yields requests, is sent their parsed answers, returns what came of it."""


def ask(request: Request[T]) -> Steps[T]:
    """Yield one request of a conversation and return its answer with its type kept."""
    answer: T = yield request
    return answer


def into(model: type[Model]) -> Callable[[bytes], Model]:
    """Return a parser of one ``model``."""
    return model.model_validate_json


def into_type(kind: Any) -> Callable[[bytes], Any]:
    """Return a parser of a type that is no model, such as ``list[Orbit]``."""

    def parse(body: bytes) -> Any:
        return _adapter(kind).validate_json(body)

    return parse


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def nothing(_body: bytes) -> None:
    """Read an answer that has no body."""


def given(**values: Any) -> dict[str, Any]:
    """Return the values that are not None: a partial update names only what it changes."""
    return {key: value for key, value in values.items() if value is not None}


def query(**values: object) -> Params:
    """Return query parameters: None is left out, lists repeat their name.

    Raises:
        ConfigurationError: A text holds lone surrogates, which no URL can carry.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None:
            continue
        many = cast("list[object]", value) if isinstance(value, list) else [value]
        pairs.extend((name, _text(item)) for item in many)
    return tuple(pairs)


def _text(value: object) -> str:
    text = str(value)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ConfigurationError(f"{text!r} holds half a character and cannot be sent.")
    return text
