"""The metrics that metadata entries carry (format, section 3 and rules 6 and 7 of section 9)."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from luml.errors import FileError
from luml.files.json_text import check_encodable, is_array, is_object
from luml.files.limits import MAX_METRIC_KEY, MAX_METRICS

_FALCON: Final = ("falcon.beastbyte.ai", "falcon.fnnx.ai")
_TASKS: Final = ("tabular_classification", "tabular_regression")
TABULAR_TAGS: Final = frozenset(
    f"{space}::{task}:v1" for space in ("dataforce.studio", *_FALCON) for task in _TASKS
)
TABULAR_METRIC_TAGS: Final = frozenset(
    f"{space}::{task}_metrics:v1" for space in _FALCON for task in _TASKS
)
REGISTRY_METRIC_TAGS: Final = frozenset(("dataforce.studio::registry_metrics:v1",))
_SPLITS: Final = ("eval_holdout", "eval", "eval_cv")
_ROW_COUNT: Final = "N_SAMPLES"


class Metrics(NamedTuple):
    """Metric values by key, and the keys that were dropped because a limit forbids them."""

    values: dict[str, Any]
    dropped: tuple[str, ...]


def read_metrics(producer_tags: Iterable[Any], entries: Iterable[Any]) -> Metrics:
    """Return the metrics of an artifact.

    Args:
        producer_tags: ``producer_tags`` of the manifest.
        entries: The metadata entries in their order; one that cannot be used is skipped.

    Returns:
        Numbers, text, booleans and nested values by key. NaN and the infinities become the texts
        "NaN", "Infinity" and "-Infinity". At most 1,000 keys of at most 128 characters; the rest
        is in ``dropped``.
    """
    tabular: Any = None
    registered: dict[str, Any] = {}
    has_tabular = has_registered = False
    for tags, metrics in _tagged_metrics(entries):
        if not has_tabular and tags & TABULAR_METRIC_TAGS:
            tabular, has_tabular = metrics, True
        if not has_registered and tags & REGISTRY_METRIC_TAGS and is_object(metrics):
            registered, has_registered = metrics, True
    is_tabular = any(isinstance(tag, str) and tag in TABULAR_TAGS for tag in producer_tags)
    found = _performance(tabular) if is_tabular else None
    return _limited(registered if found is None else found)


def _tagged_metrics(entries: Iterable[Any]) -> Iterator[tuple[set[str], Any]]:
    """Yield tags and metrics of the entries that can be used."""
    for entry in entries:
        payload = entry.get("payload") if is_object(entry) else None
        if is_object(payload):
            tags = entry["producer_tags"] if "producer_tags" in entry else entry.get("tags")
            if is_array(tags):
                yield {tag for tag in tags if isinstance(tag, str)}, payload.get("metrics")


def _performance(metrics: Any) -> dict[str, Any] | None:
    """Return what a tabular entry says; None where it says nothing of performance."""
    performance = metrics.get("performance") if is_object(metrics) else None
    if not is_object(performance) or not performance:
        return None
    for split in _SPLITS:
        values = performance.get(split)
        if is_object(values) and values:
            return {key: value for key, value in values.items() if key != _ROW_COUNT}
    return {}


def _limited(metrics: Mapping[str, Any]) -> Metrics:
    values: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in metrics.items():
        if len(values) < MAX_METRICS and _is_allowed(key, value):
            values[key] = plain_value(value)
        else:
            dropped.append(key)
    return Metrics(values, tuple(dropped))


def _is_allowed(key: str, value: Any) -> bool:
    if len(key) > MAX_METRIC_KEY or "\0" in key:
        return False
    try:
        check_encodable([key, value])
    except FileError:
        return False
    return True


def plain_value(value: Any) -> Any:
    """Return ``value`` with numbers that JSON cannot hold as the texts that name them."""
    if is_object(value):
        return {key: plain_value(child) for key, child in value.items()}
    if is_array(value):
        return [plain_value(child) for child in value]
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return "Infinity" if value > 0 else "-Infinity"
    if not isinstance(value, float) or math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
