"""Glance on plain files, and Cinder with a driver of ours that stores nothing."""

from __future__ import annotations

from stacks.lab.configuration.options import HOSTNAME, MESSAGING, NO_NOTIFICATIONS, Writer
from stacks.lab.settings import HOST


def write(writer: Writer) -> None:
    """Write ``glance/glance-api.conf`` and ``cinder/cinder.conf``."""
    _glance(writer)
    _cinder(writer)


def _glance(writer: Writer) -> None:
    images = writer.lab.data / "glance"
    writer.ini(
        "glance/glance-api.conf",
        {
            "DEFAULT": {
                **writer.common(),
                "enabled_backends": "file:file",
                "bind_host": HOST,
                "worker_self_reference_url": writer.lab.url("glance"),
            },
            "database": writer.database("glance"),
            "glance_store": {"default_backend": "file"},
            "file": {"filesystem_store_datadir": images / "images"},
            "os_glance_staging_store": {"filesystem_store_datadir": images / "staging"},
            "os_glance_tasks_store": {"filesystem_store_datadir": images / "tasks"},
            "keystone_authtoken": writer.token_check("glance"),
            "paste_deploy": {"flavor": "keystone", "config_file": writer.shipped / "glance/glance-api-paste.ini"},
            **NO_NOTIFICATIONS,
        },
    )


def _cinder(writer: Writer) -> None:
    state = writer.lab.data / "cinder"
    writer.ini(
        "cinder/cinder.conf",
        {
            "DEFAULT": {
                **writer.common(),
                "host": HOSTNAME,
                "my_ip": HOST,
                "state_path": state,
                "api_paste_config": writer.shipped / "cinder/api-paste.ini",
                "resource_query_filters_file": writer.shipped / "cinder/resource_filters.json",
                "glance_api_servers": writer.lab.url("glance"),
                "periodic_fuzzy_delay": "0",
                "enabled_backends": "null",
                "default_volume_type": "__DEFAULT__",
            },
            "null": {
                "volume_driver": "francecloud_lab_plugins.cinder_driver.NullVolumeDriver",
                "volume_backend_name": "null",
            },
            "database": writer.database("cinder"),
            "keystone_authtoken": writer.token_check("cinder"),
            "service_user": writer.service_user("cinder"),
            "nova": {**writer.credential("cinder"), "interface": "public"},
            "coordination": {"backend_url": f"file://{state}/coordination"},
            **writer.lock("cinder"),
            **MESSAGING,
        },
    )
