"""The systems themselves, small and on the loopback: the real protocols, with their pages and their failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Whether the connection breaks before the length announced."""


@dataclass
class Server:
    """What was asked, the address, and faults to come: replies given once in place of a path's."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, list[Reply]] = field(default_factory=dict)

    def fail(self, path: str, *replies: Reply) -> None:
        self.faults.setdefault(path, []).extend(replies)


@contextmanager
def serving(answer: Callable[[Asked], Reply]) -> Iterator[Server]:
    """A system answering on the loopback until the block ends."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def any_method(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
            asked = Asked(self.command, parts.path, query, dict(self.headers), self.rfile.read(size))
            server.asked.append(asked)
            waiting = server.faults.get(parts.path)
            reply = waiting.pop(0) if waiting else answer(asked)
            body = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (100 if reply.cut else 0)))
            self.end_headers()
            self.wfile.write(body)
            if reply.cut:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = any_method  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


def glpi(
    tables: Mapping[str, list[dict[str, Any]]], token: str, session: str, longest: int = 3
) -> Callable[[Asked], Reply]:
    """GLPI's REST API: sessions, ranges no longer than *longest*, ``Content-Range``, errors as pairs of words."""

    def answer(asked: Asked) -> Reply:
        kind = asked.path.removeprefix("/apirest.php/")
        if kind == "initSession":
            good = asked.headers.get("Authorization") == f"user_token {token}"
            return (
                Reply({"session_token": session}) if good else Reply(["ERROR_GLPI_LOGIN_USER_TOKEN", "le jeton"], 401)
            )
        if asked.headers.get("Session-Token") != session:
            return Reply(["ERROR_SESSION_TOKEN_INVALID", ""], 401)
        if kind == "killSession":
            return Reply({})
        if kind not in tables:
            return Reply(["ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", ""], 400)
        rows = tables[kind]
        first, last = (int(n) for n in asked.query["range"].split("-"))
        if first > len(rows):
            return Reply(["ERROR_RANGE_EXCEED_TOTAL", f"{len(rows)}"], 400)
        page = rows[first : min(last, first + longest - 1) + 1]
        span = f"{first}-{first + len(page) - 1}/{len(rows)}"
        return Reply(
            page, 200 if len(page) == len(rows) else 206, {"Content-Range": span, "Accept-Range": f"{kind} 990"}
        )

    return answer


def mercator(
    tables: Mapping[str, list[dict[str, Any]]], password: str, token: str, pages: int | None = None
) -> Callable[[Asked], Reply]:
    """Mercator's API: a login, lists whole or, with *pages*, cut as Laravel does."""

    def answer(asked: Asked) -> Reply:
        kind = asked.path.removeprefix("/api/")
        if kind == "login":
            good = json.loads(asked.body).get("password") == password
            return Reply({"access_token": token}) if good else Reply({"message": "These credentials do not match"}, 401)
        if asked.headers.get("Authorization") != f"Bearer {token}":
            return Reply({"message": "Unauthenticated."}, 401)
        if kind not in tables:
            return Reply({"message": "403 Forbidden"}, 403)
        rows = tables[kind]
        if pages is None:
            return Reply(rows)
        number = int(asked.query.get("page", 1))
        page = rows[(number - 1) * pages : number * pages]
        last = max(1, -(-len(rows) // pages))
        return Reply({"data": page, "total": len(rows), "last_page": last, "current_page": number})

    return answer


def itop(classes: Mapping[str, dict[str, dict[str, Any]]], password: str) -> Callable[[Asked], Reply]:
    """ITop's REST/JSON services: everything is HTTP 200, the code and the message are in the answer."""

    def answer(asked: Asked) -> Reply:
        form = {k: v[-1] for k, v in parse_qs(asked.body.decode()).items()}
        if form.get("auth_pwd") != password:
            return Reply({"code": 1, "message": "Error: Invalid login"})
        question = json.loads(form["json_data"])
        kind, limit, page = question["class"], question["limit"], question["page"]
        if kind not in classes:
            text = f"The current user does not have enough permissions for exporting data of class {kind}"
            return Reply({"code": 1, "message": text})
        every = list(classes[kind].items())
        some = every[(page - 1) * limit : page * limit]
        objects = {f"{kind}::{k}": {"code": 0, "class": kind, "key": k, "fields": f} for k, f in some}
        return Reply({"code": 0, "message": f"Found: {len(every)}", "objects": objects or None})

    return answer


def openstack(cloud: Mapping[str, Any]) -> Callable[[Asked], Reply]:
    """A cloud's services behind one address: tokens, catalogue, versions, and lists that are cut in pages."""

    def answer(asked: Asked) -> Reply:
        base = f"http://{asked.headers['Host']}"
        service, _slash, rest = asked.path.lstrip("/").partition("/")
        if service == "v3" and rest == "auth/tokens":
            return _token(base, json.loads(asked.body), cloud)
        if asked.path == "/v3":
            link = [{"rel": "self", "href": f"{base}/v3/"}]
            return Reply({"version": {"id": "v3.14", "status": "stable", "links": link, "media-types": []}})
        if rest.rstrip("/") in ("", "v2.1", "v3/p1", "v3", "v2"):
            return _version(base, service)
        what = next(part for part in reversed(rest.split("/")) if part != "detail")
        if what in cloud["forbidden"] or (asked.query.get("all_tenants") and "all_tenants" in cloud["forbidden"]):
            return Reply({"forbidden": {"code": 403, "message": "Policy does not allow it"}}, 403)
        rows = cloud.get(what, [])
        if what == "os-hypervisors":
            return Reply({"hypervisors": rows})
        marker = asked.query.get("marker")
        start = next((n + 1 for n, r in enumerate(rows) if r["id"] == marker), 0)
        page = rows[start : start + 2] if what == "servers" else rows[start:]
        links = {}
        if start + len(page) < len(rows):
            more = "&".join(f"{k}={v}" for k, v in {**asked.query, "marker": page[-1]["id"]}.items())
            links = {f"{what}_links": [{"rel": "next", "href": f"{base}{asked.path}?{more}"}]}
        return Reply({what: page, **links})

    return answer


def _token(base: str, asked: Mapping[str, Any], cloud: Mapping[str, Any]) -> Reply:
    if asked["auth"]["identity"]["password"]["user"]["password"] != cloud["password"]:
        return Reply({"error": {"code": 401, "message": "The request you have made requires authentication."}}, 401)
    services = {"identity": "v3", "compute": "nova/v2.1", "block-storage": "cinder/v3/p1", "image": "glance"}
    catalogue = [
        {"type": kind, "name": kind, "id": kind,
         "endpoints": [{"interface": "public", "region": "R1", "region_id": "R1", "url": f"{base}/{path}", "id": kind}]}
        for kind, path in services.items() if kind not in cloud.get("absent", ())
    ]  # fmt: skip
    token = {
        "methods": ["password"], "expires_at": "2099-01-01T00:00:00.000000Z", "issued_at": "2026-01-01T00:00:00.000000Z",
        "user": {"id": "u", "name": "lecteur", "domain": {"id": "default", "name": "Default"}}, "catalog": catalogue,
        "project": {"id": "p1", "name": "paie", "domain": {"id": "default", "name": "Default"}}, "roles": [],
    }  # fmt: skip
    return Reply({"token": token}, 201, {"X-Subject-Token": "jeton-de-la-session"})


def _version(base: str, service: str) -> Reply:
    about = {
        "nova": {"id": "v2.1", "status": "CURRENT", "version": "2.95", "min_version": "2.1"},
        "cinder": {"id": "v3.0", "status": "CURRENT", "version": "3.70", "min_version": "3.0"},
        "glance": {"id": "v2.9", "status": "CURRENT"},
    }[service]
    path = {"nova": "v2.1", "cinder": "v3", "glance": "v2"}[service]
    link = {"rel": "self", "href": f"{base}/{service}/{path}/"}
    one = {**about, "links": [link]}
    return Reply({"version": one} if service == "nova" else {"versions": [one]})
