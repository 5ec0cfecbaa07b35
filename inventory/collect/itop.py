"""iTop, by its REST/JSON services: application solutions, servers, virtual machines, hypervisors, and their links.

Every question is a ``core/get``, page by page; what was read is counted against the total that the answer announces.
iTop asks by ``POST`` even to read: the operation is in the body, and is never another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from inventory.collect.asking import (
    Collected,
    Environment,
    NotAdmitted,
    Option,
    Secrets,
    Settings,
    told,
    unsized,
)
from inventory.collect.document import Document, Record, Sheet
from inventory.collect.values import addresses, count, day, gib, owners, prose, serial
from inventory.collect.web import Asked, Forbidden, Web, asked_at
from inventory.language import _
from inventory.problems import Problem, Severity

APPLICATIONS: Mapping[str, str | None] = {
    "key": "applications.id", "name": "applications.name", "description": "applications.description",
    "organization_name": "applications.organisation_id", "business_criticity": "applications.criticality",
    "status": "applications.lifecycle", "move2production": "applications.started",
}  # fmt: skip
MACHINES: Mapping[str, str | None] = {
    "key": "servers.id", "name": "servers.name", "class": None, "organization_name": "servers.organisation_id",
    "location_name": "servers.site_id", "system": "servers.os", "cpu": "servers.vcpu", "ram": "servers.ram_gib",
    "managementip": "servers.ip", "serialnumber": "servers.serial", "host": "servers.host_id", "farm": "servers.cluster",
    "status": None,
    "brand_name": None, "model_name": None,
}  # fmt: skip
HYPERVISORS: Mapping[str, str | None] = {
    "id": "hosts.id", "name": "hosts.name", "farm_name": "hosts.cluster", "location_name": "hosts.site_id",
    "brand_name": "hosts.vendor", "model_name": "hosts.model", "purchase_date": "hosts.purchased",
}  # fmt: skip
LINKS = {"applicationsolution": "deployments.application", "functionalci": "deployments.server"}
FIELDS = {
    "ApplicationSolution": "name,description,organization_name,business_criticity,status,move2production",
    "Server": "name,organization_name,location_name,osfamily_name,osversion_name,cpu,ram,managementip,serialnumber,status,"
    "brand_name,model_name,purchase_date",
    "VirtualMachine": "name,organization_name,osfamily_name,osversion_name,cpu,ram,managementip,status,virtualhost_name",
    "Hypervisor": "name,farm_name,server_id",
    "lnkApplicationSolutionToFunctionalCI": "applicationsolution_id,functionalci_id",
}
STEP = 500
VERSIONS = ("1.4", "1.3")
"""Of the service: pages come with 1.4; before, an answer is whole."""
OK, UNAUTHORIZED, MISSING_CREDENTIAL, UNSUPPORTED = 0, 1, (5, 6), 10
"""Codes of an answer. ``UNAUTHORIZED`` says both a login refused and a class that this account may not read."""
GONE = "obsolete"
CRITICALITY = {"low": "faible", "medium": "moyenne", "high": "haute"}
STATUS = {"active": "production", "inactive": "arrete"}


class ITop:
    """The collector of an iTop."""

    name = "itop"
    options: Sequence[Option] = (
        Option("url", "URL", lambda: _("The address of iTop, without webservices."), "ITOP_URL"),
    )

    def title(self) -> str:
        """What it asks, in a line."""
        return _("An iTop: application solutions, servers, virtual machines, hypervisors, and which is on which.")

    def collect(self, settings: Settings, environment: Environment) -> Collected:
        """Ask everything.

        Raises:
            UserError: no credential, a refused one, no answer, fewer records than announced.
        """
        url, where = asked_at(settings, "ITOP_URL", "/webservices/rest.php")
        secrets = Secrets(environment)
        token = secrets.get("ITOP_TOKEN")
        form = (
            {}
            if token
            else dict(zip(("auth_user", "auth_pwd"), secrets.require("ITOP_USER", "ITOP_PASSWORD"), strict=True))
        )
        web = Web(f"{url}/webservices", secrets)
        if token:
            web.headers["Auth-Token"] = token
        try:
            return _everything(_Asked(web, form), where)
        finally:
            web.close()


class _Asked(Asked):
    """The questions to an iTop, and what it could not read."""

    def __init__(self, web: Web, form: Mapping[str, str]) -> None:
        super().__init__(web)
        self.form = form
        self.version = VERSIONS[0]

    def all(self, kind: str) -> dict[str, dict[str, Any]] | None:
        """The fields of every object of a class, by identifier; None, and said, where it may not be read.

        Raises:
            UserError: no answer, a refused credential, or another number of objects than announced.
        """
        found: dict[str, dict[str, Any]] = {}
        page, total = 0, 0
        try:
            while True:
                page += 1
                objects, total = self._page(kind, page)
                before = len(found)
                for one in objects:
                    found[str(one.get("key"))] = one.get("fields") or {}
                if len(found) >= total or len(found) == before:
                    break
        except Forbidden as raised:
            self.leave(kind, raised.reason)
            return None
        if len(found) != total:
            raise self.web.short(kind, len(found), total)
        return found

    def _page(self, kind: str, page: int) -> tuple[list[dict[str, Any]], int]:
        """The objects of a page and the total announced."""
        question = {"operation": "core/get", "class": kind, "key": f"SELECT {kind}", "output_fields": FIELDS[kind],
                    "limit": STEP, "page": page}  # fmt: skip
        path = f"rest.php?version={self.version}"
        answer = self.web.post(path, form={**self.form, "json_data": json.dumps(question)})
        content = answer.content if isinstance(answer.content, dict) else {}
        code, message = content.get("code"), str(content.get("message") or f"HTTP {answer.status}")
        if code == UNSUPPORTED and self.version != VERSIONS[-1]:
            self.version = VERSIONS[-1]
            return self._page(kind, page)
        if code in MISSING_CREDENTIAL or (code == UNAUTHORIZED and "class" not in message):
            raise NotAdmitted(self.web.refused(path, self.web.secrets.redact(message)))
        if code == UNAUTHORIZED or "Unknown class" in message:
            raise Forbidden(self.web.secrets.redact(message, 80))
        announced = re.match(r"Found: (\d+)", message)
        objects = content.get("objects") or {}
        if code != OK or announced is None or not isinstance(objects, dict):
            raise self.web.strange(f"{path} {kind}", message)
        return [one for one in objects.values() if isinstance(one, dict)], int(announced[1])


def _everything(asked: _Asked, where: str) -> Collected:
    solutions = asked.all("ApplicationSolution")
    physical, virtual = asked.all("Server"), asked.all("VirtualMachine")
    if solutions is None and physical is None and virtual is None:
        raise NotAdmitted(
            Problem(code="INV-141", message=_("this account may read neither the applications nor the machines"),
                    hint=_("a read-only profile: see docs/reference/collecte.md"))
        )  # fmt: skip
    hypervisors = asked.all("Hypervisor") or {}
    carrying = {_link(h, "server_id") for h in hypervisors.values()}
    own = {i: ("Server", s) for i, s in (physical or {}).items() if i not in carrying}
    every = own | {i: ("VirtualMachine", v) for i, v in (virtual or {}).items()}
    machines = {i: (kind, m) for i, (kind, m) in every.items() if m.get("status") != GONE}
    if len(machines) < len(every):
        n = len(every) - len(machines)
        text = _.plural("{n} obsolete machine is left out", "{n} obsolete machines are left out", n)
        asked.problems.append(told("INV-151", text, severity=Severity.INFO))
    bare = sum(1 for _kind, m in machines.values() if m.get("ram") and gib(m["ram"]) is None)
    if bare:
        asked.problems.append(unsized("ram", bare))
    names = {str(h.get("name")) for h in hypervisors.values()}
    keys = owners({i: s.get("name") for i, s in (solutions or {}).items()}, f"itop-{where}")
    named = {i: keys.get(i) or str(s.get("name")) for i, s in (solutions or {}).items()}
    links = (asked.all("lnkApplicationSolutionToFunctionalCI") if solutions and machines else None) or {}
    pairs: list[Record] = [
        {"applicationsolution": named[a], "functionalci": f"itop-{where}-{m}"}
        for link in links.values()
        if (a := _link(link, "applicationsolution_id")) in named and (m := _link(link, "functionalci_id")) in machines
    ]
    sheets = {
        "ApplicationSolution": Sheet(
            "applications", APPLICATIONS, [_solution(s, keys.get(i)) for i, s in (solutions or {}).items()]
        ),
        "Hypervisor": Sheet(
            "hosts", HYPERVISORS, [_hypervisor(h, physical or {}) for h in hypervisors.values() if h.get("name")]
        ),
        "Machine": Sheet(
            "servers", MACHINES, [_machine(i, kind, m, where, names) for i, (kind, m) in machines.items()]
        ),
        "links": Sheet("deployments", LINKS, pairs),
    }
    return Collected(Document("itop", where, sheets, "", asked.unread), asked.problems)


def _link(fields: Mapping[str, Any], name: str) -> str | None:
    """The object that a field leads to; iTop writes 0 for none."""
    value = str(fields.get(name) or "0")
    return None if value == "0" else value


def _solution(s: Mapping[str, Any], key: str | None) -> Record:
    return {
        "key": key, "name": s.get("name"), "description": prose(s.get("description")),
        "organization_name": s.get("organization_name"), "business_criticity": CRITICALITY.get(str(s.get("business_criticity"))),
        "status": STATUS.get(str(s.get("status"))), "move2production": day(s.get("move2production")),
    }  # fmt: skip


def _hypervisor(h: Mapping[str, Any], physical: Mapping[str, Mapping[str, Any]]) -> Record:
    box = physical.get(_link(h, "server_id") or "", {})
    return {
        "id": h.get("name"), "name": h.get("name"), "farm_name": h.get("farm_name"), "location_name": box.get("location_name"),
        "brand_name": box.get("brand_name"), "model_name": box.get("model_name"), "purchase_date": day(box.get("purchase_date")),
    }  # fmt: skip


def _machine(key: str, kind: str, m: Mapping[str, Any], where: str, hypervisors: set[str]) -> Record:
    family, version = (str(m.get(f"{part}_name") or "") for part in ("osfamily", "osversion"))
    system = version if version.casefold().startswith(family.casefold()) else f"{family} {version}".strip()
    ours = addresses([m.get("managementip")])
    above = m.get("virtualhost_name")
    return {
        "key": f"itop-{where}-{key}", "name": m.get("name"), "class": kind, "organization_name": m.get("organization_name"),
        "location_name": m.get("location_name"), "system": system or None, "cpu": count(m.get("cpu")), "ram": gib(m.get("ram")),
        "managementip": ours[0] if ours else None, "serialnumber": serial(m.get("serialnumber")),
        "host": above if above in hypervisors else None, "farm": above if above and above not in hypervisors else None,
        "status": m.get("status"), "brand_name": m.get("brand_name"), "model_name": m.get("model_name"),
    }  # fmt: skip
