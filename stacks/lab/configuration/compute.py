"""Placement and Nova, whose servers live in Nova's own fake hypervisor."""

from __future__ import annotations

from stacks.lab.configuration.options import HOSTNAME, MESSAGING, Writer
from stacks.lab.settings import HOST, REGION


def write(writer: Writer) -> None:
    """Write ``placement/placement.conf`` and ``nova/nova.conf``."""
    _placement(writer)
    _nova(writer)


def _placement(writer: Writer) -> None:
    writer.ini(
        "placement/placement.conf",
        {
            "DEFAULT": {"debug": "false", "use_stderr": "true"},
            "placement_database": writer.database("placement"),
            "api": {"auth_strategy": "keystone"},
            "keystone_authtoken": writer.token_check("placement"),
        },
    )


def _nova(writer: Writer) -> None:
    credential = writer.credential("nova")
    writer.ini(
        "nova/nova.conf",
        {
            "DEFAULT": {
                **writer.common(),
                "host": HOSTNAME,
                "my_ip": HOST,
                "state_path": writer.lab.data / "nova",
                "compute_driver": "fake.FakeDriverWithoutFakeNodes",
                # no random wait of up to a minute before the first periodic tasks
                "periodic_fuzzy_delay": "0",
                "vif_plugging_is_fatal": "false",
                "vif_plugging_timeout": "0",
                # the fake hypervisor forgets its servers on restart: do not turn them to SHUTOFF
                "sync_power_state_interval": "-1",
                "resume_guests_state_on_host_boot": "true",
            },
            "api_database": writer.database("nova_api"),
            "database": writer.database("nova"),
            "keystone_authtoken": writer.token_check("nova"),
            "service_user": writer.service_user("nova"),
            "keystone": credential,
            "placement": credential,
            "neutron": credential,
            "glance": {"region_name": REGION},
            "cinder": {**credential, "os_region_name": REGION},
            "vnc": {"enabled": "false"},
            "wsgi": {"api_paste_config": writer.shipped / "nova/api-paste.ini"},
            "scheduler": {"discover_hosts_in_cells_interval": "5", "workers": "1"},
            "conductor": {"workers": "1"},
            **writer.lock("nova"),
            **MESSAGING,
        },
    )
