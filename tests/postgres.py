"""A PostgreSQL cluster of the tests' own, in a new directory, gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from luml.server.db.engine import open_database
from tools.services import ensure_postgresql

USER = "luml"
SERVICE_USER = "postgres"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "autovacuum_naptime": "5s",
}
"""No durability: a cluster lives as long as its tests."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster, which answers on a socket in its directory."""

    directory: Path

    def url(self, name: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://{USER}@/{name}?host={self.directory}"

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"luml_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def run(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        database = open_database(self.url("postgres"))
        with database.engine.connect() as plain:
            plain.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))
        database.close()


def _as_service(command: Sequence[str | Path]) -> None:
    """Run a program as a user that PostgreSQL accepts: it does not run as root."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", SERVICE_USER, "--", *words]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"


@contextmanager
def running_cluster() -> Generator[Cluster, None, None]:
    """Yield a cluster; its socket's path must be short, so it is not in pytest's directories."""
    programs = ensure_postgresql()
    directory = Path(tempfile.mkdtemp(prefix="luml-pg-"))
    if os.geteuid() == 0:
        shutil.chown(directory, SERVICE_USER)
    data, log = directory / "data", directory / "log"
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w"]
    try:
        initdb: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "-N",
        ]
        _as_service([*initdb, "-E", "UTF8", "--locale=C.UTF-8"])
        _as_service([*control, "-l", log, "-o", f"{options} -k {directory}", "start"])
        try:
            yield Cluster(directory)
        finally:
            _as_service([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(directory)
