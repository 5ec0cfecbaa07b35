"""OpenStack, by openstacksdk: servers, volumes, hypervisors and images, of all projects where the credential may.

Credentials are those of ``clouds.yaml`` or of ``OS_*``. What a project's member may not read is named, and stays
unknown. Of a server's metadata only its environment and applications are kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from inventory.collect.asking import (
    Collected,
    Environment,
    NotAdmitted,
    Option,
    Secrets,
    Settings,
    TooLate,
    Unanswered,
    not_read,
    place,
    told,
)
from inventory.collect.document import Document, Record, Sheet
from inventory.collect.values import addresses, day, labels
from inventory.language import _
from inventory.problems import Problem, Severity, UserError

SERVERS: Mapping[str, str | None] = {
    "id": "servers.id", "uuid": "servers.uuid", "name": "servers.name", "status": "servers.power_state",
    "flavor.vcpus": "servers.vcpu", "flavor.ram": "servers.ram_gib (mib)", "flavor": None,
    "storage": "servers.storage_gib", "image": "servers.os", "image.os_distro": "servers.component:os",
    "address": "servers.ip", "addresses": "servers.addresses", "project": "servers.project",
    "availability_zone": "servers.cluster", "hypervisor_hostname": "servers.host_id", "region": "servers.site_id",
    "hypervisor": "servers.hypervisor", "created_at": "servers.created",
    "metadata.environment": "servers.environment", "metadata.application": "servers.link:applications",
}  # fmt: skip
HOSTS: Mapping[str, str | None] = {
    "hypervisor_hostname": "hosts.id", "name": "hosts.name", "memory_size": "hosts.ram_gib (mib)",
    "cores": "hosts.cores", "cpu_model": "hosts.cpu_model", "region": "hosts.site_id",
}  # fmt: skip
STATES = {"ACTIVE": "on", "SHUTOFF": "off", "SHELVED": "off", "SHELVED_OFFLOADED": "off", "SUSPENDED": "suspended",
          "PAUSED": "suspended"}  # fmt: skip
LAST_WITH_SIZES = "2.87"
"""The last version of the compute API whose hypervisors tell their memory."""


class OpenStack:
    """The collector of an OpenStack cloud."""

    name = "openstack"
    options: Sequence[Option] = (
        Option("cloud", "CLOUD", lambda: _("The entry of clouds.yaml (default: OS_CLOUD, or OS_* in the environment)."), "OS_CLOUD"),
    )  # fmt: skip

    def title(self) -> str:
        """What it asks, in a line."""
        return _("An OpenStack cloud: servers, volumes, images, hypervisors, of every project it may read.")

    def collect(self, settings: Settings, environment: Environment) -> Collected:
        """Ask everything.

        Raises:
            UserError: no credential, a refused one, no answer, or not even the servers may be read.
        """
        cloud = settings.get("cloud")
        secrets = Secrets(environment)
        with _Asked(secrets) as asked:
            connection = asked.connect(str(cloud) if cloud else None)
            here = str(connection.config.name or "openstack")
            where = place(_text(settings.get("name")), here)
            return _everything(connection, asked, where)


def _text(value: object) -> str | None:
    return str(value) if value else None


class _Asked:
    """The calls to a cloud, and what each failure means."""

    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets
        self.problems: list[Problem] = []
        self.unread: list[str] = []
        self._connection: Any = None

    def __enter__(self) -> _Asked:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def connect(self, cloud: str | None) -> Any:
        """A connection to the cloud, its token obtained.

        Raises:
            UserError: no such cloud, no credential, a refused one, no answer.
        """
        import logging

        import openstack
        from keystoneauth1.exceptions import ClientException
        from openstack.exceptions import SDKException

        # Its warnings would be printed beside our sentences, and say the same.
        for library in ("keystoneauth", "openstack"):
            logging.getLogger(library).addHandler(logging.NullHandler())

        error: UserError
        try:
            self._connection = openstack.connect(cloud=cloud, app_name="francecloud", api_timeout=60)
            auth = self._connection.config.config.get("auth", {})
            for key in ("password", "token", "application_credential_secret", "passcode"):
                self.secrets.hide(auth.get(key))
            if self._connection.config.verify is False:
                self.problems.append(
                    told("INV-148", _("clouds.yaml says not to verify this cloud's certificate: what is read may come from another"),
                         hint=_("give its authority in “cacert” and remove “verify: false”"))
                )  # fmt: skip
            self._connection.session.get_token()
        except (SDKException, ClientException) as raised:
            error = self.meant(raised, "identity", opening=True)
        else:
            return self._connection
        # Raised outside, so that no trace shows the library's own text.
        raise error

    def all(self, what: str, ask: Callable[[], Iterable[Any]]) -> list[Any] | None:
        """Everything a call lists, page after page; None, and said, where it may not be read.

        Raises:
            UserError: no answer, or a credential refused on the way.
        """
        from keystoneauth1.exceptions import ClientException, EndpointNotFound
        from openstack.exceptions import ConfigException, ForbiddenException, NotFoundException, SDKException

        error: UserError
        try:
            return list(ask())
        except (ForbiddenException, NotFoundException) as raised:
            self._missing(what, f"HTTP {raised.status_code}")
            return None
        except (EndpointNotFound, ConfigException):
            self._missing(what, _("this cloud has no such service"))
            return None
        except (SDKException, ClientException) as raised:
            error = self.meant(raised, what)
        raise error

    def _missing(self, what: str, reason: str) -> None:
        self.unread.append(what)
        self.problems.append(not_read(what, reason))

    def meant(self, raised: Exception, what: str, *, opening: bool = False) -> UserError:
        """A failure of the library as a sentence."""
        from keystoneauth1 import exceptions as keystone
        from openstack.exceptions import ConfigException

        words = self.secrets.redact(str(raised).partition(": HTTP")[0])
        status = getattr(raised, "status_code", None) or getattr(raised, "http_status", None)
        if isinstance(raised, (ConfigException, keystone.MissingRequiredOptions, keystone.MissingAuthPlugin)):
            return NotAdmitted(
                Problem(code="INV-140", message=_("no credential for this cloud: {words}", words=words),
                        hint=_("give it in clouds.yaml, or in OS_* in the environment"))
            )  # fmt: skip
        if status in (401, 403):
            return NotAdmitted(
                Problem(code="INV-141", message=_("{what}: it refuses the credential: {words}", what=what, words=words))
            )
        if isinstance(raised, (keystone.ConnectTimeout,)):
            return TooLate(Problem(code="INV-142", message=_("{what}: no answer in time", what=what)))
        if isinstance(raised, keystone.ConnectionError) or (opening and status is None):
            return Unanswered(
                Problem(code="INV-142", message=_("{what}: nothing answers: {words}", what=what, words=words))
            )
        return Unanswered(Problem(code="INV-143", message=_("{what}: it fails: {words}", what=what, words=words)))


def _everything(connection: Any, asked: _Asked, where: str) -> Collected:
    servers, scope = _servers(connection, asked)
    everywhere = scope == "all projects"
    volumes = asked.all("volumes", lambda: connection.block_storage.volumes(details=True, all_projects=everywhere))
    images = {i.id: i for i in asked.all("images", connection.image.images) or ()}
    flavors = {f.id: f for f in asked.all("flavors", lambda: connection.compute.flavors(details=True)) or ()}
    region = f"{where} {connection.config.region_name or ''}".strip()
    attached: dict[str, list[Any]] = {}
    for volume in volumes or ():
        for attachment in volume.attachments or ():
            attached.setdefault(str(attachment.get("server_id")), []).append(volume)
    projects = _projects(connection, asked)
    machines: list[Record] = [
        _server(s, attached.get(s.id, []), volumes is not None, images, flavors, projects, region) for s in servers
    ]
    sheets = {
        "hypervisors": Sheet("hosts", HOSTS, _hosts(connection, asked, region)),
        "servers": Sheet("servers", SERVERS, machines),
    }
    document = Document("openstack", where, sheets, scope, asked.unread)
    return Collected(document, asked.problems)


def _servers(connection: Any, asked: _Asked) -> tuple[list[Any], str]:
    """The servers, of all projects or, where that is refused, of the credential's own, and which of the two."""
    found = asked.all("servers of all projects", lambda: connection.compute.servers(details=True, all_projects=True))
    if found is not None:
        return found, "all projects"
    asked.problems.pop()
    asked.unread.pop()
    found = asked.all("servers", lambda: connection.compute.servers(details=True))
    if found is None:
        raise NotAdmitted(
            Problem(code="INV-141", message=_("this credential may not even list the servers of its own project"),
                    hint=_("a credential with the role “reader” on a project, or on the system to see all of them"))
        )  # fmt: skip
    asked.unread.append("other projects")
    asked.problems.append(
        told("INV-146", _("this credential reads its own project only: the others are not in what was collected"),
                hint=_("ask the cloud's operator for a reader of all projects"), severity=Severity.WARNING)
    )  # fmt: skip
    return found, "own project"


def _projects(connection: Any, asked: _Asked) -> dict[str, str]:
    """The names of the projects: all of them, else those the credential has a role on."""
    found = asked.all("projects", connection.identity.projects)
    if found is not None:
        return {p.id: p.name for p in found}
    mine = asked.all("own projects", lambda: connection.identity.get("/auth/projects").json().get("projects", ()))
    return {p["id"]: p["name"] for p in mine or ()}


def _server(
    server: Any, volumes: Sequence[Any], known: bool, images: Mapping[str, Any], flavors: Mapping[str, Any],
    projects: Mapping[str, str], region: str,
) -> Record:  # fmt: skip
    flavor = server.flavor or {}
    listed = flavors.get(flavor.get("id") or "")
    size = {
        k: flavor.get(k) if flavor.get(k) is not None else getattr(listed, k, None)
        for k in ("vcpus", "ram", "disk", "ephemeral")
    }
    image = images.get((server.image or {}).get("id") or "")
    hints = next((v.volume_image_metadata for v in volumes if v.is_bootable and v.volume_image_metadata), None) or {}
    distribution = getattr(image, "os_distro", None) or hints.get("os_distro")
    version = getattr(image, "os_version", None) or hints.get("os_version")
    system = " ".join(str(part) for part in (distribution, version) if part)
    ours = addresses(a.get("addr") for network in (server.addresses or {}).values() for a in network)
    tags = labels(server.metadata or {})
    return {
        "id": server.id, "uuid": server.id, "name": server.name, "status": STATES.get(str(server.status)),
        "flavor.vcpus": size["vcpus"], "flavor.ram": size["ram"],
        "flavor": flavor.get("original_name") or getattr(listed, "name", None),
        "storage": _storage(server, volumes, known, size), "image": system or getattr(image, "name", None) or hints.get("image_name"),
        "image.os_distro": system or None, "address": ours[0] if ours else None, "addresses": "|".join(ours),
        "project": projects.get(server.project_id, server.project_id), "availability_zone": server.availability_zone,
        "hypervisor_hostname": server.hypervisor_hostname or server.compute_host, "region": region,
        "hypervisor": "openstack", "created_at": day(server.created_at),
        "metadata.environment": tags.get("environment"), "metadata.application": tags.get("application"),
    }  # fmt: skip


def _storage(server: Any, volumes: Sequence[Any], known: bool, size: Mapping[str, Any]) -> float | None:
    """The volumes attached, and the flavour's disk where the machine starts from an image; None unless all is known."""
    own = [size["ephemeral"], *([size["disk"]] if (server.image or {}).get("id") else [])]
    expected = len(server.attached_volumes or ())
    if any(part is None for part in own) or (not known and expected) or (known and len(volumes) < expected):
        return None
    return float(sum(own) + sum(v.size for v in volumes))


def _hosts(connection: Any, asked: _Asked, region: str) -> list[Record]:
    from openstack.compute.v2.hypervisor import Hypervisor

    def listed() -> Iterable[Any]:
        yield from Hypervisor.list(connection.compute, base_path="/os-hypervisors/detail", microversion=LAST_WITH_SIZES)

    found: list[Record] = []
    for host in asked.all("hypervisors", listed) or ():
        processor = _processor(host.cpu_info)
        topology = processor.get("topology") or {}
        sockets, cores = topology.get("sockets"), topology.get("cores")
        found.append(
            {
                "hypervisor_hostname": host.name, "name": host.name, "memory_size": host.memory_size or None,
                "cores": sockets * cores * (topology.get("cells") or 1) if sockets and cores else None,
                "cpu_model": processor.get("model"), "region": region,
            }
        )  # fmt: skip
    return found


def _processor(told_of: object) -> dict[str, Any]:
    """A hypervisor's processor; older clouds give it as a text of JSON."""
    try:
        found = json.loads(told_of) if isinstance(told_of, str) else told_of
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
