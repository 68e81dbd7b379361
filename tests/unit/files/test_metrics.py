"""Metrics (format, section 3 and rules 6 and 7 of section 9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from luml.files import read_artifact
from luml.files.metrics import read_metrics
from tests.unit.files.archives import dataset, member, model, write

REGISTRY = "dataforce.studio::registry_metrics:v1"
TABULAR = "falcon.beastbyte.ai::tabular_regression_metrics:v1"
PRODUCER = ["dataforce.studio::tabular_classification:v1"]
HOLDOUT = {"R2": 0.5, "N_SAMPLES": 10}


def registry(metrics: Any) -> dict[str, Any]:
    return {"producer_tags": [REGISTRY], "payload": {"metrics": metrics}}


def tabular(performance: Any, tag: str = TABULAR) -> dict[str, Any]:
    return {"producer_tags": [tag], "payload": {"metrics": {"performance": performance}}}


@pytest.mark.parametrize(
    ("performance", "values"),
    [
        ({"eval_holdout": HOLDOUT, "eval": {"R2": 1}, "eval_cv": {"R2": 2}}, {"R2": 0.5}),
        ({"eval_holdout": {}, "eval": {"R2": 1}, "eval_cv": {"R2": 2}}, {"R2": 1}),
        ({"eval_cv": {"R2": 2, "N_SAMPLES": 3}}, {"R2": 2}),
        ({"eval_holdout": {"N_SAMPLES": 3}, "eval": {"R2": 1}}, {}),
        ({"train": {"R2": 1}}, {}),
        ({"eval_holdout": [1], "eval_cv": {"R2": 2}}, {"R2": 2}),
        ({}, {"from": "registry"}),
        (None, {"from": "registry"}),
        ([1], {"from": "registry"}),
    ],
)
def test_tabular_performance(performance: Any, values: dict[str, Any]) -> None:
    entries = [registry({"from": "registry"}), tabular(performance)]
    assert read_metrics(PRODUCER, entries).values == values


@pytest.mark.parametrize("space", ["dataforce.studio", "falcon.beastbyte.ai", "falcon.fnnx.ai"])
@pytest.mark.parametrize("metric_space", ["falcon.beastbyte.ai", "falcon.fnnx.ai"])
@pytest.mark.parametrize("task", ["tabular_classification", "tabular_regression"])
def test_namespaces(space: str, metric_space: str, task: str) -> None:
    entries = [tabular({"eval": {"a": 1}}, f"{metric_space}::{task}_metrics:v1")]
    assert read_metrics([f"{space}::tabular_regression:v1"], entries).values == {"a": 1}


def test_tags_compare_by_exact_equality() -> None:
    entries = [tabular({"eval": {"a": 1}}), registry({"b": 2})]
    for tag in ("dataforce.studio::tabular_regression:v2", "x dataforce.studio::tabular_", 7):
        assert read_metrics([tag], entries).values == {"b": 2}


def test_first_matching_entry_counts_and_unusable_ones_are_skipped() -> None:
    unusable: list[Any] = [
        None, 1, [], {}, {"producer_tags": [REGISTRY]}, registry(None), registry([1]),
        {"producer_tags": REGISTRY, "payload": {"metrics": {"a": 0}}},
        {"producer_tags": [[REGISTRY], {}], "payload": {"metrics": {"a": 0}}},
        {"producer_tags": [REGISTRY], "payload": [1]},
        {"producer_tags": None, "tags": [REGISTRY], "payload": {"metrics": {"a": 0}}},
    ]  # fmt: skip
    assert read_metrics([], [*unusable, registry({"a": 1}), registry({"a": 2})]).values == {"a": 1}


def test_values_that_json_cannot_hold(tmp_path: Path) -> None:
    text = (
        '{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e999, "e": -1e999, "f": HUGE, "g": -HUGE,'
        ' "h": 1, "i": true, "j": "text", "k": [NaN, {"x": Infinity}], "l": null, "m": 1.5}'
    ).replace("HUGE", "9" * 400)
    meta = f'[{{"tags": ["{REGISTRY}"], "payload": {{"metrics": {text}}}}}]'
    found = read_artifact(write(tmp_path, dataset(member(b"meta.json", meta.encode())))).metrics
    assert found == {
        "a": "NaN", "b": "Infinity", "c": "-Infinity", "d": "Infinity", "e": "-Infinity",
        "f": "Infinity", "g": "-Infinity", "h": 1, "i": True, "j": "text",
        "k": ["NaN", {"x": "Infinity"}], "l": None, "m": 1.5,
    }  # fmt: skip
    assert type(found["h"]) is int
    assert found["i"] is True
    json.dumps(found, allow_nan=False)


def test_keys_over_the_limits_are_dropped_and_named() -> None:
    metrics = {"x" * 128: 1, "y" * 129: 2, "nul\0": 3, "\ud800": 4, "half": "\udfff", "": 5}
    found = read_metrics([], [registry(metrics)])
    assert found.values == {"x" * 128: 1, "": 5}
    assert found.dropped == ("y" * 129, "nul\0", "\ud800", "half")
    many = read_metrics([], [registry({str(number): number for number in range(1002)})])
    assert len(many.values) == 1000
    assert many.dropped == ("1000", "1001")


def test_dropped_keys_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = read_artifact(write(tmp_path, model(meta=[registry({"k" * 200: 1, "a": 2})])))
    assert found.metrics == {"a": 2}
    assert found.dropped_metrics == ("k" * 200,)
    (warning,) = caplog.records
    assert warning.levelname == "WARNING"
    assert f"{tmp_path / 'a.luml'}: metrics are left out" in warning.getMessage()
    assert "k" * 100 in warning.getMessage()
