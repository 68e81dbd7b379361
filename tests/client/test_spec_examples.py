"""Every code example of the specification of the artifacts resource runs against a real registry.

The examples in ``spec_examples`` are the specification's, letter for letter, but for the
indentation of one line that Python would not take. Ids, key and paths are put in when they run,
and what stands for a manifest in ``create``, which the wire (section 1) refuses as it is.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from luml.api import (
    ArtifactType,
    AsyncLumlClient,
    ConfigurationError,
    LumlClient,
    UnprocessableEntityError,
)
from luml.files import read_artifact
from tests.conftest import RegistryAddress

EXAMPLES = Path(__file__).with_name("spec_examples")
METHODS = (
    "create",
    "delete",
    "delete_url",
    "download",
    "download_url",
    "get",
    "list",
    "list_all",
    "update",
    "upload",
)
MANIFEST = 'manifest={"version": "1.0"}'
FILE_INDEX = 'file_index={"layer1": (0, 1024)}'
UNAWAITED = "    luml.setup_config("
"""The async upload example forgets to await the set-up, which the client answers with an error."""


@pytest.fixture
def artifact_id(client: LumlClient, samples: Path) -> str:
    """Id of the one artifact that the examples speak of."""
    return client.artifacts.upload(samples / "churn_classification.dfs", name="my_model").id


@pytest.fixture
def filled_in(
    registry: RegistryAddress,
    collection: str,
    artifact_id: str,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], str]:
    """Return a function that puts real ids and paths into an example."""
    monkeypatch.setenv("LUML_BASE_URL", registry.base_url)
    monkeypatch.chdir(tmp_path)
    sample = read_artifact(samples / "churn_classification.dfs")
    real = {
        "luml_your_key": registry.api_key,
        "0199c455-21ec-7c74-8efe-41470e29bae5": registry.organization,
        "0199c455-21ed-7aba-9fe5-5231611220de": registry.orbit,
        "0199c455-21ee-74c6-b747-19a82f1a1e75": collection,
        "0199c455-21ee-74c6-b747-19a82f1a1e67": artifact_id,
        MANIFEST: f"manifest={sample.manifest!r}",
        FILE_INDEX: f"file_index={sample.file_index!r}",
        "/path/to/model.fnnx": str(samples / "churn_classification.dfs"),
        "/local/path/downloaded_model.fnnx": str(tmp_path / "downloaded_model.fnnx"),
    }

    def fill(name: str) -> str:
        text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        for placeholder, value in real.items():
            text = text.replace(placeholder, value)
        return text

    return fill


def run(code: str) -> dict[str, Any]:
    """Run an example as a module of its own; close the client it made."""
    names: dict[str, Any] = {
        "LumlClient": LumlClient,
        "AsyncLumlClient": AsyncLumlClient,
        "ArtifactType": ArtifactType,
    }
    try:
        exec(compile(code, "example", "exec"), names)
        if "main" in names:
            asyncio.run(_run_main(names["luml"], names["main"]))
    finally:
        if "main" not in names:
            names["luml"].close()
    return names


async def _run_main(luml: AsyncLumlClient, main: Callable[[], Awaitable[None]]) -> None:
    async with luml:
        await main()


@pytest.mark.parametrize("method", METHODS)
def test_sync_example(method: str, filled_in: Callable[[str], str], artifact_id: str) -> None:
    names = run(filled_in(f"sync_{method}"))
    if method == "get":
        assert names["artifact_by_name"].id == names["artifact_by_id"].id == artifact_id
    elif method == "create":
        assert names["upload_url"] == names["result"].upload_details.url
        assert names["artifact"].metrics == {"accuracy": 0.95}
    elif method == "update":
        assert names["artifact"].name == "Updated Model"
    elif method == "upload":
        assert names["artifact"].status == "uploaded"
        assert names["artifact"].tags == ["ml", "production"]
    elif method == "download":
        assert Path("churn_classification.dfs").read_bytes() == _downloaded().read_bytes()


@pytest.mark.parametrize("method", METHODS)
def test_async_example(method: str, filled_in: Callable[[str], str]) -> None:
    run(filled_in(f"async_{method}").replace(UNAWAITED, UNAWAITED.replace("luml", "await luml")))
    if method == "download":
        assert Path("churn_classification.dfs").read_bytes() == _downloaded().read_bytes()


def test_async_upload_example_without_its_await(filled_in: Callable[[str], str]) -> None:
    code = filled_in("async_upload")
    assert UNAWAITED in code
    with pytest.warns(RuntimeWarning, match="never awaited"), pytest.raises(ConfigurationError):
        run(code)


def test_create_example_with_what_stands_for_a_manifest(
    registry: RegistryAddress, filled_in: Callable[[str], str]
) -> None:
    code = filled_in("sync_create")
    start, end = code.index("    manifest="), code.index("    file_hash=")
    as_specified = f"{code[:start]}    {MANIFEST},\n{code[end:]}"
    with pytest.raises(UnprocessableEntityError, match="manifest"):
        run(as_specified)


def test_every_method_has_both_examples() -> None:
    there = {path.stem for path in EXAMPLES.glob("*.py")}
    assert there == {f"{kind}_{method}" for kind in ("sync", "async") for method in METHODS}


def test_signatures_are_those_of_the_specification() -> None:
    for resource in (_sync_resource(), _async_resource()):
        for method, wanted in SIGNATURES.items():
            found = inspect.signature(getattr(resource, method)).parameters
            specified = {
                name: (parameter.kind.name, parameter.default)
                for name, parameter in found.items()
                if name in wanted
            }
            assert specified == wanted, method
            assert list(found)[: len(_positional(wanted))] == _positional(wanted)


def _positional(wanted: dict[str, tuple[str, Any]]) -> list[str]:
    return [name for name, (kind, _) in wanted.items() if kind != "KEYWORD_ONLY"]


def _sync_resource() -> type:
    from luml.api.resources.artifacts import ArtifactResource

    return ArtifactResource


def _async_resource() -> type:
    from luml.api.resources.artifacts import AsyncArtifactResource

    return AsyncArtifactResource


def _downloaded() -> Path:
    return Path("downloaded_model.fnnx")


def _signature(*names: str, keyword: tuple[str, ...] = (), **defaults: Any) -> dict[str, Any]:
    empty = inspect.Parameter.empty
    positional = {
        name: ("POSITIONAL_OR_KEYWORD", defaults.get(name, empty)) for name in ("self", *names)
    }
    return positional | {name: ("KEYWORD_ONLY", defaults.get(name, empty)) for name in keyword}


PAGED = {"collection_id": None, "limit": 100, "sort_by": None, "order": "desc", "type": None}
ONE = ("collection_id",)
SIGNATURES: dict[str, dict[str, Any]] = {
    "get": _signature("artifact_value", keyword=ONE, collection_id=None),
    "list_all": _signature(keyword=tuple(PAGED), **PAGED),
    "list": _signature(keyword=(*PAGED, "start_after"), start_after=None, **PAGED),
    "download_url": _signature("artifact_id", keyword=ONE, collection_id=None),
    "delete_url": _signature("artifact_id", keyword=ONE, collection_id=None),
    "delete": _signature("artifact_id", keyword=ONE, collection_id=None),
    "upload": _signature(
        "file_path",
        "name",
        "description",
        "tags",
        keyword=ONE,
        **dict.fromkeys(("name", "description", "tags", "collection_id")),
    ),
    "download": _signature(
        "artifact_id", "file_path", keyword=ONE, file_path=None, collection_id=None
    ),
    "create": _signature(
        "collection_id",
        "file_name",
        "extra_values",
        "manifest",
        "file_hash",
        "file_index",
        "size",
        "name",
        "description",
        "tags",
        description=None,
        tags=None,
    ),
    "update": _signature(
        "artifact_id",
        "file_name",
        "name",
        "description",
        "tags",
        "status",
        keyword=ONE,
        **dict.fromkeys(("file_name", "name", "description", "tags", "status", "collection_id")),
    ),
}
