"""Keystone's catalogue: the services' users, addresses, and the roles their policies speak of."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from stacks.lab.passwords import passwords
from stacks.lab.settings import REGION, Lab

SERVICES = (
    ("placement", "placement", ""),
    ("glance", "image", ""),
    ("neutron", "network", ""),
    ("nova", "compute", "/v2.1"),
    ("cinder", "block-storage", "/v3"),
    ("barbican", "key-manager", ""),
    ("octavia", "load-balancer", ""),
    ("designate", "dns", ""),
    ("swift", "object-store", "/v1/AUTH_%(project_id)s"),
)
"""User, type and path of each service; the optional ones are registered where the lab has them."""
OPTIONAL = {"barbican", "octavia", "designate", "swift"}
ROLES = {"octavia": ("load-balancer_member", "load-balancer_observer"), "barbican": ("creator", "observer")}
"""Roles that the default policy of a service names and an operator creates when installing it."""


class Identity:
    """The few calls to Keystone needed here, with a token of the administrator."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._token = ""
        password = {"user": {"name": "admin", "domain": {"id": "default"}, "password": passwords(lab)["admin"]}}
        scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
        identity = {"methods": ["password"], "password": password}
        _answer, headers = self.call("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}})
        self._token = headers["X-Subject-Token"]

    def call(self, method: str, path: str, body: object = None) -> tuple[Any, Any]:
        """One request: the decoded answer and its headers. Raises OSError (HTTPError) when refused."""
        request = Request(  # noqa: S310 - always http on the loopback address
            self._lab.url("keystone", f"/v3{path}"),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **({"X-Auth-Token": self._token} if self._token else {})},
        )
        with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers

    def ensure(self, kind: str, known_by: dict[str, str], **more: str) -> str:
        """The id of the object with these values, created where there is none."""
        found = self.call("GET", f"/{kind}s?{urlencode(known_by)}")[0][f"{kind}s"]
        if found:
            return str(found[0]["id"])
        return str(self.call("POST", f"/{kind}s", {kind: {**known_by, **more}})[0][kind]["id"])


def register(lab: Lab) -> None:
    """Register the services of a lab: user with its roles in project ``service``, type, three endpoints."""
    identity = Identity(lab)
    project = identity.ensure("project", {"name": "service", "domain_id": "default"})
    roles = [identity.ensure("role", {"name": name}) for name in ("admin", "service")]
    for name, kind, path in SERVICES:
        if name in OPTIONAL and not lab.has(name):
            continue
        user = identity.ensure("user", {"name": name, "domain_id": "default"}, password=passwords(lab)[name])
        for role in roles:
            identity.call("PUT", f"/projects/{project}/users/{user}/roles/{role}")
        _service(identity, name, kind, lab.url(name, path))
        for role_name in ROLES.get(name, ()):
            identity.ensure("role", {"name": role_name})
    # older clients look for this type
    _service(identity, "cinderv3", "volumev3", lab.url("cinder", "/v3"))


def _service(identity: Identity, name: str, kind: str, url: str) -> None:
    service = identity.ensure("service", {"name": name, "type": kind})
    for face in ("public", "internal", "admin"):
        identity.ensure("endpoint", {"service_id": service, "interface": face}, region_id=REGION, url=url)
