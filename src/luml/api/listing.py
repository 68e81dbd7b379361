"""How a list is walked page by page, without I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from luml.errors import APIError

MAX_STALE_PAGES = 10
"""Pages in a row that bring nothing new before a list counts as endless.

One may happen: an item that is renamed while it is listed comes twice.
"""
MAX_EMPTY_PAGES = 10_000
"""Empty pages in a row: where few fulfil a filter, a registry looks at many for each page."""


class Identified(Protocol):
    """What is listed has an id."""

    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Identified)


class Walk(Generic[Item]):
    """Where a walk through a list stands; it ends even if the server's cursors do not.

    Attributes:
        cursor: What the next page is asked with.
        done: True after the last page.
    """

    def __init__(self, url: str, cursor: str | None = None) -> None:
        self.cursor = cursor
        self.done = False
        self._url = url
        self._cursors: set[str] = set()
        self._ids: set[int] = set()
        self._stale = 0
        self._empty = 0

    def take(self, items: Sequence[Item], cursor: str | None) -> Sequence[Item]:
        """Note one page and return its items.

        Raises:
            APIError: The server goes round in circles.
        """
        fresh = {hash(item.id) for item in items} - self._ids
        self._ids |= fresh
        self._empty = 0 if items else self._empty + 1
        if items:
            self._stale = 0 if fresh else self._stale + 1
        self.done = cursor is None
        if cursor is not None:
            endless = self._stale >= MAX_STALE_PAGES or self._empty >= MAX_EMPTY_PAGES
            if cursor in self._cursors or endless:
                raise self._endless()
            self._cursors.add(cursor)
        self.cursor = cursor
        return items

    def _endless(self) -> APIError:
        return APIError(
            f"GET {self._url}: the list does not end, its cursors repeat. The registry is faulty; "
            "tell its operator.",
            method="GET",
            url=self._url,
        )
