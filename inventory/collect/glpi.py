"""GLPI, by its REST API: computers with their system, processors, memory, disks and addresses; appliances.

The session is opened with the tokens of the environment and closed. Each list is read range by range and its records
are counted against the total that ``Content-Range`` announces.
"""

from __future__ import annotations

import re
from collections import Counter
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
)
from inventory.collect.document import Document, Record, Sheet
from inventory.collect.values import addresses, count, day, identifier, owners, prose, serial
from inventory.collect.web import Answer, Asked, Forbidden, Web, asked_at
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.values import plain

COMPUTERS: Mapping[str, str | None] = {
    "key": "servers.id", "name": "servers.name", "uuid": "servers.uuid", "serial": "servers.serial",
    "type": None, "state": None, "model": None, "entity": "servers.organisation_id", "location": "servers.site_id",
    "operatingsystem": "servers.os", "processors": "servers.vcpu", "memories": "servers.ram_gib (mib)",
    "disks": "servers.storage_gib (mib)", "disks_used": "servers.storage_used_gib (mib)", "ip": "servers.ip",
    "addresses": "servers.addresses", "date_creation": None,
}  # fmt: skip
APPLIANCES: Mapping[str, str | None] = {
    "key": "applications.id", "name": "applications.name", "comment": "applications.description",
    "entity": "applications.organisation_id", "environment": "applications.environment", "type": None,
}  # fmt: skip
LINKS = {"appliance": "deployments.application", "computer": "deployments.server"}
WORKSTATIONS = frozenset(
    {"laptop", "notebook", "portable", "sub notebook", "desktop", "low profile desktop", "mini tower", "all in one", "tablet",
     "tablette", "convertible", "detachable", "hand held", "poste de travail", "poste fixe", "ordinateur portable", "station de travail"}
)  # fmt: skip
"""Types of computers that are a person's: they are not what runs applications."""
STEP = 500
NOT_FOR_US = ("ERROR_RIGHT_MISSING", "ERROR_RESOURCE_NOT_FOUND")
"""What GLPI answers of a list that this account may not read, or that this version does not have."""


class GLPI:
    """The collector of a GLPI."""

    name = "glpi"
    options: Sequence[Option] = (
        Option("url", "URL", lambda: _("The address of GLPI, without apirest.php."), "GLPI_URL"),
        Option("type", "TYPE", lambda: _("A type of computers to read, again for each (default: all but workstations)."), multiple=True),
    )  # fmt: skip

    def title(self) -> str:
        """What it asks, in a line."""
        return _("A GLPI: computers and what they are made of, appliances and what they run on.")

    def collect(self, settings: Settings, environment: Environment) -> Collected:
        """Ask everything.

        Raises:
            UserError: no credential, a refused one, no answer, fewer records than announced.
        """
        url, where = asked_at(settings, "GLPI_URL", "/apirest.php")
        secrets = Secrets(environment)
        [user] = secrets.require("GLPI_USER_TOKEN")
        application = secrets.get("GLPI_APP_TOKEN")
        web = Web(f"{url}/apirest.php", secrets)
        if application:
            web.headers["App-Token"] = application
        asked = _Asked(web)
        asked.open(user)
        try:
            return _everything(asked, where, [t for t in settings.get("type") or () if t])
        finally:
            asked.close()


class _Asked(Asked):
    """A session, and what it could not read."""

    def open(self, user_token: str) -> None:
        """Open a session.

        Raises:
            NotAdmitted: the tokens are refused.
        """
        self.web.headers["Authorization"] = f"user_token {user_token}"
        reason: str
        try:
            answer = self.web.get("initSession")
        except Forbidden as raised:
            reason = raised.reason
        else:
            token = answer.content.get("session_token") if isinstance(answer.content, dict) else None
            if answer.status == 200 and isinstance(token, str):
                self.web.secrets.hide(token)
                del self.web.headers["Authorization"]
                self.web.headers["Session-Token"] = token
                return
            reason = _words(answer)
        raise NotAdmitted(self.web.refused("initSession", self.web.secrets.redact(reason)))

    def close(self) -> None:
        """Close the session; that it was closed already is no matter."""
        from inventory.problems import UserError

        try:
            self.web.get("killSession")
        except (UserError, Forbidden):
            pass
        finally:
            self.web.close()

    def all(self, kind: str) -> list[dict[str, Any]] | None:
        """Every record of a kind, range by range; None, and said, where it may not be read.

        Raises:
            UserError: no answer, or another number of records than announced.
        """
        found: list[dict[str, Any]] = []
        try:
            while True:
                span = {
                    "range": f"{len(found)}-{len(found) + STEP - 1}",
                    "sort": "id",
                    "order": "ASC",
                    "get_hateoas": "false",
                }
                answer = self.web.get(kind, span)
                total = self._total(kind, answer, len(found))
                page = answer.content if isinstance(answer.content, list) else []
                found += [r for r in page if isinstance(r, dict)]
                if total is None or len(found) >= total or not page:
                    break
        except Forbidden as raised:
            self.leave(kind, raised.reason)
            return None
        distinct = len({r.get("id") for r in found})
        if total is not None and distinct != total:
            raise self.web.short(kind, distinct, total)
        return found

    def _total(self, kind: str, answer: Answer, read: int) -> int | None:
        """The total announced.

        Raises:
            UserError: the answer announces none, or is an error.
        """
        if answer.status in (200, 206):
            announced = re.search(r"/(\d+)$", answer.headers.get("Content-Range", ""))
            if announced:
                return int(announced[1])
            if answer.content == [] and not read:
                return 0
        else:
            known = next((word for word in NOT_FOR_US if word in _words(answer)), None)
            if known:
                raise Forbidden(known)
        raise self.web.strange(kind, _words(answer))


def _words(answer: Answer) -> str:
    if isinstance(answer.content, list) and answer.content and all(isinstance(w, str) for w in answer.content):
        return f"HTTP {answer.status}: " + " ".join(answer.content)
    return f"HTTP {answer.status}"


def _everything(asked: _Asked, where: str, types: Sequence[str]) -> Collected:
    computers = asked.all("Computer")
    if computers is None:
        raise NotAdmitted(
            Problem(code="INV-141", message=_("this account may not even read the computers"),
                    hint=_("a read-only profile: see docs/reference/collecte.md"))
        )  # fmt: skip
    names = {
        kind: _names(asked, kind)
        for kind in (
            "ComputerType",
            "State",
            "ComputerModel",
            "Location",
            "Entity",
            "OperatingSystem",
            "OperatingSystemVersion",
        )
    }
    kept = _servers_only(asked, computers, names["ComputerType"], types)
    parts = _parts(asked, {str(c["id"]) for c in kept}, names)
    rows = [_computer(c, where, names, parts) for c in kept]
    keys = {str(c["id"]): str(row["key"]) for c, row in zip(kept, rows, strict=True)}
    sheets = {"Computer": Sheet("servers", COMPUTERS, rows), **_appliances(asked, where, names, keys)}
    return Collected(Document("glpi", where, sheets, "", asked.unread), asked.problems)


def _names(asked: _Asked, kind: str) -> dict[str, str]:
    """The entries of a list of GLPI's, by identifier, with those above them where it is a tree."""
    return {str(r.get("id")): str(r.get("completename") or r.get("name") or "") for r in asked.all(kind) or ()}


def _servers_only(
    asked: _Asked, computers: Sequence[dict[str, Any]], types: Mapping[str, str], wanted: Sequence[str]
) -> list[dict[str, Any]]:
    """Without templates, nor what is in the bin, nor workstations; each said with its number."""
    chosen = {plain(t) for t in wanted}
    kept, left = [], Counter[str]()
    for computer in computers:
        kind = types.get(str(computer.get("computertypes_id")), "")
        folded = plain(re.sub(r"[^\w]+", " ", kind))
        if str(computer.get("is_template", 0)) == "1":
            left[_("template")] += 1
        elif str(computer.get("is_deleted", 0)) == "1":
            left[_("in the bin")] += 1
        elif (plain(kind) not in chosen) if chosen else (folded in WORKSTATIONS):
            left[kind or _("without a type")] += 1
        else:
            kept.append(computer)
    if left:
        listed = ", ".join(f"{kind} {n}" for kind, n in sorted(left.items()))
        asked.problems.append(
            told("INV-151", _("computers left out: {listed}", listed=listed), severity=Severity.INFO,
                 hint=_("--type chooses the types to read"))
        )  # fmt: skip
    return kept


def _parts(asked: _Asked, kept: set[str], names: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    """By computer: its system, processors, memory (MiB), disks (MiB), addresses. What could not be read is not there."""
    found: dict[str, dict[str, Any]] = {}
    for kind, owner, take in (
        ("Item_OperatingSystem", "items_id", "system"), ("Item_DeviceProcessor", "items_id", "processors"),
        ("Item_DeviceMemory", "items_id", "memories"), ("Item_Disk", "items_id", "disks"), ("IPAddress", "mainitems_id", "ip"),
    ):  # fmt: skip
        kind_of = "mainitemtype" if owner == "mainitems_id" else "itemtype"
        for row in asked.all(kind) or ():
            computer = str(row.get(owner))
            if (
                row.get(kind_of, "Computer") != "Computer"
                or computer not in kept
                or str(row.get("is_deleted", 0)) == "1"
            ):
                continue
            found.setdefault(computer, {}).setdefault(take, []).append(row)
    return {computer: _summed(rows, names) for computer, rows in found.items()}


def _summed(rows: Mapping[str, list[dict[str, Any]]], names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    systems = sorted(
        " ".join(filter(None, (names["OperatingSystem"].get(str(r.get("operatingsystems_id"))),
                               names["OperatingSystemVersion"].get(str(r.get("operatingsystemversions_id"))))))
        for r in rows.get("system", ())
    )  # fmt: skip
    cores = [count(r.get("nbcores")) for r in rows.get("processors", ())]
    memories = [count_of(r.get("size")) for r in rows.get("memories", ())]
    total = [count_of(r.get("totalsize")) for r in rows.get("disks", ())]
    free = [count_of(r.get("freesize")) for r in rows.get("disks", ())]
    ours = addresses(r.get("name") for r in rows.get("ip", ()))
    return {
        "operatingsystem": systems[0] if len(systems) == 1 else None,
        "processors": sum(c for c in cores if c) if cores and all(cores) else None,
        "memories": sum(m for m in memories if m) if memories and None not in memories else None,
        "disks": sum(t for t in total if t) if total and None not in total else None,
        "disks_used": sum(t - f for t, f in zip(total, free, strict=True) if t is not None and f is not None)
        if total and None not in total and None not in free else None,
        "ip": ours[0] if ours else None, "addresses": "|".join(ours),
    }  # fmt: skip


def count_of(text: object) -> int | None:
    """A whole number, zero included; None where it is not written as one."""
    word = str(text if text is not None else "").strip()
    return int(word) if re.fullmatch(r"\d{1,12}", word) else None


def _computer(
    c: Mapping[str, Any], where: str, names: Mapping[str, Mapping[str, str]], parts: Mapping[str, Mapping[str, Any]]
) -> Record:
    uuid = identifier(c.get("uuid"))

    def named(kind: str, field: str) -> str | None:
        return names[kind].get(str(c.get(field))) or None

    return {
        "key": uuid or f"glpi-{where}-{c['id']}", "name": c.get("name"), "uuid": uuid, "serial": serial(c.get("serial")),
        "type": named("ComputerType", "computertypes_id"), "state": named("State", "states_id"),
        "model": named("ComputerModel", "computermodels_id"), "entity": named("Entity", "entities_id"),
        "location": named("Location", "locations_id"), "date_creation": day(c.get("date_creation")),
        **parts.get(str(c["id"]), {}),
    }  # fmt: skip


def _appliances(
    asked: _Asked, where: str, names: Mapping[str, Mapping[str, str]], computers: Mapping[str, str]
) -> dict[str, Sheet]:
    """The appliances, GLPI's word for applications, and the computers each is on."""
    found = [
        a
        for a in asked.all("Appliance") or ()
        if str(a.get("is_deleted", 0)) != "1" and str(a.get("is_template", 0)) != "1"
    ]
    if not found:
        return {}
    environments, types = _names(asked, "ApplianceEnvironment"), _names(asked, "ApplianceType")
    keys = owners({str(a["id"]): a.get("name") for a in found}, f"glpi-{where}")
    rows: list[Record] = [
        {
            "key": keys.get(str(a["id"])), "name": a.get("name"), "comment": prose(a.get("comment")),
            "entity": names["Entity"].get(str(a.get("entities_id"))), "type": types.get(str(a.get("appliancetypes_id"))),
            "environment": environments.get(str(a.get("applianceenvironments_id"))),
        }
        for a in found
    ]  # fmt: skip
    named = {str(a["id"]): keys.get(str(a["id"])) or a.get("name") for a in found}
    pairs: list[Record] = [
        {"appliance": named.get(str(i.get("appliances_id"))), "computer": computers.get(str(i.get("items_id")))}
        for i in asked.all("Appliance_Item") or ()
        if i.get("itemtype") == "Computer"
        and str(i.get("items_id")) in computers
        and str(i.get("appliances_id")) in named
    ]
    return {"Appliance": Sheet("applications", APPLIANCES, rows), "Appliance_Item": Sheet("deployments", LINKS, pairs)}
