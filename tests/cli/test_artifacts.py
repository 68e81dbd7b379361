"""upload, download, ls, show, update, rm."""

from __future__ import annotations

import hashlib
import os
import pty
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Command

CHURN = "churn_classification.dfs"


def files(samples: Path) -> list[str]:
    return [str(path) for path in sorted(samples.iterdir()) if path.suffix != ".json"]


def test_main_job(luml: Command, samples: Path, tmp_path: Path) -> None:
    uploaded = luml("upload", *files(samples), "--tag", "demo")
    assert (uploaded.code, uploaded.err) == (0, "")
    assert len(uploaded.out.splitlines()) == 6

    listed = luml("ls", "--sort", "F1", "--json").json
    assert [row["name"] for row in listed[:2]] == ["scale_pyfunc.pyfnx", CHURN]
    assert len(listed) == 6

    saved = luml("download", CHURN, "-o", "back.dfs", "--json").json
    original = (samples / CHURN).read_bytes()
    assert (tmp_path / "back.dfs").read_bytes() == original
    assert saved["file_hash"] == hashlib.sha256(original).hexdigest()
    assert saved["path"] == str(tmp_path / "back.dfs")

    assert luml("download", saved["id"]).code == 0
    assert (tmp_path / CHURN).read_bytes() == original


def test_list(luml: Command, samples: Path) -> None:
    luml("upload", *files(samples))
    names = [line.split()[0] for line in luml("ls", "--sort", "name", "--asc").out.splitlines()]
    assert names == ["NAME", *(Path(path).name for path in files(samples))]
    models = luml("ls", "--type", "model", "--search", "CHURN", "--json").json
    assert [one["name"] for one in models] == [CHURN]
    first = luml("ls", "--limit", "2", "--json")
    assert len(first.json) == 2
    assert "--limit N or --all" in first.err
    assert len(luml("ls", "--all", "--json").json) == 6
    assert luml("ls", "--search", "nothing").err == "luml: There are none.\n"
    assert luml("ls", "--search", "nothing", "--json").json == []


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 200])
def test_tables_fit_the_terminal(luml: Command, samples: Path, columns: int) -> None:
    luml("upload", str(samples / CHURN), "--name", "数据 " + "x" * 90)
    for command in (["ls", "--sort", "F1"], ["show", "数据 " + "x" * 90], ["keys"]):
        lines = luml(*command, COLUMNS=str(columns)).out.splitlines()
        assert max(map(len, lines)) <= columns
        assert any("F1" in line for line in lines) or command == ["keys"]


def test_names_cannot_steer_the_terminal(luml: Command, samples: Path) -> None:
    luml("upload", str(samples / CHURN), "--name", "\x1b[31mred\x1b]0;title\x07 [bold]x")
    out = luml("ls").out
    assert "\x1b" not in out
    assert "\\x1b[31mred" in out
    assert "[bold]x" in out


def test_show_update_and_remove(luml: Command, samples: Path) -> None:
    (made,) = luml("upload", str(samples / CHURN), "--name", "First", "--json").json
    shown = luml("show", "First")
    assert "ops_artifacts/onnx_main/model.onnx" in shown.out
    assert luml("show", made["id"], "--json").json["file_hash"] == made["file_hash"]

    changed = luml("update", "First", "--name", "Second", "--tag", "a", "--tag", "b", "--json").json
    assert (changed["name"], changed["tags"]) == ("Second", ["a", "b"])
    kept = luml("update", "Second", "--description", "text", "--json").json
    assert (kept["tags"], kept["description"]) == (["a", "b"], "text")
    assert luml("update", "Second", "--no-tags", "--json").json["tags"] == []

    assert luml("rm", "Second", "--json").json == {"deleted": [made["id"]]}
    assert luml("show", "Second").code == 1


def test_what_failed_is_said_and_the_rest_done(luml: Command, samples: Path) -> None:
    answer = luml("upload", "missing.fnnx", "a.zip", str(samples / CHURN), "--json")
    assert answer.code == 1
    assert [one["name"] for one in answer.json] == [CHURN]
    assert "missing.fnnx: It cannot be read: No such file" in answer.err
    assert ".fnnx, .pyfnx, .dfs, .luml, .tar" in answer.err
    removal = luml("rm", "nothing", CHURN, "--json")
    assert (removal.code, len(removal.json["deleted"])) == (1, 1)
    assert removal.err == "luml: Artifact 'nothing' was not found.\n"


def test_a_name_that_fits_several(luml: Command, samples: Path) -> None:
    made = [luml("upload", str(samples / CHURN), "--json").json[0]["id"] for _ in range(2)]
    for command in ("show", "download", "rm"):
        answer = luml(command, CHURN)
        assert answer.code == 1
        assert all(one in answer.err for one in made)
    assert luml("rm", *made).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["ls", "--sort", "nope"], 1, "Invalid sorting column: nope"),
        (["ls", "--type", "picture"], 2, "'model', 'dataset', 'experiment'"),
        (["ls", "--limit", "0"], 2, "--limit"),
        (["ls", "--limit", "many"], 2, "--limit"),
        (["ls", "--nonsense"], 2, "--nonsense"),
        (["ls", "--collection", "nope"], 1, "Collection 'nope' was not found"),
        (["ls", "--orbit", "nope"], 1, "Orbit 'nope' was not found"),
        (["ls", "--organization", "nope"], 1, "Organization 'nope' was not found"),
        (["ls", "--api-key", "luml_wrong"], 1, "401"),
        (["ls", "--api-key", "has space"], 2, "API key"),
        (["ls", "--base-url", "nonsense"], 2, "no address of a registry"),
        (["ls", "--base-url", "http://127.0.0.1:1"], 1, "refused"),
        (["show"], 2, "ARTIFACT"),
        (["show", "nope"], 1, "Artifact 'nope' was not found"),
        (["download", "nope"], 1, "Artifact 'nope' was not found"),
        (["update", "nope"], 2, "Nothing to change"),
        (["update", "nope", "--tag", "a", "--no-tags"], 2, "contradict"),
        (["upload"], 2, "FILE"),
        (["upload", "a.fnnx", "b.fnnx", "--name", "x"], 2, "one file only"),
        (["upload", "/"], 1, "suffix"),
        (["frobnicate"], 2, "frobnicate"),
    ],
    ids=str,
)
def test_nonsense(luml: Command, arguments: list[str], code: int, reason: str) -> None:
    answer = luml(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert reason in answer.err


def test_download_to_where_it_cannot_go(luml: Command, samples: Path) -> None:
    luml("upload", str(samples / CHURN))
    answer = luml("download", CHURN, "-o", "missing/folder/x.dfs")
    assert (answer.code, answer.out) == (1, "")
    assert "does not exist" in answer.err


def test_progress_on_a_terminal_only(
    luml: Command, environment: dict[str, str], samples: Path
) -> None:
    assert luml("upload", str(samples / CHURN)).err == ""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "upload", str(samples / CHURN)],
        env={**os.environ, **environment, "TERM": "xterm", "COLUMNS": "120"},
        stderr=slave,
        stdout=subprocess.PIPE,
    ) as process:
        os.close(slave)
        shown = b""
        while piece := _read(master):
            shown += piece
        assert process.wait() == 0
    os.close(master)
    assert b"61.4/61.4 kB" in shown
    assert b"0:00:0" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


@pytest.mark.parametrize("command", [["upload", "a.fnnx"], ["download", "a"]])
def test_interrupted_transfer_says_how_to_go_on(
    environment: dict[str, str], tmp_path: Path, command: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [COMMAND, *command],
            env={**os.environ, **environment, "LUML_BASE_URL": address},
            stderr=subprocess.PIPE,
            text=True,
        )
        silent.settimeout(20)
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        connection.close()
    assert process.returncode == 130
    assert "the same command goes on from there" in said
    assert "Traceback" not in said


def test_many_files_and_all_of_a_collection(luml: Command, samples: Path, tmp_path: Path) -> None:
    uploaded = luml("upload", *files(samples), "--description", "all of them", "--json").json
    assert {artifact["description"] for artifact in uploaded} == {"all of them"}
    luml("upload", str(samples / CHURN))
    saved = luml("download", "--all", "-o", "models", "--json").json
    names = sorted(Path(entry["path"]).name for entry in saved)
    assert len(names) == len(set(names)) == len(files(samples)) + 1
    for entry in saved:
        assert hashlib.sha256(Path(entry["path"]).read_bytes()).hexdigest() == entry["file_hash"]
    for wrong in (["download"], ["download", CHURN, "--all"]):
        assert luml(*wrong).code == 2


def test_abort_an_upload(luml: Command, samples: Path) -> None:
    answer = luml("upload", str(samples / CHURN), "--abort")
    assert (answer.code, "no unfinished upload" in answer.err + answer.out) == (0, True)
