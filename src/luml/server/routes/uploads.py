"""Routes of upload sessions (wire, section 7)."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["uploads"])
