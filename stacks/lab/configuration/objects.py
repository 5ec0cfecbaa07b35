"""Swift: proxy, account, container and object servers, one copy on one folder, with the S3 API."""

from __future__ import annotations

import os
import pwd

from stacks.lab.configuration.options import Options, Writer
from stacks.lab.settings import HOST, REGION

STORES = ("account", "container", "object")
# authtoken stands before s3api: the other way round S3 answers SignatureDoesNotMatch
PIPELINE = (
    "catch_errors", "gatekeeper", "healthcheck", "cache", "listing_formats", "bulk", "tempurl", "authtoken", "s3api",
    "s3token", "keystoneauth", "copy", "container-quotas", "account-quotas", "slo", "dlo", "versioned_writes",
    "symlink", "proxy-server",
)  # fmt: skip
PLAIN_FILTERS = (
    "catch_errors", "gatekeeper", "healthcheck", "listing_formats", "bulk", "tempurl", "copy", "container-quotas",
    "account-quotas", "slo", "dlo", "symlink",
)  # fmt: skip


def write(writer: Writer) -> None:
    """Write the four servers' configuration and ``swift.conf``."""
    writer.ini(
        "swift/swift.conf",
        {
            "swift-hash": {"swift_hash_path_suffix": writer.passwords["object-hash"]},
            "storage-policy:0": {"name": "gold", "default": "yes"},
        },
    )
    for kind in STORES:
        writer.ini(
            f"swift/{kind}-server.conf",
            {
                "DEFAULT": {**_server(writer), "bind_port": writer.lab.port(f"swift-{kind}")},
                "pipeline:main": {"pipeline": f"{kind}-server"},
                f"app:{kind}-server": _part(kind),
            },
        )
    _proxy(writer)


def _server(writer: Writer) -> dict[str, object]:
    return {
        "bind_ip": HOST,
        "user": pwd.getpwuid(os.getuid()).pw_name,
        "swift_dir": writer.lab.etc / "swift",
        "devices": writer.lab.data / "swift",
        "mount_check": "false",
        "workers": "0",
        "fallocate_reserve": "0",
        "disable_fallocate": "true",
        "log_level": "WARNING",
    }


def _part(name: str, **options: object) -> Options:
    return {"use": f"egg:swift#{name}", **options}


def _proxy(writer: Writer) -> None:
    writer.ini(
        "swift/proxy-server.conf",
        {
            "DEFAULT": {**_server(writer), "bind_port": writer.lab.port("swift")},
            "pipeline:main": {"pipeline": " ".join(PIPELINE)},
            "app:proxy-server": _part("proxy", account_autocreate="true", object_chunk_size="65536"),
            "filter:cache": _part("memcache", memcache_servers=writer.cache()),
            "filter:s3api": _part("s3api", location=REGION, s3_acl="false"),
            "filter:s3token": _part(
                "s3token",
                auth_uri=writer.lab.url("keystone", "/v3"),
                reseller_prefix="AUTH_",
                delay_auth_decision="true",
                **writer.credential("swift"),
            ),
            "filter:authtoken": {
                "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
                "delay_auth_decision": "true",
                "cache": "swift.cache",
                "include_service_catalog": "false",
                **writer.token_check("swift"),
            },
            "filter:keystoneauth": _part("keystoneauth", operator_roles="admin, member", reseller_admin_role="admin"),
            "filter:versioned_writes": _part(
                "versioned_writes", allow_versioned_writes="true", allow_object_versioning="true"
            ),
            **{f"filter:{name}": _part(name.replace("-", "_")) for name in PLAIN_FILTERS},
        },
    )
