"""What a kill leaves half-written beside a state or a lock never keeps the state from being read."""

import os
import time
from typing import Any

import pytest


@pytest.mark.needs("engine")
def test_torn_files_keep_no_state_from_being_read(target: Any, engine: Any, passphrase: None) -> None:
    from stacks.run.session import opened, state_file

    with opened(target, engine, create=True) as session:
        before = session.export()
    state = state_file(target)
    assert state is not None
    pulumi = state.parents[2]
    assert not list(pulumi.rglob("*.attrs")), "what is written in place can be torn"
    locks = pulumi / "locks/organization" / target.project / target.stack
    locks.mkdir(parents=True, exist_ok=True)
    torn = [state.with_name(f"{state.name}.attrs"), locks / "a.json.attrs", locks / "a.json.18eb64e4a275cec2.tmp"]
    for path in torn:
        path.touch()
    being_written = locks / "b.json.18eb64e4a275ced2.tmp"
    being_written.touch()
    os.utime(torn[-1], times=(time.time() - 3600,) * 2)
    with opened(target, engine) as session:
        assert session.export() == before
    assert [path for path in torn if path.exists()] == []
    assert being_written.exists()
