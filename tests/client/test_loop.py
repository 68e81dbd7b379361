"""No call of the async half blocks its event loop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import asyncio, sys, threading
from luml.api import AsyncLumlClient
from luml.api._config import Profile, save_profile
import luml.server.run  # what comes after must not count imports as blocking

loop_thread = threading.get_ident()
watching, opened = False, []

def watch(event, arguments):
    if watching and threading.get_ident() == loop_thread:
        if event in {"open", "os.listdir", "os.scandir", "os.mkdir", "os.rename"}:
            name = str(arguments[0])
            if not name.endswith((".py", ".pyc", ".so")) and "__pycache__" not in name:
                opened.append((event, name))
        if event in {"sqlite3.connect", "socket.getaddrinfo", "time.sleep"}:
            opened.append((event, arguments))

sys.addaudithook(watch)

async def main(folder, sample):
    global watching
    watching = True
    async with AsyncLumlClient.embedded(folder + "/registry") as luml:
        artifact = await luml.artifacts.upload(sample, name="m")
        await luml.artifacts.download(artifact.id, folder + "/copy.fnnx")
        assert [item.id async for item in luml.artifacts.list_all()] == [artifact.id]
        key = luml.session.connect().connection.api_key
        await asyncio.to_thread(save_profile, Profile(luml.base_url, key))
        plain = AsyncLumlClient()
        await plain.setup_config()
        assert plain.organization == luml.organization
        await plain.aclose()
        await luml.artifacts.delete(artifact.id)
    watching = False

asyncio.run(main(*sys.argv[1:]))
print(opened)
"""


def test_nothing_is_opened_on_the_loop(tmp_path: Path, samples: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path), str(samples / "income_regression.fnnx")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LUML_CONFIG_DIR": str(tmp_path / "config")},
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "[]"
