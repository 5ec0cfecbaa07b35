"""The guides are true: their files are written and their commands run, in order, in a workspace of their own."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from francecloud.main import run

GUIDES = Path(__file__).resolve().parent.parent / "docs/guides"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("page", ["qualite.md", "questionnaire.md"])
def test_the_commands_of_a_guide_do_what_it_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = 0
    for kind, name, body in BLOCK.findall((GUIDES / page).read_text(encoding="utf-8")):
        if kind == "console":
            for line in body.splitlines():
                _run(line.removeprefix("$ francecloud "))
                done += 1
        elif name:
            Path(name).write_text(body, encoding="utf-8")
    assert done > 5
    assert Path("dataset/applications.csv").is_file()
    if page == "questionnaire.md":
        assert "vie_privee" in Path("decisions/assessments/APP-1.yaml").read_text(encoding="utf-8")


def _run(line: str) -> None:
    command, _arrow, target = line.partition(" > ")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run([*shlex.split(command), "--lang", "fr"])
    assert code == 0, line
    if target:
        Path(target).write_text(out.getvalue(), encoding="utf-8")
