"""Reading what agents and clouds print, beside parsing the same text and doing nothing: ``python -m tests.bench.agents``."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

from defusedxml.ElementTree import fromstring

from inventory.files import SourceFile
from inventory.readers import reader_for

MACHINES, INSTALLED, LISTED, CLOUD = 2_000, 300, 50_000, 50_000


def agents() -> str:
    """GLPI's JSON, an array."""
    return json.dumps([
        {"deviceid": f"s{n}", "content": {
            "versionclient": "b", "hardware": {"name": f"s{n}", "uuid": f"{n:08d}-2222-4333-8444-555555555555", "memory": 8192},
            "cpus": [{"core": 4}], "storages": [{"disksize": 102400, "type": "disk"}],
            "networks": [{"ipaddress": f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", "status": "up"}],
            "softwares": [{"name": f"paquet-{i}", "version": "1.0", "arch": "x86_64", "publisher": "b"} for i in range(INSTALLED)],
        }} for n in range(MACHINES)
    ])  # fmt: skip


def as_xml(text: str) -> str:
    """The same as OCS writes it, under one root."""

    def item(tag: str, fields: dict[str, object]) -> str:
        return (
            f"<{tag.upper()}>"
            + "".join(f"<{k.upper()}>{v}</{k.upper()}>" for k, v in fields.items())
            + f"</{tag.upper()}>"
        )

    requests = []
    for machine in json.loads(text):
        content = machine["content"]
        sections = [item("hardware", content["hardware"])]
        sections += [item(s, i) for s in ("cpus", "storages", "networks", "softwares") for i in content[s]]
        requests.append(
            f"<REQUEST><CONTENT>{''.join(sections)}</CONTENT><DEVICEID>{machine['deviceid']}</DEVICEID></REQUEST>"
        )
    return f"<REQUESTS>{''.join(requests)}</REQUESTS>"


def listed() -> str:
    """GLPI's CSV."""
    head = "Nom;Numéro de série;Système d'exploitation - Nom;Lieu;Dernière modification;Composants - Processeur;Composants - Mémoire (Mio)"
    rows = (
        f'"s{n}";"S{n}";"Debian GNU/Linux";"Site {n % 40}";"2026-01-01";"Xeon";"{4096 + n % 7 * 1024}"'
        for n in range(LISTED)
    )
    return head + "\n" + "\n".join(rows) + "\n"


def cloud() -> str:
    """OpenStack's servers and flavours."""
    servers = [
        {"ID": f"{n:08d}-0000-4000-8000-000000000001", "Name": f"s{n}", "Status": "ACTIVE", "Power State": 1,
         "Networks": {"net": [f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"]}, "Image Name": "debian-12", "Image ID": "i",
         "Flavor Name": "petit", "Flavor ID": f"f{n % 20}", "Availability Zone": "az1", "Host": f"cmp{n % 500}"}
        for n in range(CLOUD)
    ]  # fmt: skip
    flavors = [{"ID": f"f{n}", "Name": f"g{n}", "RAM": 2048, "Disk": 20, "Ephemeral": 0, "VCPUs": 2} for n in range(20)]
    return json.dumps({"servers": servers, "flavors": flavors})


def main() -> None:
    """Each format once: seconds to read, seconds only to parse, and their ratio."""
    text = agents()
    cases: list[tuple[str, str, Callable[[str], object]]] = [
        (f"glpi-agent, {MACHINES:,} machines × {INSTALLED}", text, json.loads),
        (f"ocs-xml, {MACHINES:,} machines × {INSTALLED}", as_xml(text), fromstring),
        (f"glpi-csv, {LISTED:,} rows", listed(), lambda t: [line.split(";") for line in t.splitlines()]),
        (f"openstack-json, {CLOUD:,} servers", cloud(), json.loads),
    ]
    for label, body, parse in cases:
        began = time.perf_counter()
        parse(body)
        alone = time.perf_counter() - began
        source = SourceFile(Path("bench"), body.encode())
        began = time.perf_counter()
        reading = reader_for(source).read(source, {})
        took = time.perf_counter() - began
        records = sum(f.height for f in reading.tables.values())
        print(
            f"{label}: {len(body) / 2**20:.0f} MiB, {records:,} records, {took:.2f} s; parsing alone {alone:.2f} s; × {took / alone:.1f}"
        )
    print(f"peak memory, the texts included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
