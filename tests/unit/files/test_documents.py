"""The JSON members: manifest, patches, metadata (format, sections 2 and 9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from luml.errors import FileError
from luml.files import artifact_type_of, normalise_manifest, read_artifact
from luml.files.limits import MAX_METADATA_BYTES, MAX_PATCH_OPERATIONS, MAX_SIDECARS
from luml.files.manifest import MODEL_FILES
from luml.models import ArtifactType
from tests.unit.files.archives import DATASET, END, MODEL, dataset, document, member, model, write

MANIFEST = json.dumps(DATASET).encode()
REGISTRY = "dataforce.studio::registry_metrics:v1"


def manifest_of(directory: Path, content: bytes) -> dict[str, Any]:
    return read_artifact(write(directory, content)).manifest


def with_manifest(text: bytes) -> bytes:
    return member(b"manifest.json", text) + END


def with_payload(text: bytes) -> bytes:
    return with_manifest(MANIFEST.replace(b'"payload": {}', b'"payload": {"a": ' + text + b"}"))


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (with_manifest(b""), "is not JSON"),
        (with_manifest(b"{"), "is not JSON"),
        (with_manifest(b"{}x"), "is not JSON"),
        (with_manifest(b"[]"), "is not a JSON object"),
        (with_manifest(b"1"), "is not a JSON object"),
        (with_manifest(b"{}"), "fits no form"),
        (with_manifest(MANIFEST.decode().encode("utf-16")), "is not UTF-8"),
        (with_manifest(MANIFEST + b"\xff"), "is not UTF-8"),
        (with_payload(b"NaN"), "NaN is no JSON number"),
        (with_payload(b"-Infinity"), "-Infinity is no JSON number"),
        (with_payload(b"1e999"), "too big"),
        (with_payload(b"1" * 5000), "is not JSON"),
        (with_payload(rb'"\ud800"'), "half a surrogate pair"),
        (with_payload(rb'{"\udfff": 1}'), "half a surrogate pair"),
        (with_payload(nested(63)), "deeper than 64"),
        (with_payload(nested(200_000)), "deeper than 64"),
        (with_payload(b"[" + b"[]," * 60_000 + b"1]"), "more than 100,000 values"),
        (with_payload(b'"' + b"x" * MAX_METADATA_BYTES + b'"'), "at most 4,194,304"),
        (with_payload(b'"\\' * 100_000), "is not JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_manifests_that_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileError, match=reason) as caught:
        read_artifact(write(tmp_path, content))
    assert "'manifest.json'" in caught.value.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (nested(62), json.loads(nested(62))),
        (rb'"\ud83d\ude00"', "😀"),
        (b'"[[[[\\"{{{{"', '[[[["{{{{'),
        (b'"\\\\"', "\\"),
        (b'{"b": 1, "b": 2}', {"b": 2}),
    ],
)
def test_values_that_are_taken(tmp_path: Path, text: bytes, value: Any) -> None:
    assert manifest_of(tmp_path, with_payload(text))["payload"] == {"a": value}


def test_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    assert manifest_of(tmp_path, with_manifest(b"\xef\xbb\xbf" + MANIFEST)) == DATASET


def test_unknown_keys_stay(tmp_path: Path) -> None:
    assert manifest_of(tmp_path, model({"schema": 1}))["schema"] == 1


def patched(*patches: Any) -> bytes:
    pieces = (document(f"manifest-{n}.patch.json", patch) for n, patch in enumerate(patches))
    return dataset(document("a/manifest-x.patch.json", "of no matter"), *pieces)


def test_patches_apply_in_byte_order_of_their_names(tmp_path: Path) -> None:
    def patch(name: str, value: str) -> bytes:
        operations = [{"op": "replace", "path": "/variant", "value": value}]
        return document(f"manifest-{name}.patch.json", operations)

    content = dataset(patch("a", "second"), patch("ä", "third"), patch("Z", "first"))
    assert manifest_of(tmp_path, content)["variant"] == "third"


def test_patch_operations(tmp_path: Path) -> None:
    steps = [
        {"op": "add", "path": "/payload/a~1b", "value": [1, 3]},
        {"op": "add", "path": "/payload/a~1b/1", "value": 2},
        {"op": "add", "path": "/payload/a~1b/-", "value": 4},
        {"op": "replace", "path": "/payload/a~1b/0", "value": {"~": 0}},
        {"op": "replace", "path": "/payload/a~1b/0/~0", "value": None},
    ]
    assert manifest_of(tmp_path, patched(steps))["payload"] == {"a/b": [{"~": None}, 2, 3, 4]}


def test_patch_of_the_whole_manifest(tmp_path: Path) -> None:
    whole = DATASET | {"artifact_type": "experiment"}
    content = patched([{"op": "replace", "path": "", "value": whole}])
    assert read_artifact(write(tmp_path, content)).type is ArtifactType.EXPERIMENT


DEEPER = [{"op": "add", "path": "/payload/a", "value": json.loads(nested(60))}]
DEEPEST = [{"op": "add", "path": "/payload/a" + "/0" * 40, "value": json.loads(nested(60))}]


FAULTY_PATCHES: list[tuple[Any, str]] = [
    (({},), "not an array"),
    (([1],), "needs op, path and value"),
    (([{"op": "add", "path": "/a"}],), "needs op, path and value"),
    (([{"op": "remove", "path": "/variant", "value": 1}],), "only add and replace"),
    (([{"op": ["add"], "path": "/variant", "value": 1}],), "only add and replace"),
    (([{"op": "add", "path": "variant", "value": 1}],), "no JSON pointer"),
    (([{"op": "add", "path": None, "value": 1}],), "no JSON pointer"),
    (([{"op": "add", "path": "/a" * 65, "value": 1}],), "deeper than 64"),
    (([{"op": "replace", "path": "/nothing", "value": 1}],), "leads nowhere at 'nothing'"),
    (([{"op": "add", "path": "/no/thing", "value": 1}],), "leads nowhere at 'no'"),
    (([{"op": "add", "path": "/producer_tags/1", "value": 1}],), "leads nowhere"),
    (([{"op": "add", "path": "/producer_tags/00", "value": 1}],), "leads nowhere"),
    (([{"op": "add", "path": "/producer_tags/²", "value": 1}],), "leads nowhere"),
    (([{"op": "replace", "path": "/producer_tags/0", "value": 1}],), "leads nowhere"),
    (([{"op": "replace", "path": "/producer_tags/-", "value": 1}],), "leads nowhere"),
    (([{"op": "add", "path": "/variant/a", "value": 1}],), "leads nowhere"),
    (([{"op": "replace", "path": "", "value": 1}],), "not a JSON object"),
    (([{"op": "replace", "path": "/variant", "value": 1}],), "fits no form"),
    ((DEEPER, DEEPEST), "deeper than 64"),
    (
        [[{"op": "add", "path": f"/{n}", "value": "x" * 3_000_000}] for n in range(2)],
        "patched",
    ),
    (([{"op": "add", "path": "/a", "value": 1}] * (MAX_PATCH_OPERATIONS + 1),), "more than"),
]


@pytest.mark.parametrize(
    ("patches", "reason"),
    FAULTY_PATCHES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_patches_that_are_refused(tmp_path: Path, patches: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        read_artifact(write(tmp_path, patched(*patches)))


@pytest.mark.parametrize("name", ["meta.json", "meta-0a.json", "meta-.json"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [(b"", "not JSON"), (b"{}", "not a JSON array"), (b"[\xff]", "UTF-8"), (nested(65), "deeper")],
)
def test_metadata_that_is_refused(tmp_path: Path, name: str, text: bytes, reason: str) -> None:
    with pytest.raises(FileError, match=f"'{name}' .*{reason}"):
        read_artifact(write(tmp_path, dataset(member(name.encode(), text))))


def test_metadata_elsewhere_is_not_read(tmp_path: Path) -> None:
    names = (b"a/meta.json", b"meta-a/b.json", b"meta.json.bak", b"xmeta-a.json", b"Meta.json")
    read_artifact(write(tmp_path, dataset(*(member(name, b"{") for name in names))))


def test_metadata_has_limits(tmp_path: Path) -> None:
    many = (member(b"meta-%d.json" % number, b"[]") for number in range(MAX_SIDECARS + 1))
    with pytest.raises(FileError, match="more than 1,000 files"):
        read_artifact(write(tmp_path, dataset(*many)))
    big = b'["' + b"x" * (MAX_METADATA_BYTES - 4) + b'"]'
    read_artifact(write(tmp_path, dataset(member(b"meta.json", big))))
    with pytest.raises(FileError, match="at most 4,194,304 are allowed"):
        read_artifact(write(tmp_path, dataset(member(b"meta.json", big + b" "))))
    sidecars = (member(b"meta-%d.json" % number, big) for number in range(4))
    with pytest.raises(FileError, match="16,777,216 bytes together"):
        read_artifact(write(tmp_path, dataset(*sidecars)))


def entry(value: Any, key: str = "producer_tags") -> dict[str, Any]:
    return {key: [REGISTRY], "payload": {"metrics": value}}


def test_meta_json_comes_before_the_sidecars_in_byte_order(tmp_path: Path) -> None:
    late = document("meta-a.json", [entry({"from": "a"}, "tags")])
    early = document("meta-Z.json", [entry({"from": "Z"}, "tags")])
    assert read_artifact(write(tmp_path, dataset(late, early))).metrics == {"from": "Z"}
    first = document("meta.json", [{"id": 1}, None, entry({"from": "meta"})])
    assert read_artifact(write(tmp_path, dataset(late, first))).metrics == {"from": "meta"}


@pytest.mark.parametrize("artifact_type", list(ArtifactType))
def test_stated_type(artifact_type: ArtifactType) -> None:
    assert artifact_type_of(DATASET | {"artifact_type": artifact_type.value}, ()) is artifact_type


def test_type_of_a_model_follows_from_its_root_files() -> None:
    assert artifact_type_of(MODEL, MODEL_FILES) is ArtifactType.MODEL
    for name in MODEL_FILES:
        with pytest.raises(FileError, match=f"lacks {name}"):
            artifact_type_of(MODEL, set(MODEL_FILES) - {name})


def test_type_that_is_unknown_or_badly_stated() -> None:
    with pytest.raises(FileError, match="'notebook'; known are model, dataset, experiment"):
        artifact_type_of(DATASET | {"artifact_type": "notebook"}, MODEL_FILES)
    with pytest.raises(FileError, match="payload"):
        artifact_type_of(MODEL | {"artifact_type": "dataset"}, ())
    assert artifact_type_of(MODEL | {"artifact_type": 7}, MODEL_FILES) is ArtifactType.MODEL


PORT = {"name": "x", "content_type": "NDJSON", "dtype": "Array[float]", "shape": ["batch", 1]}


def test_optional_keys_are_filled_and_unknown_ones_stay() -> None:
    manifest = MODEL | {"inputs": [PORT], "env_vars": [{"name": "A"}], "schema": {"a": 1}}
    assert normalise_manifest(manifest) == manifest | {
        "name": None,
        "version": None,
        "description": None,
        "inputs": [PORT | {"tags": None}],
        "env_vars": [{"name": "A", "tags": None}],
    }
    assert normalise_manifest(DATASET | {"name": "d"})["name"] == "d"


FAULTY_CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"variant": 1}, "variant"),
    ({"producer_tags": "a"}, "producer_tags"),
    ({"producer_tags": [1]}, "producer_tags.0"),
    ({"name": 1}, "name"),
    ({"inputs": {}}, "inputs"),
    ({"inputs": [1]}, "inputs.0"),
    ({"inputs": [PORT | {"dtype": "float"}]}, "dtype"),
    ({"inputs": [PORT | {"shape": [1.5]}]}, "shape"),
    ({"outputs": [PORT | {"content_type": "XML"}]}, "outputs.0"),
    ({"env_vars": [{}]}, "env_vars.0.name"),
]


@pytest.mark.parametrize(("change", "where"), FAULTY_CHANGES)
def test_manifest_that_fits_no_form(change: dict[str, Any], where: str) -> None:
    with pytest.raises(FileError, match=f"fits no form of a manifest: {where}|{where}"):
        normalise_manifest(MODEL | change)


def test_json_port_needs_no_shape() -> None:
    port = {"name": "x", "content_type": "JSON", "dtype": "ext::thing"}
    normalise_manifest(MODEL | {"outputs": [port]})


def test_depth_of_a_manifest_from_a_request() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(FileError, match="deeper"):
        normalise_manifest(DATASET | {"payload": deep})
