"""Barbican (secrets) and Octavia (load balancers)."""

from __future__ import annotations

import base64

from stacks.lab.configuration.options import NO_NOTIFICATIONS, Writer
from stacks.lab.settings import REGION


def write_barbican(writer: Writer) -> None:
    """Write ``barbican.conf`` where Barbican looks for it: in ``.barbican`` of its home folder."""
    database = writer.database("barbican")
    key = bytes.fromhex(writer.passwords["key-encryption"] * 2)
    writer.ini(
        "barbican/.barbican/barbican.conf",
        {
            "DEFAULT": {
                **writer.common(),
                "host_href": writer.lab.url("barbican"),
                "db_auto_create": "false",
                "sql_connection": database["connection"],
            },
            "database": database,
            # orders are carried out within the request, without a worker
            "queue": {"enable": "false"},
            "keystone_authtoken": writer.token_check("barbican"),
            "secretstore": {"enabled_secretstore_plugins": "store_crypto"},
            "crypto": {"enabled_crypto_plugins": "simple_crypto"},
            "simple_crypto_plugin": {"kek": base64.b64encode(key).decode()},
        },
    )


def write_octavia(writer: Writer) -> None:
    """Write ``octavia/octavia.conf``."""
    writer.ini(
        "octavia/octavia.conf",
        {
            "DEFAULT": writer.common(),
            "api_settings": {
                "api_base_uri": writer.lab.url("octavia"),
                "auth_strategy": "keystone",
                "enabled_provider_drivers": "francecloud_lab: no data plane",
                "default_provider_driver": "francecloud_lab",
            },
            "database": writer.database("octavia"),
            "keystone_authtoken": writer.token_check("octavia"),
            "service_auth": writer.credential("octavia"),
            "neutron": {"region_name": REGION},
            "oslo_messaging": {"topic": "octavia_prov"},
            **NO_NOTIFICATIONS,
        },
    )
