"""The first screen: in both languages, complete, and light."""

import os
import subprocess
import sys

import pytest

from francecloud.main import VERBS, run

HEAVY = ("polars", "pulumi", "pulumi_openstack", "openstack", "boto3", "pydantic", "jinja2", "babel", "yaml")


@pytest.mark.parametrize(("lang", "word"), [("fr", "l’inventaire"), ("en", "From the inventory")])
def test_help_names_every_verb_in_both_languages(lang: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help", "--lang", lang]) == 0
    text = capsys.readouterr().out
    for verb in VERBS:
        assert f"\n  {verb} " in text
    assert word in text


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_says_what_it_does(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help", "--lang", "fr"]) == 0
    text = capsys.readouterr().out
    assert f"francecloud {verb}" in text
    assert len(text.splitlines()) > 4


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom francecloud.main import run\nrun(['--help'])\n"
        f"print('HEAVY', sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_a_misspelt_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["raport"]) == 2
