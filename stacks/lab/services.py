"""Every service of a lab, in the order they are started."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from stacks.lab.health import accepts, api_answers, compute_host_known, designate_reported, reported
from stacks.lab.infrastructure import INFRASTRUCTURE, infrastructure
from stacks.lab.service import Service, Word, api
from stacks.lab.settings import Lab

__all__ = ["CORE", "FIRST", "INFRASTRUCTURE", "LATE", "services"]

LATE = ("nova-compute", "cinder-volume")
"""These tell what they have (to Placement, to cinder-scheduler) when they start, then only a minute
later; started too early, the first server or volume finds no host."""
FIRST = ("rabbitmq", "keystone", "placement", "nova-conductor", "cinder-scheduler")
"""What must be healthy before :data:`LATE` is started."""
CORE = ("keystone", "placement", "glance", "neutron", "nova", "nova-conductor", "nova-scheduler", "nova-compute",
        "cinder", "cinder-scheduler", "cinder-volume")  # fmt: skip
"""The services without which there is no cloud, above :data:`INFRASTRUCTURE`."""


def services(lab: Lab) -> dict[str, Service]:
    """Every service of a lab by name."""
    listed = [*infrastructure(lab), *_apis(lab), *_workers(lab)]
    for project, make in _EXTRAS.items():
        if lab.has(project):
            listed += make(lab)
    return {service.name: service for service in listed}


def _apis(lab: Lab) -> list[Service]:
    etc = lab.etc

    def answers(name: str, path: str = "/") -> Callable[[], bool]:
        return partial(api_answers, lab, name, path)

    return [
        api(lab, "keystone", "keystone.wsgi.api:application", answers("keystone", "/v3"), processes=3,
            environment={"OS_KEYSTONE_CONFIG_DIR": etc / "keystone"}),
        api(lab, "placement", "placement.wsgi.api:application", answers("placement"),
            environment={"OS_PLACEMENT_CONFIG_DIR": etc / "placement"}),
        api(lab, "glance", "glance.wsgi.api:application", answers("glance", "/versions"),
            environment={"OS_GLANCE_CONFIG_DIR": etc / "glance"}),
        api(lab, "neutron", "neutron.wsgi.api:application", answers("neutron"), processes=4,
            environment={"OS_NEUTRON_CONFIG_DIR": etc / "neutron", "OS_NEUTRON_CONFIG_FILES": "neutron.conf"}),
        # of Nova's files the first must be that of Paste
        api(lab, "nova", "nova.wsgi.osapi_compute:application", answers("nova"),
            environment={"OS_NOVA_CONFIG_DIR": etc / "nova",
                         "OS_NOVA_CONFIG_FILES": f"{lab.venv}/etc/nova/api-paste.ini;nova.conf"}),
        api(lab, "cinder", "cinder.wsgi.api:application", answers("cinder"),
            arguments=f"--config-file {etc}/cinder/cinder.conf"),
    ]  # fmt: skip


def _workers(lab: Lab) -> list[Service]:
    def worker(project: str, name: str, healthy: Callable[[], bool]) -> Service:
        return Service(name, [lab.tool(name), "--config-file", lab.etc / project / f"{project}.conf"], healthy)

    def compute_ready() -> bool:
        return reported(lab, "nova", "nova-compute") and compute_host_known(lab)

    return [
        worker("nova", "nova-conductor", partial(reported, lab, "nova", "nova-conductor")),
        worker("nova", "nova-scheduler", partial(reported, lab, "nova", "nova-scheduler")),
        worker("nova", "nova-compute", compute_ready),
        worker("cinder", "cinder-scheduler", partial(reported, lab, "cinder", "cinder-scheduler")),
        worker("cinder", "cinder-volume", partial(reported, lab, "cinder", "cinder-volume")),
    ]


def _barbican(lab: Lab) -> list[Service]:
    return [
        api(lab, "barbican", "francecloud_lab_plugins.barbican_wsgi:application", partial(api_answers, lab, "barbican"),
            environment={"HOME": lab.etc / "barbican",
                         "FRANCECLOUD_LAB_BARBICAN_PASTE": lab.venv / "etc/barbican/barbican-api-paste.ini"}),
    ]  # fmt: skip


def _octavia(lab: Lab) -> list[Service]:
    # one process: the thread that plays the data plane lives in it
    return [
        api(lab, "octavia", "octavia.wsgi.api:application", partial(api_answers, lab, "octavia"), processes=1,
            arguments=f"--config-file {lab.etc}/octavia/octavia.conf"),
    ]  # fmt: skip


def _designate(lab: Lab) -> list[Service]:
    settings: list[Word] = ["--config-file", lab.etc / "designate/designate.conf"]
    parts = [
        Service(f"designate-{part}", [lab.tool(f"designate-{part}"), *settings], partial(designate_reported, lab, part))
        for part in ("central", "worker", "producer")
    ]
    return [
        api(lab, "designate", "designate.wsgi.api:application", partial(api_answers, lab, "designate"),
            environment={"OS_DESIGNATE_CONFIG_DIR": lab.etc / "designate"}),
        *parts,
        Service("named", ["/usr/sbin/named", "-g", "-n", 1, "-c", lab.etc / "named.conf"],
                partial(accepts, lab, "named"), ports=("named", "rndc")),
        Service("designate-mdns", [lab.tool("designate-mdns"), *settings],
                partial(accepts, lab, "designate-mdns"), ports=("designate-mdns",)),
    ]  # fmt: skip


def _swift(lab: Lab) -> list[Service]:
    stores = [
        Service(f"swift-{kind}", [lab.tool(f"swift-{kind}-server"), "-v", lab.etc / f"swift/{kind}-server.conf"],
                partial(accepts, lab, f"swift-{kind}"), ports=(f"swift-{kind}",))
        for kind in ("account", "container", "object")
    ]  # fmt: skip
    proxy = Service("swift", [lab.tool("swift-proxy-server"), "-v", lab.etc / "swift/proxy-server.conf"],
                    partial(api_answers, lab, "swift", "/healthcheck"), ports=("swift",))  # fmt: skip
    return [*stores, proxy]


_EXTRAS = {"barbican": _barbican, "octavia": _octavia, "designate": _designate, "swift": _swift}
