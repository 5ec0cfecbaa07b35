"""Plain pulumi in a folder, with the language host: programs, dynamic resources, policy packs, and no orphan."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from stacks.engine import find_engine

pytestmark = pytest.mark.needs("engine")
PROGRAM = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("made", {"text": props["text"].upper()})


class Thing(Resource):
    text: pulumi.Output[str]

    def __init__(self, name, text):
        super().__init__(Provider(), name, {"text": text})


pulumi.export("text", Thing("thing", "bonjour").text)
"""
PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

PolicyPack("essai", [ResourceValidationPolicy(
    "rien-de-dynamique", "aucune ressource dynamique", lambda args, report: report("refusée")
    if args.resource_type.startswith("pulumi-python:") else None, EnforcementLevel.MANDATORY)])
"""
SLOW = "import time\nopen('begun', 'w').close()\ntime.sleep(600)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "project/Pulumi.yaml").write_text("name: essai\nruntime: python\n")
    (tmp_path / "project/__main__.py").write_text(PROGRAM)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    engine = find_engine()
    assert engine is not None
    more = {"PULUMI_BACKEND_URL": f"file://{folder}/state", "PULUMI_CONFIG_PASSPHRASE": "essai"}
    return {**engine.environment(), **more}


def pulumi(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["pulumi", *words, "--non-interactive"], cwd=folder / "project", env=environment(folder), capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip


def test_up_and_destroy_with_a_dynamic_resource(folder: Path) -> None:
    assert pulumi(folder, "stack", "init", "s").returncode == 0
    made = pulumi(folder, "up", "--yes", "-s", "s")
    assert made.returncode == 0, made.stdout + made.stderr
    assert json.loads(pulumi(folder, "stack", "output", "--json", "-s", "s").stdout) == {"text": "BONJOUR"}
    assert pulumi(folder, "destroy", "--yes", "-s", "s").returncode == 0


def test_a_policy_pack_in_a_folder_refuses(folder: Path) -> None:
    pack = folder / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(PACK)
    assert pulumi(folder, "stack", "init", "s").returncode == 0
    refused = pulumi(folder, "preview", "-s", "s", "--policy-pack", str(pack))
    assert refused.returncode != 0
    assert "rien-de-dynamique" in refused.stdout + refused.stderr


def test_a_killed_command_leaves_no_process_behind(folder: Path) -> None:
    (folder / "project/__main__.py").write_text(SLOW)
    assert pulumi(folder, "stack", "init", "s").returncode == 0
    process = subprocess.Popen(
        ["pulumi", "preview", "-s", "s", "--non-interactive"], cwd=folder / "project", env=environment(folder),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: (folder / "project/begun").exists())
        assert of(folder)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_for(lambda: not of(folder))


def of(folder: Path) -> list[int]:
    """Processes that work in the folder or have it in their environment or command line, but this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(int(entry.name))
    return found


def wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)
