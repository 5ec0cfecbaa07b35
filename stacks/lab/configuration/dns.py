"""Designate and a real name server: BIND fetches the zones and is polled, so ACTIVE means served."""

from __future__ import annotations

import base64
import json
import shutil

from stacks.lab.configuration.options import DOMAIN, HOSTNAME, NO_NOTIFICATIONS, Writer
from stacks.lab.settings import HOST


def write(writer: Writer) -> None:
    """Write Designate's configuration and pool, and BIND's."""
    _designate(writer)
    _pool(writer)
    _bind(writer)


def _designate(writer: Writer) -> None:
    lab, state = writer.lab, writer.lab.data / "designate"
    writer.ini(
        "designate/designate.conf",
        {
            "DEFAULT": {**writer.common(), "host": HOSTNAME, "state_path": state},
            "storage:sqlalchemy": writer.database("designate"),
            "keystone_authtoken": writer.token_check("designate"),
            "service:api": {
                "auth_strategy": "keystone",
                "enable_api_v2": "true",
                "enable_host_header": "true",
                "api_base_uri": lab.url("designate"),
                "api_paste_config": writer.shipped / "designate/api-paste.ini",
            },
            "service:central": {"workers": "1", "managed_resource_email": f"admin@{DOMAIN.rstrip('.')}"},
            "service:producer": {"workers": "1"},
            "service:worker": {"workers": "1", "threads": "10", "poll_delay": "1", "poll_retry_interval": "2"},
            "service:mdns": {"workers": "1", "listen": f"{HOST}:{lab.port('designate-mdns')}"},
            "coordination": {"backend_url": f"file://{state}/coordination"},
            **writer.lock("designate"),
            **NO_NOTIFICATIONS,
        },
    )
    # the API looks for this one beside designate.conf
    shutil.copy(writer.shipped / "designate/api-paste.ini", lab.etc / "designate/api-paste.ini")


def _pool(writer: Writer) -> None:
    lab = writer.lab
    pool = {
        "name": "default",
        "description": "francecloud lab",
        "attributes": {},
        "ns_records": [{"hostname": f"ns1.{DOMAIN}", "priority": 1}],
        "nameservers": [{"host": HOST, "port": lab.port("named")}],
        "targets": [
            {
                "type": "bind9",
                "description": "BIND of the lab",
                "masters": [{"host": HOST, "port": lab.port("designate-mdns")}],
                "options": {
                    "host": HOST,
                    "port": lab.port("named"),
                    "rndc_host": HOST,
                    "rndc_port": lab.port("rndc"),
                    "rndc_config_file": str(lab.etc / "rndc.conf"),
                },
            }
        ],
    }
    # JSON is YAML
    writer.text("designate/pools.yaml", json.dumps([pool], indent=1))


def _bind(writer: Writer) -> None:
    lab = writer.lab
    zones = lab.data / "named"
    key = base64.b64encode(writer.passwords["name-server"].encode()).decode()
    key_clause = f'key "lab" {{ algorithm hmac-sha256; secret "{key}"; }};\n'
    writer.text(
        "named.conf",
        f"""{key_clause}options {{
    directory "{zones}";
    managed-keys-directory "{zones}";
    pid-file "{lab.run}/named.pid";
    session-keyfile "{lab.run}/named.session.key";
    listen-on port {lab.port("named")} {{ {HOST}; }};
    listen-on-v6 {{ none; }};
    allow-new-zones yes;
    recursion no;
    dnssec-validation no;
    request-ixfr no;
    notify no;
    minimal-responses yes;
}};
controls {{ inet {HOST} port {lab.port("rndc")} allow {{ {HOST}; }} keys {{ "lab"; }}; }};
""",
    )
    writer.text(
        "rndc.conf",
        f'{key_clause}options {{ default-key "lab"; default-server {HOST}; default-port {lab.port("rndc")}; }};\n',
    )
