"""What the configuration files of all OpenStack services share (oslo.config's INI)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stacks.lab.passwords import passwords
from stacks.lab.settings import HOST, REGION, Lab, write_private

Options = Mapping[str, object]
Sections = Mapping[str, Options]
HOSTNAME = "lab"
DOMAIN = "lab.test."
NO_NOTIFICATIONS: Sections = {"oslo_messaging_notifications": {"driver": "noop"}}
# Durable queues: a message sent right after a crash of the broker is not lost.
MESSAGING: Sections = {
    "oslo_messaging_rabbit": {
        "amqp_durable_queues": "true",
        "kombu_reconnect_delay": "0.5",
        "rabbit_interval_max": "2",
    },
    **NO_NOTIFICATIONS,
}


@dataclass(frozen=True)
class Writer:
    """What one lab's configuration files are written from."""

    lab: Lab

    @cached_property
    def passwords(self) -> dict[str, str]:
        """Every password by its owner."""
        return passwords(self.lab)

    @property
    def shipped(self) -> Path:
        """The sample files that the OpenStack packages bring along."""
        return self.lab.venv / "etc"

    def ini(self, name: str, sections: Sections) -> None:
        """Write ``{section: {option: value}}`` under the lab's ``etc`` folder."""
        write_private(self.lab.etc / name, render_ini(sections))

    def text(self, name: str, text: str) -> None:
        """Write a file under the lab's ``etc`` folder."""
        write_private(self.lab.etc / name, text)

    def common(self) -> dict[str, object]:
        """The options of ``[DEFAULT]`` that every service with a broker has."""
        return {"debug": "false", "use_stderr": "true", "transport_url": self.broker_url()}

    def database(self, name: str) -> dict[str, object]:
        """The ``[database]`` section; pools are small enough for a laptop."""
        return {
            "connection": self.database_url(name),
            "max_pool_size": "5",
            "max_overflow": "20",
            "connection_recycle_time": "600",
        }

    def database_url(self, name: str) -> str:
        """A SQLAlchemy address."""
        where = f"{HOST}:{self.lab.port('mariadb')}"
        return f"mysql+pymysql://lab:{self.passwords['database']}@{where}/{name}?charset=utf8mb4"

    def broker_url(self) -> str:
        """An oslo.messaging address."""
        return f"rabbit://lab:{self.passwords['broker']}@{HOST}:{self.lab.port('rabbitmq')}/"

    def credential(self, user: str) -> dict[str, object]:
        """The keystoneauth options of a service's user."""
        return {
            "auth_type": "password",
            "auth_url": self.lab.url("keystone", "/v3"),
            "username": user,
            "password": self.passwords[user],
            "project_name": "service",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
            "region_name": REGION,
        }

    def token_check(self, user: str) -> dict[str, object]:
        """The ``[keystone_authtoken]`` section."""
        return {
            **self.credential(user),
            "www_authenticate_uri": self.lab.url("keystone", "/v3"),
            "service_token_roles": "service",
            "service_token_roles_required": "true",
            "memcached_servers": self.cache(),
            "token_cache_time": "60",
        }

    def service_user(self, user: str) -> dict[str, object]:
        """The ``[service_user]`` section: our own token travels beside the caller's."""
        return {**self.credential(user), "send_service_user_token": "true"}

    def cache(self) -> str:
        """Host and port of memcached."""
        return f"{HOST}:{self.lab.port('memcached')}"

    def lock(self, service: str) -> Sections:
        """The ``[oslo_concurrency]`` section."""
        return {"oslo_concurrency": {"lock_path": self.lab.data / service / "lock"}}


def render_ini(sections: Sections) -> str:
    """The text of an INI file, in the order given."""
    blocks = []
    for name, options in sections.items():
        blocks.append("\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in options.items())]))
    return "\n\n".join(blocks) + "\n"
