"""Routes of the server itself: health, what it can do, and its documentation."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from luml import __version__
from luml.models import ServerInfo
from luml.server.context import Caller
from luml.server.errors import Problem
from luml.server.routes.parts import json_answer
from luml.server.services.fields import BATCH
from luml.transfer.plan import SESSION_SINGLE_LIMIT

logger = logging.getLogger("luml.server")

router = APIRouter(tags=["server"])

NAME = "luml"
DOCS_FILES = "/docs/files"


@router.get("/healthz")
def get_health(context: Caller) -> Response:
    """Answer 200 when requests can be served, else 503."""
    try:
        with context.reading() as connection:
            connection.execute(text("SELECT 1 FROM users LIMIT 1"))
    except SQLAlchemyError:
        logger.exception("the database does not answer")
        raise Problem(503, "unavailable", "The database does not answer.") from None
    return json_answer({"status": "ok"})


@router.get("/server", response_model=ServerInfo)
def get_server(context: Caller) -> Response:
    """Say which extensions of the wire this registry has (wire, section 7)."""
    settings = context.registry.settings
    if not settings.extensions:
        raise Problem(404, "not_found", "Not Found")
    limits = {
        "max_artifact_size": settings.max_artifact_size,
        "max_body_size": settings.max_body_size,
        "max_page": 100,
        "max_batch": BATCH,
        "multipart_from": SESSION_SINGLE_LIMIT,
        "url_lifetime": settings.url_lifetime,
    }
    extensions = sorted(settings.extensions)
    return json_answer(
        {"name": NAME, "version": __version__, "extensions": extensions, "limits": limits}
    )


def add_docs(app: FastAPI) -> None:
    """Serve the OpenAPI document as pages, from files of our own, so that they work offline."""

    async def show() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url=f"{DOCS_FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{DOCS_FILES}/swagger-ui.css",
            swagger_favicon_url=f"{DOCS_FILES}/favicon-32x32.png",
        )

    app.add_api_route("/docs", show, include_in_schema=False)
    app.mount(DOCS_FILES, StaticFiles(directory=_docs_folder()), name="docs-files")


def _docs_folder() -> Path:
    """Return the folder of Swagger UI, which a package brings along; its code is not run."""
    found = find_spec("fastapi_swagger")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("fastapi_swagger is missing: install luml[server]")
    return Path(found.origin).parent / "resources"
