"""What the sync and the async resources have in common."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from luml.api.listing import Item, Walk
from luml.api.operations.artifacts import ArtifactQuery
from luml.models import ArtifactSortBy, ArtifactType, SortOrder

P = ParamSpec("P")
T = TypeVar("T")

PAGE_SIZE = 100
"""The default page of the SDK (SDK spec, list)."""


def merged_types(type: str | None, types: Sequence[str] | None) -> tuple[str, ...]:
    """Return the one type and the several as one filter without repeats."""
    wanted = ([] if type is None else [type]) + [*(types or ())]
    return tuple(dict.fromkeys(str(item) for item in wanted))


class ListedResource:
    """A resource that is listed page by page."""

    @staticmethod
    def _begin_walk(url: str, _kind: builtins.type[Item]) -> Walk[Item]:
        """Return a walk through the list at ``url``, from its first page."""
        return Walk(url)


class ArtifactResourceBase:
    """What artifacts are asked with."""

    def _query(
        self,
        limit: int | None,
        sort_by: ArtifactSortBy | str | None,
        order: SortOrder | str,
        type: ArtifactType | str | None,
        types: Sequence[ArtifactType | str] | None,
        search: str | None,
        filter: str | None,
        summary: bool,
    ) -> ArtifactQuery:
        return ArtifactQuery(
            limit=limit,
            sort_by=None if sort_by is None else str(sort_by),
            order=str(order),
            types=merged_types(type, types),
            search=search,
            filter=filter,
            summary=summary,
        )


def validate_collection(method: Callable[P, T]) -> Callable[P, T]:
    """Let ``collection_id`` be left out of a method whose signature gives it no default.

    The SDK spec's ``create`` begins with ``collection_id: str | None`` and its examples leave it
    out; the default collection stands in for both.
    """

    @wraps(method)
    def with_default(*args: P.args, **kwargs: P.kwargs) -> T:
        values: dict[str, Any] = kwargs
        if len(args) < 2:
            values.setdefault("collection_id", None)
        return method(*args, **kwargs)

    return with_default
