"""Keystone."""

from __future__ import annotations

from stacks.lab.configuration.options import NO_NOTIFICATIONS, Writer


def write(writer: Writer) -> None:
    """Write ``keystone/keystone.conf``."""
    keys = writer.lab.data / "keystone"
    writer.ini(
        "keystone/keystone.conf",
        {
            "DEFAULT": writer.common(),
            "database": writer.database("keystone"),
            "token": {"provider": "fernet", "expiration": "28800"},
            "fernet_tokens": {"key_repository": keys / "fernet"},
            # left at their default, these would be sought in /etc
            "fernet_receipts": {"key_repository": keys / "receipts"},
            "credential": {"key_repository": keys / "credential"},
            # bcrypt with few rounds: nothing here is worth protecting, and logins are many
            "identity": {"password_hash_rounds": "4", "max_password_length": "72"},
            # this pool outlives a crash of memcached, dogpile.cache.pymemcache does not
            "cache": {
                "enabled": "true",
                "backend": "oslo_cache.memcache_pool",
                "memcache_servers": writer.cache(),
                "memcache_dead_retry": "1",
            },
            **NO_NOTIFICATIONS,
        },
    )
