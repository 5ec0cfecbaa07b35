"""Passwords of the lab: drawn once, kept in its folder for its owner only."""

from __future__ import annotations

import json
import secrets

from stacks.lab.settings import Lab, write_private

OWNERS = (
    "admin", "database", "broker", "placement", "glance", "neutron", "nova", "cinder",
    "barbican", "octavia", "designate", "swift", "key-encryption", "name-server", "object-hash",
)  # fmt: skip


def passwords(lab: Lab) -> dict[str, str]:
    """Every password by its owner (32 hexadecimal digits each), drawn on the first call."""
    path = lab.base / "passwords.json"
    try:
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    drawn = {owner: kept.get(owner) or secrets.token_hex(16) for owner in OWNERS}
    if drawn != kept:
        write_private(path, json.dumps(drawn, indent=1) + "\n")
    return drawn
