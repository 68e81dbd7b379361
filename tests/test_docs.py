"""What the documents say is true: examples run, settings and commands are all there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from luml.api import LumlClient
from luml.server.settings import Settings
from tests.conftest import ROOT

PYTHON_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(((?!https?:)[^)#]+)")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
)


def blocks(page: str) -> list[str]:
    return PYTHON_BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def test_the_ten_lines_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = blocks("README.md")
    assert len([line for line in example.splitlines() if line.strip()]) <= 10
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    sent = ROOT / "examples" / "artifacts" / "income_regression.fnnx"
    assert (tmp_path / "copy.fnnx").read_bytes() == sent.read_bytes()


def test_the_example_of_the_transfer_guide(
    client: LumlClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (example,) = blocks("docs/guide/transfers.md")
    sample = (ROOT / "examples" / "artifacts" / "scale_pyfunc.pyfnx").read_bytes()
    for name in ("a.fnnx", "b.fnnx"):
        (tmp_path / name).write_bytes(sample)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "transfers.md", "exec"), {"luml": client})
    assert {artifact.id for artifact in client.artifacts.list().items} == {
        line.split()[1] for line in capsys.readouterr().out.splitlines()
    }


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "guide" / "server.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`LUML_([A-Z_]+)`\s*\|", text))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        assert (page.parent / link).exists(), link


def test_the_readme_begins_with_the_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "setup"):
        assert f"make {target}" in text[:900]
        assert f"\n{target}:" in makefile
