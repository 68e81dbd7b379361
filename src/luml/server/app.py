"""Puts the registry together: the only file that knows every part."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from luml import __version__
from luml.server import secrets_file
from luml.server.databases import open_configured
from luml.server.db.engine import is_disk_full, is_passing
from luml.server.errors import (
    Problem,
    busy,
    conflict,
    no_room,
    problem_response,
    storage_failed,
    validation_failed,
)
from luml.server.middleware import RequestIds
from luml.server.routes import (
    api_keys,
    artifacts,
    bucket_secrets,
    collections,
    deletions,
    orbits,
    organizations,
    server,
    uploads,
)
from luml.server.routes.parts import BODIES
from luml.server.services.registry import Registry
from luml.server.services.sealing import Sealer, signing_key
from luml.server.settings import Settings
from luml.server.storage.base import DiskFullError, InvalidPartError, StorageError
from luml.server.storage.local import LocalStore

__all__ = ["Registry", "build_app", "open_registry"]

logger = logging.getLogger("luml.server")

STORE_FOLDER = "store"
VERSION_PREFIX = "/v1"
TITLE = "luml registry"

ROUTERS = (
    organizations.router,
    api_keys.router,
    orbits.router,
    bucket_secrets.router,
    collections.router,
    artifacts.router,
    deletions.router,
    uploads.router,
    server.router,
)


def open_registry(settings: Settings) -> Registry:
    """Return the parts of a registry whose directory ``bootstrap.prepare`` made ready."""
    directory = settings.directory
    secret_key = settings.secret_key or secrets_file.read_or_make(directory)
    return Registry(
        settings,
        open_configured(settings),
        LocalStore(directory / STORE_FOLDER, signing_key(secret_key)),
        Sealer(secret_key),
    )


def build_app(settings: Settings) -> FastAPI:
    """Return the registry as an ASGI application.

    Args:
        settings: What to serve; ``bootstrap.prepare`` has made its directory ready.

    Example:
        >>> app = build_app(Settings(data_dir=path))
    """
    app = FastAPI(
        title=TITLE, version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.registry = open_registry(settings)
    for router in ROUTERS:
        app.include_router(router, prefix=VERSION_PREFIX)
        app.include_router(router, include_in_schema=False)
    server.add_docs(app)
    _answer_errors(app)
    app.add_middleware(RequestIds)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def _(request: Request, problem: Problem) -> Response:
        return _answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        return _answer(request, validation_failed(error.errors()))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        code = error.detail.lower().replace(" ", "_")
        return _answer(request, Problem(error.status_code, code, error.detail, error.headers))

    @app.exception_handler(OperationalError)
    async def _(request: Request, error: OperationalError) -> Response:
        if is_disk_full(error):
            logger.error("request %s: the database's disk is full", request.state.request_id)
            return _answer(request, no_room("The disk of the registry's database is full."))
        if not is_passing(error):
            raise error
        logger.warning("request %s: the database is busy", request.state.request_id)
        return _answer(request, busy())

    @app.exception_handler(PoolTimeoutError)
    async def _(request: Request, _: PoolTimeoutError) -> Response:
        logger.warning("request %s: all connections are in use", request.state.request_id)
        return _answer(request, busy())

    _answer_storage_errors(app)


def _answer_storage_errors(app: FastAPI) -> None:
    """Say what a store says, as far as it concerns the client."""

    @app.exception_handler(InvalidPartError)
    async def _(request: Request, error: InvalidPartError) -> Response:
        logger.info("request %s: %s", request.state.request_id, error)
        return _answer(request, conflict("upload_incomplete", f"{error}".capitalize() + "."))

    @app.exception_handler(DiskFullError)
    async def _(request: Request, error: DiskFullError) -> Response:
        logger.error("request %s: %s", request.state.request_id, error)
        return _answer(request, no_room(f"The store cannot take this upload: {error}."))

    @app.exception_handler(StorageError)
    async def _(request: Request, error: StorageError) -> Response:
        logger.error("request %s: the store failed", request.state.request_id, exc_info=error)
        return _answer(request, storage_failed())


def _answer(request: Request, problem: Problem) -> Response:
    return problem_response(problem, request.state.request_id)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; bodies are parsed by us, so their schemas are added here."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        _, definitions = models_json_schema(
            [(model, "validation") for model in sorted(BODIES, key=lambda model: model.__name__)],
            ref_template="#/components/schemas/{model}",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(definitions["$defs"])
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"key": []}]
        app.openapi_schema = document
    return app.openapi_schema
