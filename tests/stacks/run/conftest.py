"""What the driver's tests share: a workspace, the engine, the lab's clouds."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

DAY = date(2026, 11, 23)


@pytest.fixture
def target(tmp_path: Path) -> Any:
    """A stack of a bare workspace."""
    from inventory.workspace import open_workspace
    from stacks.run.target import Target

    (tmp_path / "francecloud.toml").write_text('[workspace]\nname = "essai"\n', encoding="utf-8")
    return Target(open_workspace(tmp_path), "landing_zone", "essai", DAY)


@pytest.fixture(scope="session")
def engine() -> Any:
    """The engine of this machine; use with ``@pytest.mark.needs("engine")``."""
    from stacks.engine import find_engine

    return find_engine()


@pytest.fixture
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "essai")


@pytest.fixture
def said() -> list[str]:
    """What the driver says, as a list to look into; its ``append`` is the way to say."""
    return []


@pytest.fixture(scope="session")
def cloud() -> Iterator[Any]:
    from stacks.lab import lab_clouds_file
    from stacks.run.recovery.cloud import connect

    before = os.environ.get("OS_CLIENT_CONFIG_FILE")
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(lab_clouds_file())
    os.environ["PULUMI_CONFIG_PASSPHRASE"] = "essai"
    yield connect({"cloud": "lab"})
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE")
    if before is None:
        os.environ.pop("OS_CLIENT_CONFIG_FILE")
    else:
        os.environ["OS_CLIENT_CONFIG_FILE"] = before


@pytest.fixture(scope="session")
def image(cloud: Any) -> Iterator[str]:
    made = cloud.image.create_image(
        "essai-image", disk_format="raw", container_format="bare", data=b"0" * 512, wait=True
    )
    yield made.id
    cloud.image.delete_image(made)
