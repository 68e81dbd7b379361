"""The requests that the registry benchmark makes of a filled collection."""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from benchmarks.fill import file_index_text, manifest_text
from benchmarks.processes import Place

VARIETY = 400
"""Different artifacts that the requests for one artifact go round."""
PAGES_BEFORE = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of request, as a cycle of different ones of it."""

    name: str
    requests: list[Asked]
    reads: bool = True


class Api:
    """Asks a registry over one connection."""

    def __init__(self, place: Place) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(place.base_url).netloc)
        self._headers = {"Authorization": f"Bearer {place.api_key}"}

    def ask(self, method: str, path: str, body: str | None = None) -> Any:
        """Return the JSON of the answer."""
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def cases(place: Place, count: int) -> list[Case]:
    """Return all cases for a registry whose default collection was filled with ``count``."""
    api = Api(place)
    chance = random.Random(count)
    numbers = [chance.randrange(count) for _ in range(min(VARIETY, count))]
    artifacts = f"{place.collection_path}/artifacts"
    ids = [_id_of(api, artifacts, number) for number in numbers]
    newest = f"{artifacts}?limit=100&sort_by=created_at&order=desc"
    eleventh = f"{newest}&cursor={_cursor_after(api, newest)}"
    api.close()
    single: dict[str, Callable[[str], str]] = {
        "get by id": lambda artifact: f"{artifacts}/{artifact}",
        "download URL": lambda artifact: f"{artifacts}/{artifact}/download-url",
    }
    lists = {
        "list 100, newest first": newest,
        "list 100, summary": f"{newest}&fields=summary",
        "list 100, page 11": eleventh,
        "list 100, by a metric": f"{artifacts}?limit=100&sort_by=R2&order=desc",
        "list 100, by size": f"{artifacts}?limit=100&sort_by=size&order=desc",
        "list 10": f"{artifacts}?limit=10",
        "collection details": place.collection_path,
        "organizations": "/v1/users/me/organizations",
    }
    by_name = [Asked("GET", f"{artifacts}?name=model-{number}&limit=2") for number in numbers]
    return [
        *(Case(name, [Asked("GET", url(one)) for one in ids]) for name, url in single.items()),
        Case("get by name", by_name),
        *(Case(name, [Asked("GET", path)]) for name, path in lists.items()),
        Case("create", _creations(artifacts, chance), reads=False),
    ]


def _id_of(api: Api, artifacts: str, number: int) -> str:
    (found,) = api.ask("GET", f"{artifacts}?name=model-{number}&limit=2&fields=summary")["items"]
    return str(found["id"])


def _cursor_after(api: Api, path: str) -> str:
    cursor = ""
    for _ in range(PAGES_BEFORE):
        page = api.ask("GET", f"{path}&fields=summary" + (f"&cursor={cursor}" if cursor else ""))
        cursor = quote(page["cursor"])
    return cursor


def _creations(artifacts: str, chance: random.Random) -> list[Asked]:
    """Return creations of artifacts of 3 KB manifests, as the SDK sends them."""
    bodies = [
        {
            "file_name": f"created-{number}.fnnx",
            "name": f"created-{number}",
            "extra_values": {"R2": chance.random(), "MAE": chance.random() * 40},
            "manifest": json.loads(manifest_text(number % 64)),
            "file_hash": f"{chance.getrandbits(256):064x}",
            "file_index": json.loads(file_index_text()),
            "size": 245_760,
            "tags": ["benchmark"],
        }
        for number in range(VARIETY)
    ]
    return [Asked("POST", artifacts, json.dumps(body)) for body in bodies]
