"""What the OpenStack command line prints as JSON, told by its keys: servers, hypervisors, flavours, volumes, images,
projects; as lists with the headings of the command, or as the fields of ``show`` and of the API itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.readers.json_texts import as_text

Fields = Mapping[str, tuple[str, ...]]
FIELDS: Mapping[str, Fields] = {
    "server": {
        "id": ("ID", "id"), "name": ("Name", "name"), "status": ("Status", "status"),
        "power": ("Power State", "OS-EXT-STS:power_state", "power_state"),
        "networks": ("Networks", "addresses"), "image": ("Image Name", "Image", "image"), "image_id": ("Image ID",),
        "flavor": ("Flavor Name", "Flavor", "flavor"), "flavor_id": ("Flavor ID",),
        "cluster": ("Availability Zone", "OS-EXT-AZ:availability_zone", "availability_zone"),
        "host_id": ("Host", "OS-EXT-SRV-ATTR:hypervisor_hostname", "OS-EXT-SRV-ATTR:host", "hypervisor_hostname", "compute_host"),
        "project": ("Project ID", "project_id", "tenant_id"), "created": ("Created At", "created", "created_at"),
        "volumes": ("volumes_attached", "os-extended-volumes:volumes_attached", "attached_volumes"),
    },
    "hypervisor": {
        "name": ("Hypervisor Hostname", "hypervisor_hostname", "name"), "kind": ("Hypervisor Type", "hypervisor_type"),
        "ram": ("Memory MB", "memory_mb", "memory_size"),
    },
    "volume": {
        "id": ("ID", "id"), "size": ("Size", "size"), "servers": ("Attached to", "attachments"),
        "metadata": ("volume_image_metadata",),
    },
    "flavor": {
        "id": ("ID", "id"), "name": ("Name", "name"), "ram": ("RAM", "ram"), "vcpus": ("VCPUs", "vcpus"), "disk": ("Disk", "disk"),
        "ephemeral": ("Ephemeral", "OS-FLV-EXT-DATA:ephemeral", "ephemeral"),
    },
    "image": {"id": ("ID", "id"), "name": ("Name", "name"), "metadata": ("Properties", "properties"),
              "distribution": ("os_distro",), "version": ("os_version",)},
    "project": {"id": ("ID", "id"), "name": ("Name", "name")},
}  # fmt: skip
"""For each kind of record: field → the keys it may be under, the first that is there counts."""
TARGETS: Mapping[tuple[str, str], str] = {
    ("server", "id"): "servers.uuid", ("server", "name"): "servers.name", ("server", "power"): "servers.power_state",
    ("server", "status"): "servers.power_state", ("server", "networks"): "servers.addresses", ("server", "image"): "servers.os",
    ("server", "cluster"): "servers.cluster", ("server", "host_id"): "servers.host_id", ("server", "project"): "servers.project",
    ("server", "created"): "servers.created", ("project", "name"): "servers.project", ("flavor", "vcpus"): "servers.vcpu",
    ("flavor", "ram"): "servers.ram_gib (mio)", ("flavor", "disk"): "servers.storage_gib", ("volume", "size"): "servers.storage_gib",
    ("hypervisor", "name"): "hosts.name", ("hypervisor", "ram"): "hosts.ram_gib (mio)", ("hypervisor", "kind"): "servers.hypervisor",
}  # fmt: skip
_PAIR = re.compile(r"([\w:.-]+)='([^']*)'")
_NAMED = re.compile(r"^(?P<name>.*?)\s*\((?P<id>[0-9A-Za-z-]+)\)$")
_PROJECT = {"ID", "Name", "Domain ID", "Description", "Enabled", "Parent ID"}


@dataclass(frozen=True)
class Found:
    """A record of a known kind: its fields as they are, and the keys they were under."""

    kind: str
    values: Mapping[str, Any]
    keys: Mapping[str, str]


def kind_of(record: Mapping[str, Any]) -> str | None:
    """What a record is, by its keys."""
    keys = record.keys()
    if {"ID", "Networks"} <= keys or {"id", "addresses", "flavor"} <= keys:
        return "server"
    if "Hypervisor Hostname" in keys or {"hypervisor_hostname", "hypervisor_type"} <= keys:
        return "hypervisor"
    if {"RAM", "VCPUs"} <= keys or {"ram", "vcpus", "disk"} <= keys:
        return "flavor"
    if {"Size", "Attached to"} <= keys or {"size", "attachments"} <= keys:
        return "volume"
    if {"ID", "Name", "Status"} == set(keys) or {"ID", "Disk Format"} <= keys or {"id", "disk_format"} <= keys:
        return "image"
    if ({"ID", "Name"} <= keys and keys <= _PROJECT) or {"id", "domain_id", "is_domain"} <= keys:
        return "project"
    return None


def unfolded(value: Any, row: int) -> Iterator[tuple[int, Any]]:
    """The records of a document and their number: itself, or those of its lists (``{"servers": […], "flavors": […]}``)."""
    if isinstance(value, Mapping) and kind_of(value) is None:
        inner = [v for v in value.values() if isinstance(v, list) and any(isinstance(i, Mapping) for i in v)]
        inner += [[v] for v in value.values() if isinstance(v, Mapping) and kind_of(v)]
        if inner:
            for listed in inner:
                yield from enumerate(listed, start=1)
            return
    yield row, value


def found(record: Mapping[str, Any], kind: str, ignored: frozenset[str]) -> Found:
    """A record's fields, without those people said are not to be used (``server.Image``)."""
    values: dict[str, Any] = {}
    keys: dict[str, str] = {}
    for field, names in FIELDS[kind].items():
        key = next((n for n in names if n in record), None)
        if key is not None and f"{kind}.{key}" not in ignored:
            values[field], keys[field] = record[key], key
    return Found(kind, values, keys)


def pairs(value: Any) -> Mapping[str, Any]:
    """A structure, or the same as older commands print it: ``vcpus='2', ram='4096'``."""
    if isinstance(value, Mapping):
        return value
    return dict(_PAIR.findall(value)) if isinstance(value, str) else {}


def named(value: Any) -> tuple[str | None, str | None]:
    """Name and identifier of ``m1.small``, ``m1.small (2)`` or ``{"id": "2"}``."""
    inner = pairs(value)
    if inner:
        return as_text(inner.get("original_name") or inner.get("name")), as_text(inner.get("id"))
    text = as_text(value)
    split = _NAMED.match(text) if text else None
    return (split["name"] or None, split["id"]) if split else (text, None)


def addresses(value: Any) -> list[str]:
    """The addresses of a server, however they were printed."""
    if isinstance(value, str):
        texts = re.split(r"[;,\s]+", re.sub(r"(^|;\s*)[^=;]*=", ";", value))
        return [t for t in texts if re.fullmatch(r"[0-9a-fA-F.:]+", t)]
    if not isinstance(value, Mapping):
        return []
    listed = [item for items in value.values() if isinstance(items, list) for item in items]
    texts = [as_text(item.get("addr")) if isinstance(item, Mapping) else as_text(item) for item in listed]
    return [t for t in texts if t and re.fullmatch(r"[0-9a-fA-F.:]+", t)]


def identifiers(value: Any, *keys: str) -> list[str] | None:
    """The identifiers in a list of structures or of texts; None where it is no list."""
    if isinstance(value, str):
        wanted = [v for k, v in _PAIR.findall(value) if k in keys]
        return wanted if wanted or not value.strip() else None
    if not isinstance(value, list):
        return None
    texts = [
        as_text(next((i[k] for k in keys if k in i), None)) if isinstance(i, Mapping) else as_text(i) for i in value
    ]
    return [t for t in texts if t]
