"""SDK, command and plugin go together: one place says their versions, and nothing drifts from it."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

from stacks.engine import versions

ROOT = Path(__file__).resolve().parents[3]
ENGINE = ROOT / "stacks/engine"


def required(module: str, folder: str) -> str:
    found = re.search(
        rf"^\s*(?:require )?{re.escape(module)} v(\S+)", (ENGINE / folder / "go.mod").read_text(), re.MULTILINE
    )
    assert found, module
    return found[1]


def test_the_installed_distributions_are_those_of_the_engine() -> None:
    assert version("pulumi") == versions.PULUMI
    assert version("pulumi-openstack") == versions.OPENSTACK


def test_the_project_asks_for_them_exactly() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"pulumi=={versions.PULUMI}" in project["dependencies"]
    assert f"pulumi-openstack=={versions.OPENSTACK}" in project["dependencies"]


def test_the_command_is_built_from_the_same_version() -> None:
    assert required("github.com/pulumi/pulumi/pkg/v3", "cli") == versions.PULUMI
    assert required("github.com/pulumi/pulumi/sdk/v3", "cli") == versions.PULUMI
