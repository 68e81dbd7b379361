"""The real artifacts and what is expected of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from luml.files import artifact_type_of, read_artifact

SAMPLES = Path(__file__).parents[3] / "examples" / "artifacts"
EXPECTED = sorted(SAMPLES.glob("*.expected.json"))


def expected_metrics(want: dict[str, Any]) -> dict[str, Any]:
    """Sidecars and the key ``tags`` are read: rule 6 of format, section 9."""
    widened = want.get("extra_values_with_sidecars_and_tags_key")
    metrics: dict[str, Any] = want["extra_values"] if widened is None else widened
    return metrics


def test_there_are_six() -> None:
    assert len(EXPECTED) == 6


@pytest.mark.parametrize("expectation", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_sample_reads_as_expected(expectation: Path) -> None:
    want = json.loads(expectation.read_text())
    path = SAMPLES / want["file"]
    found = read_artifact(path)
    assert found.file_name == want["file"]
    assert found.size == want["size"]
    assert found.file_index == {name: tuple(place) for name, place in want["file_index"].items()}
    assert found.manifest == want["manifest"]
    assert found.metrics == expected_metrics(want)
    assert found.type == want["type"]
    assert found.dropped_metrics == ()
    assert artifact_type_of(found.manifest, found.file_index) is found.type


@pytest.mark.parametrize("expectation", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_index_points_at_the_bytes_of_the_members(expectation: Path) -> None:
    want = json.loads(expectation.read_text())
    data = (SAMPLES / want["file"]).read_bytes()
    index = read_artifact(SAMPLES / want["file"]).file_index
    digests = {
        name: hashlib.sha256(data[offset : offset + size]).hexdigest()
        for name, (offset, size) in index.items()
    }
    assert digests == want["member_sha256"]
