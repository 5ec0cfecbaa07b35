"""The services beneath OpenStack, from Debian's packages: started first, stopped last."""

from __future__ import annotations

import os
from functools import partial

from stacks.lab.health import accepts, broker_answers
from stacks.lab.service import Service
from stacks.lab.settings import HOST, Lab

INFRASTRUCTURE = ("mariadb", "epmd", "memcached", "rabbitmq")


def infrastructure(lab: Lab) -> list[Service]:
    """Database, Erlang's port mapper, cache and message broker."""
    as_root = os.geteuid() == 0
    return [
        Service(
            "mariadb",
            ["/usr/sbin/mariadbd", f"--defaults-file={lab.etc}/mariadb.cnf", *(["--user=root"] if as_root else [])],
            partial(accepts, lab, "mariadb"),
            ports=("mariadb",),
        ),
        Service(
            "epmd",
            ["epmd", "-address", HOST, "-port", lab.port("epmd")],
            partial(accepts, lab, "epmd"),
            ports=("epmd",),
        ),
        Service(
            "memcached",
            [
                "memcached",
                "-l",
                HOST,
                "-p",
                lab.port("memcached"),
                "-U",
                0,
                "-m",
                64,
                *(["-u", "root"] if as_root else []),
            ],
            partial(accepts, lab, "memcached"),
            ports=("memcached",),
        ),
        _rabbitmq(lab),
    ]


def _rabbitmq(lab: Lab) -> Service:
    return Service(
        "rabbitmq",
        ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
        partial(broker_answers, lab),
        ports=("rabbitmq", "rabbitmq-distribution"),
        environment={
            "HOME": lab.data / "rabbitmq",
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": lab.port("epmd"),
            "RABBITMQ_DIST_PORT": lab.port("rabbitmq-distribution"),
            "RABBITMQ_NODENAME": "lab@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": lab.etc / "rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": lab.etc / "rabbitmq-advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": lab.etc / "enabled_plugins",
            "RABBITMQ_MNESIA_BASE": lab.data / "rabbitmq/mnesia",
            "RABBITMQ_LOG_BASE": lab.log / "rabbitmq",
            # no busy waiting: the machine has better to do
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",
        },
    )
