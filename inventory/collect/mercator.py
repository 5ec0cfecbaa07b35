"""Mercator, by its REST API: applications and their needs, logical and physical servers, databases, flows.

A token is asked for with the login of the environment. An answer is a whole list; where a version cuts it in pages, the
pages are followed and counted against the total that it announces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.collect.asking import (
    Collected,
    Environment,
    NotAdmitted,
    Option,
    Secrets,
    Settings,
    unsized,
)
from inventory.collect.document import Document, Record, Sheet
from inventory.collect.values import addresses, count, day, gib, owners, prose
from inventory.collect.web import Answer, Asked, Forbidden, Web, asked_at
from inventory.language import _
from inventory.problems import Problem

APPLICATIONS: Mapping[str, str | None] = {
    "key": "applications.id", "name": "applications.name", "description": "applications.description",
    "entity_resp": "applications.organisation_id", "application_block": "applications.function",
    "users": None, "technology": None, "type": None, "external": None, "vendor": None, "product": None, "version": None,
    "install_date": "applications.started", "rto": "applications.dima_h (min)", "rpo": "applications.pdma_h (min)",
    "security_need_c": None, "security_need_i": None, "security_need_a": None, "security_need_t": None,
}  # fmt: skip
SERVERS: Mapping[str, str | None] = {
    "key": "servers.id", "name": "servers.name", "operating_system": "servers.os", "address_ip": "servers.ip",
    "addresses": "servers.addresses", "cpu": "servers.vcpu", "memory": "servers.ram_gib", "disk": "servers.storage_gib",
    "disk_used": "servers.storage_used_gib", "environment": "servers.environment", "host": "servers.host_id",
    "install_date": None, "type": None,
}  # fmt: skip
HOSTS: Mapping[str, str | None] = {
    "name": "hosts.id", "label": "hosts.name", "operating_system": "hosts.os", "site": "hosts.site_id", "vendor": "hosts.vendor",
    "product": "hosts.model",
}  # fmt: skip
DATABASES: Mapping[str, str | None] = {
    "key": "databases.id", "name": "databases.name", "type": "databases.engine", "external": None,
}  # fmt: skip
FLOWS: Mapping[str, str | None] = {
    "source": "flows.source", "dest": "flows.target", "nature": "flows.nature", "crypted": "flows.encrypted",
}  # fmt: skip
LINKS = {"application": "deployments.application", "logical_server": "deployments.server"}
DENIED = (400, 401, 403, 422)


class Mercator:
    """The collector of a Mercator."""

    name = "mercator"
    options: Sequence[Option] = (
        Option("url", "URL", lambda: _("The address of Mercator, without /api."), "MERCATOR_URL"),
    )

    def title(self) -> str:
        """What it asks, in a line."""
        return _("A Mercator: applications, servers, databases, flows, and which is on which.")

    def collect(self, settings: Settings, environment: Environment) -> Collected:
        """Ask everything.

        Raises:
            UserError: no credential, a refused one, no answer, fewer records than announced.
        """
        url, where = asked_at(settings, "MERCATOR_URL", "/api")
        secrets = Secrets(environment)
        login, password = secrets.require("MERCATOR_LOGIN", "MERCATOR_PASSWORD")
        asked = _Asked(Web(f"{url}/api", secrets))
        try:
            asked.open(login, password)
            return _everything(asked, where)
        finally:
            asked.web.close()


class _Asked(Asked):
    """A logged-in account, and what it could not read."""

    def open(self, login: str, password: str) -> None:
        """Obtain a token.

        Raises:
            NotAdmitted: the login is refused.
        """
        # Older versions ask for an e-mail address, later ones for a login; both ignore the other's word.
        words = {"login": login, "password": password, **({"email": login} if "@" in login else {})}
        try:
            answer = self.web.post("login", document=words)
        except Forbidden as raised:
            raise NotAdmitted(self.web.refused("login", raised.reason)) from None
        found = answer.content if isinstance(answer.content, dict) else {}
        token = found.get("access_token") or found.get("token")
        if answer.status in DENIED:
            raise NotAdmitted(
                self.web.refused("login", self.web.secrets.redact(found.get("message") or f"HTTP {answer.status}"))
            )
        if not isinstance(token, str):
            raise self.web.strange("login", f"HTTP {answer.status}")
        self.web.secrets.hide(token)
        self.web.headers["Authorization"] = f"Bearer {token}"

    def all(self, kind: str, include: str | None = None) -> list[dict[str, Any]] | None:
        """Every record of a kind, with the links asked for where this version gives them.

        Raises:
            UserError: no answer, or another number of records than announced.
        """
        try:
            return self._pages(kind, {"include": include} if include else {})
        except Forbidden as raised:
            self.leave(kind, raised.reason)
            return None

    def _pages(self, kind: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        answer = self.web.get(kind, params)
        if answer.status == 400 and params:
            # This version does not know such a link.
            return self._pages(kind, {})
        page, total, last = self._page(kind, answer)
        found = page
        for number in range(2, last + 1):
            page, total, _last = self._page(kind, self.web.get(kind, {**params, "page": str(number)}))
            found = found + page
        distinct = len({r.get("id") for r in found})
        if total is not None and distinct != total:
            raise self.web.short(kind, distinct, total)
        return found

    def _page(self, kind: str, answer: Answer) -> tuple[list[dict[str, Any]], int | None, int]:
        """The records of an answer, the total it announces, the number of its pages."""
        content, total, last = answer.content, None, 1
        if isinstance(content, dict) and isinstance(content.get("data"), list):
            about = content["meta"] if isinstance(content.get("meta"), dict) else content
            total, last = about.get("total"), about.get("last_page") or 1
            content = content["data"]
        well = isinstance(content, list) and all(isinstance(r, dict) and "id" in r for r in content)
        if answer.status != 200 or not well or not isinstance(last, int) or not isinstance(total, (int, type(None))):
            raise self.web.strange(kind, f"HTTP {answer.status}")
        return content, total, last


def _everything(asked: _Asked, where: str) -> Collected:
    applications = asked.all("applications")
    servers = asked.all("logical-servers", include="applications,physicalServers")
    if applications is None and servers is None:
        raise NotAdmitted(
            Problem(code="INV-141", message=_("this account may read neither the applications nor the servers"),
                    hint=_("a read-only role: see docs/reference/collecte.md"))
        )  # fmt: skip
    entities, blocks, sites = (_names(asked, kind) for kind in ("entities", "application-blocks", "sites"))
    physical = {str(p["id"]): p for p in asked.all("physical-servers") or ()}
    keys = owners({str(a["id"]): a.get("name") for a in applications or ()}, f"mercator-{where}")
    named = {str(a["id"]): keys.get(str(a["id"])) or str(a.get("name")) for a in applications or ()}
    machines = [_server(s, where, physical) for s in servers or ()]
    _say_unsized(asked, servers or ())
    bases = {str(d["id"]): f"mercator-{where}-{d['id']}" for d in asked.all("databases") or () if d.get("name")}
    sheets = {
        "applications": Sheet(
            "applications", APPLICATIONS, [_application(a, keys, entities, blocks) for a in applications or ()]
        ),
        "physical-servers": Sheet("hosts", HOSTS, [_host(p, sites) for p in physical.values() if p.get("name")]),
        "logical-servers": Sheet("servers", SERVERS, machines),
        "links": Sheet("deployments", LINKS, _links(asked, servers or (), named, where)),
        "fluxes": Sheet("flows", FLOWS, _flows(asked, named, bases)),
    }
    return Collected(Document("mercator", where, sheets, "", asked.unread), asked.problems)


def _names(asked: _Asked, kind: str) -> dict[str, str]:
    return {str(r["id"]): str(r.get("name") or "") for r in asked.all(kind) or ()}


def _application(
    a: Mapping[str, Any], keys: Mapping[str, str], entities: Mapping[str, str], blocks: Mapping[str, str]
) -> Record:
    plainly = ("users", "technology", "type", "external", "vendor", "product", "version")
    needs = [f"security_need_{letter}" for letter in "ciat"]
    return {
        "key": keys.get(str(a["id"])), "name": a.get("name"), "description": prose(a.get("description")),
        "entity_resp": entities.get(str(a.get("entity_resp_id"))), "application_block": blocks.get(str(a.get("application_block_id"))),
        "install_date": day(a.get("install_date")), "rto": a.get("rto"), "rpo": a.get("rpo"),
        **{n: prose(a.get(n)) for n in plainly}, **{n: a.get(n) for n in needs},
    }  # fmt: skip


def _server(s: Mapping[str, Any], where: str, physical: Mapping[str, Mapping[str, Any]]) -> Record:
    ours = addresses(str(s.get("address_ip") or "").replace(",", " ").replace(";", " ").split())
    hosts = [
        physical[i].get("name") for i in _ids(s.get("physical_servers") or s.get("physicalServers")) if i in physical
    ]
    return {
        "key": f"mercator-{where}-{s['id']}", "name": s.get("name"), "operating_system": prose(s.get("operating_system")),
        "address_ip": ours[0] if ours else None, "addresses": "|".join(ours), "cpu": count(s.get("cpu")),
        "memory": gib(s.get("memory")), "disk": gib(s.get("disk")), "disk_used": gib(s.get("disk_used")),
        "environment": prose(s.get("environment")), "host": hosts[0] if len(hosts) == 1 else None,
        "install_date": day(s.get("install_date")), "type": prose(s.get("type")),
    }  # fmt: skip


def _say_unsized(asked: _Asked, servers: Sequence[Mapping[str, Any]]) -> None:
    for field in ("memory", "disk"):
        bare = sum(1 for s in servers if s.get(field) not in (None, "") and gib(s[field]) is None)
        if bare:
            asked.problems.append(unsized(field, bare))


def _host(p: Mapping[str, Any], sites: Mapping[str, str]) -> Record:
    return {
        "name": p.get("name"), "label": p.get("name"), "operating_system": prose(p.get("operating_system")),
        "site": sites.get(str(p.get("site_id"))) or None, "vendor": prose(p.get("vendor")), "product": prose(p.get("product")),
    }  # fmt: skip


def _ids(linked: object) -> list[str]:
    """The identifiers of a list of links, given as numbers or as whole records."""
    if not isinstance(linked, list):
        return []
    return [str(one.get("id") if isinstance(one, dict) else one) for one in linked]


def _links(asked: _Asked, servers: Sequence[Mapping[str, Any]], named: Mapping[str, str], where: str) -> list[Record]:
    """Which application is on which server, where this version tells it in its lists."""
    if servers and not any("applications" in s for s in servers):
        asked.leave("logical-servers.applications", _("this version does not give links in its lists"))
    return [
        {"application": named[i], "logical_server": f"mercator-{where}-{s['id']}"}
        for s in servers
        for i in _ids(s.get("applications"))
        if i in named
    ]


def _flows(asked: _Asked, applications: Mapping[str, str], bases: Mapping[str, str]) -> list[Record]:
    """Flows whose two ends are applications or databases; an end inside an application is not told by Mercator."""
    found: list[Record] = []
    for flow in asked.all("fluxes") or ():
        ends = [
            applications.get(str(flow.get(f"application_{end}_id"))) or bases.get(str(flow.get(f"database_{end}_id")))
            for end in ("source", "dest")
        ]
        if all(ends):
            crypted = flow.get("crypted")
            found.append(
                {
                    "source": ends[0], "dest": ends[1], "nature": prose(flow.get("nature")),
                    "crypted": None if crypted is None else bool(int(crypted)) if str(crypted) in "01" else None,
                }
            )  # fmt: skip
    return found
