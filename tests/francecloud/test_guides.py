"""The guides whose commands are run as they are written, in a workspace made of the demo's sample."""

import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from francecloud.demo.sample import lay_sample
from francecloud.main import run
from inventory.importing import import_files
from inventory.workspace import Workspace

GUIDES = Path(__file__).resolve().parents[2] / "docs/guides"
DAY = date(2026, 11, 23)


def commands(page: str) -> Iterator[str]:
    text = (GUIDES / page).read_text(encoding="utf-8")
    for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL):
        yield from (line.split("#")[0].strip() for line in block.splitlines() if line.startswith("francecloud "))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("guide")
    lay_sample(root)
    (root / "francecloud.toml").write_text("")
    assert not import_files(sorted((root / "sources").glob("*.*")), Workspace(root), today=DAY).refused
    return root


@pytest.mark.parametrize("line", list(commands("expliquer.md")))
def test_the_guide_s_commands_run(
    line: str, sample: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sample)
    monkeypatch.setenv("FRANCECLOUD_AS_OF", DAY.isoformat())
    assert run(shlex.split(line)[1:]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out.strip()


def test_what_the_guide_says_of_fc_05_is_so(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["whatif", "--without", "FC-05", "--workspace", str(sample), "--as-of", DAY.isoformat(), "--lang", "fr"]
    assert run(words) == 0
    assert "partout où FC-05 pèse, pèsent aussi : FC-04" in capsys.readouterr().out
