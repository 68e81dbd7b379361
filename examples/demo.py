"""The main job, in front of you: real artifacts go in, are found, and come back byte for byte."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from luml.api import LumlClient

HERE = Path(__file__).resolve().parent
SAMPLES = sorted(path for path in (HERE / "artifacts").iterdir() if path.suffix != ".json")
SCRATCH = HERE.parent / ".cache"


def sha256(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def say(text: str) -> None:
    """Tell the reader what happens next."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}")


def main() -> None:
    """Do the main job on an empty registry, and leave nothing behind."""
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="demo-") as folder:
        say("1. Start a registry on an empty directory (SQLite and local disk, no settings).")
        with LumlClient.embedded(Path(folder) / "registry") as luml:
            print(f"   {luml}")
            run(luml, Path(folder))
        say("6. The registry is stopped, its directory removed. To start one for good:")
        print("   .venv/bin/luml up          # then: luml upload FILE, luml ls, luml download NAME")


def run(luml: LumlClient, folder: Path) -> None:
    """Upload, list, get, download, compare."""
    say(f"2. Upload {len(SAMPLES)} real artifacts.")
    for path in SAMPLES:
        artifact = luml.artifacts.upload(str(path), tags=["demo"], progress=False)
        print(
            f"   {artifact.name:28} {artifact.type:11} {artifact.size:>7} bytes  {artifact.status}"
        )

    say("3. List them by the metric F1, best first; those without it come last.")
    for artifact in luml.artifacts.list_all(sort_by="F1"):
        print(f"   {artifact.name:28} F1 = {artifact.metrics.get('F1', '-')}")

    wanted = "churn_classification.dfs"
    say(f"4. Get {wanted} by its name, and download it.")
    found = luml.artifacts.get(wanted)
    if found is None:
        raise SystemExit(f"{wanted} is not there")
    target = folder / "came-back.dfs"
    luml.artifacts.download(found.id, str(target), progress=False)
    print(f"   id {found.id}")

    say("5. Compare: the bytes that came back are the bytes that went in.")
    sent, recorded, received = sha256(HERE / "artifacts" / wanted), found.file_hash, sha256(target)
    for name, digest in (("sent", sent), ("recorded", recorded), ("received", received)):
        print(f"   SHA-256 {name:9} {digest}")
    if not sent == recorded == received:
        raise SystemExit("   They differ. This must never happen; please report it.")
    print("   They are the same.")


if __name__ == "__main__":
    main()
