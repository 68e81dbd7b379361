"""The architecture as drawn: import directions, fresh generated code, operations and routes."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from fastapi.routing import iter_route_contexts

import luml.api.operations
from luml.api.operations.artifacts import ArtifactChange, ArtifactQuery, NewArtifact
from luml.api.operations.bucket_secrets import BucketSettings, S3Settings
from luml.api.operations.collections import CollectionQuery
from luml.api.operations.paths import CollectionPath, OrbitPath, OrganizationPath
from luml.api.operations.request import Request
from luml.models import CollectionType
from luml.server.app import build_app
from luml.server.bootstrap import prepare
from luml.server.settings import Settings
from tools import unasync

SOURCE = Path(__file__).resolve().parent.parent / "src" / "luml"

LAYERS = {
    "luml.errors": (),
    "luml.models": ("luml.errors",),
    "luml.io": ("luml.errors",),
    "luml.files": ("luml.errors", "luml.models", "luml.transfer"),
    "luml.transfer": ("luml.errors", "luml.models"),
    "luml.api": ("luml.errors", "luml.models", "luml.files", "luml.transfer", "luml.io", "luml"),
    "luml.__main__": ("luml.cli",),
    "luml.cli": ("luml.errors", "luml.models", "luml.api", "luml.files", "luml.transfer", "luml"),
    "luml.server": (
        "luml.errors",
        "luml.models",
        "luml.files",
        "luml.transfer",
        "luml.io",
        "luml",
    ),
}
"""Which packages each may import, besides itself. ``luml`` alone is the version."""

WITHIN_FUNCTIONS = {
    "luml.api.connectors": "luml.server",  # an embedded registry
    "luml.cli": "luml.server",  # luml up
}
"""The way from SDK and command line to the server: inside a function, so that neither needs it."""

INNER = {
    "luml.server.routes": ("luml.server.app", "luml.server.run", "luml.server.db.engine"),
    "luml.server.services": (
        "luml.server.app",
        "luml.server.routes",
        "luml.server.run",
        "luml.server.bodies",
    ),
    "luml.server.db": (
        "luml.server.app",
        "luml.server.routes",
        "luml.server.services",
        "luml.server.storage",
        "luml.server.run",
    ),
    "luml.server.storage": (
        "luml.server.app",
        "luml.server.db",
        "luml.server.routes",
        "luml.server.services",
        "luml.server.run",
    ),
    "luml.api.operations": ("luml.api._async", "luml.api._sync", "luml.api._runtime"),
    "luml.api._engine": (
        "luml.api._async",
        "luml.api._sync",
        "luml.api._runtime.aio",
        "luml.api._runtime.threads",
    ),
    "luml.api._sync": ("luml.api._async", "luml.api._runtime.aio", "asyncio"),
    "luml.api._async": ("luml.api._sync", "luml.api._runtime.threads", "threading", "time"),
}
"""What a package inside a layer must not import."""

HTTP_LIBRARY = {"luml.api._runtime.aio", "luml.api._runtime.threads", "luml.api.clients"}
"""Who may name httpx2; clients and sessions only for annotations."""

NO_IO = ("luml.api.operations", "luml.transfer", "luml.models")
IO_MODULES = {"asyncio", "http", "httpx2", "os", "requests", "socket", "ssl", "subprocess", "time"}
PURE_EXCEPTIONS = {("luml.transfer.options", "os")}  # os.PathLike, a type

WITHOUT_OPERATION = {
    ("GET", "/healthz"): "for load balancers and process managers",
    ("GET", "/collections/tags"): "for the web UI, which offers tags to choose from",
    ("GET", "/artifacts"): "orbit-wide lists are for the web UI; the SDK lists collections",
}
"""Routes that the SDK does not call, by the end of their path, and why."""

PLACES: dict[object, object] = {
    OrganizationPath: OrganizationPath("P"),
    OrbitPath: OrbitPath("P", "P"),
    CollectionPath: CollectionPath("P", "P", "P"),
    ArtifactQuery: ArtifactQuery(),
    ArtifactChange: ArtifactChange(),
    CollectionQuery: CollectionQuery(),
    BucketSettings: S3Settings(),
    NewArtifact: NewArtifact("f.luml", {}, {}, None, {}, 0),
}


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what a file imports and whether it does so inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in inner) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module, id(node) in inner
            yield from ((f"{node.module}.{alias.name}", id(node) in inner) for alias in node.names)


def for_types(path: Path) -> set[str]:
    """Return what a file imports for annotations alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        alias.name if isinstance(node, ast.Import) else f"{node.module}"
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def within(name: str, package: str) -> bool:
    """Say whether ``name`` is ``package`` or lies in it."""
    return name == package or name.startswith(f"{package}.")


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_import_directions(path: Path) -> None:
    module = module_name(path)
    layer = next((name for name in LAYERS if within(module, name)), None)
    if layer is None:
        assert module == "luml"
        return
    typed = for_types(path)
    for name, deferred in imports(path):
        if not within(name, "luml") or within(name, layer) or name in {"luml", "luml.__version__"}:
            continue
        if any(within(name, allowed) for allowed in LAYERS[layer] if allowed != "luml"):
            continue
        way = next((to for who, to in WITHIN_FUNCTIONS.items() if within(module, who)), None)
        late = deferred or any(within(name, each) for each in typed)
        assert late, f"{module} imports {name}"
        assert way is not None, f"{module} imports {name}"
        assert within(name, way), f"{module} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_inner_directions(path: Path) -> None:
    module = module_name(path)
    for package, forbidden in INNER.items():
        if within(module, package):
            for name, _ in imports(path):
                assert not any(within(name, other) for other in forbidden), f"{module}: {name}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_only_the_runtimes_use_the_http_library(path: Path) -> None:
    module = module_name(path)
    used = {name for name, _ in imports(path) if within(name, "httpx2")}
    if module not in HTTP_LIBRARY:
        assert used <= for_types(path), f"{module} imports {used}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_pure_packages_do_no_io(path: Path) -> None:
    module = module_name(path)
    if any(within(module, package) for package in NO_IO):
        for name, _ in imports(path):
            root = name.partition(".")[0]
            assert root not in IO_MODULES or (module, root) in PURE_EXCEPTIONS, f"{module}: {name}"


def test_generated_code_is_fresh() -> None:
    assert unasync.stale() == [], "run python tools/unasync.py"


def operations() -> dict[tuple[str, str], str]:
    """Call every operation with placeholders; return (method, path) and who made it."""
    found: dict[tuple[str, str], str] = {}
    for info in iter_modules(luml.api.operations.__path__):
        module = import_module(f"luml.api.operations.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            hints = inspect.get_annotations(function, eval_str=True)
            if getattr(hints.get("return"), "__origin__", None) is not Request:
                continue
            request = function(**arguments(function, hints))
            found[request.method, request.path] = f"{info.name}.{name}"
    return found


def arguments(function: object, hints: dict[str, object]) -> dict[str, object]:
    """Return placeholders for the parameters that have no default."""
    assert callable(function)
    values: dict[str, object] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not inspect.Parameter.empty:
            continue
        hint = hints[parameter.name]
        values[parameter.name] = PLACES.get(hint, placeholder(hint))
    return values


def placeholder(hint: object) -> object:
    """Return some value of a plain type."""
    text = str(hint)
    if "Sequence" in text:
        return []
    if "CollectionType" in text:
        return CollectionType.MIXED
    return {int: 0, bool: False}.get(hint, "P") if isinstance(hint, type) else "P"


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The routes of the registry: (method, path with placeholders)."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("registry"))
    prepare(settings)
    app = build_app(settings)
    app.state.registry.close()
    return {
        (method, re.sub(r"\{[^}]+\}", "P", route.path or ""))
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    }


def test_every_operation_has_a_route(routes: set[tuple[str, str]]) -> None:
    assert {key: who for key, who in operations().items() if key not in routes} == {}


def test_every_route_has_an_operation(routes: set[tuple[str, str]]) -> None:
    called = operations().keys()
    public = {(method, path) for method, path in routes if path.startswith("/v1/")}
    uncalled = {
        (method, path)
        for method, path in public - called
        if not any(method == verb and path.endswith(end) for verb, end in WITHOUT_OPERATION)
    }
    assert uncalled == set()


def test_every_route_answers_with_and_without_the_prefix(routes: set[tuple[str, str]]) -> None:
    for method, path in routes:
        if path.startswith("/v1/"):
            assert (method, path.removeprefix("/v1")) in routes
