"""The virtual machines of the sample, as an RVTools export of a fictitious vCenter shows them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache

from francecloud.demo.portfolio import Application, Body, applications, bodies, chance, draw, pick
from francecloud.demo.workbook import Cell, workbook_bytes

NAMESPACE = uuid.UUID("5a1f3d3e-0000-4000-8000-0000000000fc")
SYSTEMS = {
    "old": (
        "Microsoft Windows Server 2008 R2 (64-bit)",
        "Microsoft Windows Server 2012 (64-bit)",
        "Red Hat Enterprise Linux 6 (64-bit)",
        "CentOS 6 (64-bit)",
        "CentOS 7 (64-bit)",
        "Debian GNU/Linux 9 (64-bit)",
    ),
    "ageing": (
        "Microsoft Windows Server 2016 (64-bit)",
        "Red Hat Enterprise Linux 7 (64-bit)",
        "Red Hat Enterprise Linux 8 (64-bit)",
        "Debian GNU/Linux 11 (64-bit)",
        "Ubuntu Linux (64-bit)",
    ),
    "recent": (
        "Microsoft Windows Server 2022 (64-bit)",
        "Red Hat Enterprise Linux 9 (64-bit)",
        "Debian GNU/Linux 12 (64-bit)",
        "Debian GNU/Linux 13 (64-bit)",
    ),
}
AGES: dict[str, tuple[str, ...]] = {
    "good": ("recent", "recent", "ageing", "ageing", "old"),
    "fair": ("recent", "ageing", "ageing", "old", "old"),
    "poor": ("ageing", "old", "old", "old"),
}
ORPHANS = 60
"""Machines that no list of applications mentions."""
HOSTS = 6
"""Hypervisor hosts of a body."""
HERTZ = 2400
"""Megahertz of every host's cores."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual machine."""

    name: str
    body: Body
    system: str
    on: bool
    vcpu: int
    ram_mib: int
    disk_mib: int
    used_mib: int
    cpu_used: int
    created: str

    @property
    def role(self) -> str:
        """``app``, ``sgbd``, ``web``, ``rec``… from the name, as people do."""
        return self.name.rpartition("-")[2].rstrip("0123456789")


def age_of(application: Application) -> str:
    """How old an application's technology is: ``old``, ``ageing`` or ``recent``."""
    return pick(AGES[application.body.care], application.id, "age")


@lru_cache
def machines() -> tuple[Machine, ...]:
    """Every machine, in the order of their names."""
    listed = [_machine(name, a.body, age_of(a)) for a in applications() for name in a.servers]
    owners = [b for b in bodies() if b.runs_systems]
    for n in range(ORPHANS):
        body = pick(owners, "orphan", str(n))
        listed.append(_machine(f"{body.short}-srv{n + 1:03}-div01", body, "old"))
    return tuple(sorted(listed, key=lambda m: m.name))


def _machine(name: str, body: Body, age: str) -> Machine:
    orphan = name.endswith("-div01")
    vcpu = pick((2, 2, 4, 4, 8), name, "vcpu")
    ram = vcpu * pick((1024, 2048, 2048, 4096), name, "ram")
    disk = 1024 * pick((40, 60, 80, 120, 200), name, "disk") * (4 if "-sgbd" in name else 1)
    idle = chance(55 if orphan else 12, name, "idle")
    return Machine(
        name=name,
        body=body,
        system=pick(SYSTEMS[age], name, "system"),
        on=not chance(35 if orphan else 3, name, "off"),
        vcpu=vcpu,
        ram_mib=ram,
        disk_mib=disk,
        used_mib=disk * (20 + draw(name, "used") % 60) // 100,
        cpu_used=draw(name, "cpu") % 3 if idle else 4 + draw(name, "cpu") % 55,
        created=f"{pick(range(2009, 2025), name, 'year')}-{1 + draw(name, 'month') % 12:02}-15",
    )


def vcenter_bytes() -> bytes:
    """The workbook: vInfo, vCPU, vMemory and vHost with the headings RVTools gives them."""
    return workbook_bytes({"vInfo": _info(), "vCPU": _cpu(), "vMemory": _memory(), "vHost": _hosts()})


def _power(machine: Machine) -> str:
    return "poweredOn" if machine.on else "poweredOff"


def _host(machine: Machine) -> str:
    return f"esx-{machine.body.short}-{1 + draw(machine.name, 'host') % HOSTS:02}.exemple.invalid"


def _info() -> list[list[Cell]]:
    head: list[Cell] = [
        "VM",
        "Powerstate",
        "Template",
        "DNS Name",
        "Creation date",
        "CPUs",
        "Memory",
        "CPU Usage %",
        "Disks",
        "Network #1",
        "Primary IP Address",
        "Provisioned MiB",
        "In Use MiB",
        "Datacenter",
        "Cluster",
        "Host",
        "OS according to the VMware Tools",
        "VM UUID",
    ]
    rows: list[list[Cell]] = [head]
    for n, m in enumerate(machines()):
        rows.append(
            [
                m.name,
                _power(m),
                "False",
                f"{m.name}.exemple.invalid",
                m.created,
                m.vcpu,
                m.ram_mib,
                m.cpu_used if m.on else None,
                1,
                f"net-{m.body.short}",
                f"198.18.{n // 250}.{n % 250 + 1}",
                m.disk_mib,
                m.used_mib,
                f"dc-{m.body.short}",
                f"cl-{m.body.short}",
                _host(m),
                m.system,
                str(uuid.uuid5(NAMESPACE, m.name)),
            ]
        )
    return rows


def _cpu() -> list[list[Cell]]:
    rows: list[list[Cell]] = [["VM", "Powerstate", "CPUs", "Max", "Overall"]]
    for m in machines():
        capacity = m.vcpu * HERTZ
        rows.append([m.name, _power(m), m.vcpu, capacity, capacity * m.cpu_used // 100 if m.on else 0])
    return rows


def _memory() -> list[list[Cell]]:
    rows: list[list[Cell]] = [["VM", "Powerstate", "Size MiB", "Consumed", "Active"]]
    for m in machines():
        consumed, active = (m.ram_mib * 9 // 10, m.ram_mib * (3 + m.cpu_used) // 100) if m.on else (0, 0)
        rows.append([m.name, _power(m), m.ram_mib, consumed, active])
    return rows


def _hosts() -> list[list[Cell]]:
    head: list[Cell] = [
        "Host",
        "Datacenter",
        "Cluster",
        "CPU Model",
        "Speed",
        "# CPU",
        "Cores per CPU",
        "# Cores",
        "# Memory",
        "ESX Version",
        "Vendor",
        "Model",
    ]
    rows: list[list[Cell]] = [head]
    for host, body in sorted({(_host(m), m.body.short) for m in machines()}):
        version = pick(("VMware ESXi 6.5.0", "VMware ESXi 6.7.0", "VMware ESXi 7.0.3", "VMware ESXi 8.0.2"), host)
        rows.append(
            [
                host,
                f"dc-{body}",
                f"cl-{body}",
                "Processeur d'exemple",
                HERTZ,
                2,
                16,
                32,
                524288,
                version,
                "Constructeur d'exemple",
                f"Lame {1 + draw(host) % 4}",
            ]
        )
    return rows
