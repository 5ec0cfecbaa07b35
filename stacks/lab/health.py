"""Is a service answering? One question for each kind; each may also fail with an OSError."""

from __future__ import annotations

import http.client
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from stacks.lab.processes import read_record
from stacks.lab.settings import HOST, Lab

FAILURES = (OSError, http.client.HTTPException)
"""What a check raises when the answer is no."""


def record_of(lab: Lab, name: str) -> Path:
    """Where a process of the lab is recorded."""
    return lab.run / f"{name}.record"


def accepts(lab: Lab, port: str) -> bool:
    """Someone accepts connections on this port."""
    with socket.create_connection((HOST, lab.port(port)), 1):
        return True


def broker_answers(lab: Lab) -> bool:
    """The broker opens an AMQP 0-9-1 conversation: after our header, a method frame (1)."""
    with socket.create_connection((HOST, lab.port("rabbitmq")), 2) as connection:
        connection.settimeout(2)
        connection.sendall(b"AMQP\x00\x00\x09\x01")
        return connection.recv(1) == b"\x01"


def api_answers(lab: Lab, service: str, path: str = "/", timeout: float = 5) -> bool:
    """An API answers, whatever it says, unless it says that it is broken."""
    connection = http.client.HTTPConnection(HOST, lab.port(service), timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    finally:
        connection.close()


def sql(lab: Lab, statement: str, database: str = "mysql") -> str:
    """Run SQL as the database's administrator, through its socket; rows by line, fields by tab.

    Raises:
        OSError: the database does not answer, or refuses the statement.
    """
    done = subprocess.run(
        ["mariadb", "--no-defaults", "-N", "-B", "-S", str(lab.run / "mariadb.sock"), "-u", "root", database],
        input=statement, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise OSError(done.stderr.strip())
    return done.stdout.strip()


def reported(lab: Lab, database: str, name: str) -> bool:
    """A Nova or Cinder worker reported to its database since it was started."""
    return _since_start(
        lab, name, database,
        f"select count(*) from services where deleted=0 and `binary`='{name}' and coalesce(updated_at, created_at)",  # noqa: S608 - names of ours
    )  # fmt: skip


def designate_reported(lab: Lab, part: str) -> bool:
    """A Designate worker (``central``…) reported to its database since it was started."""
    return _since_start(
        lab, f"designate-{part}", "designate",
        f"select count(*) from service_statuses where service_name='{part}' and heartbeated_at",  # noqa: S608 - names of ours
    )  # fmt: skip


def _since_start(lab: Lab, name: str, database: str, counted_time: str) -> bool:
    kept = read_record(record_of(lab, name))
    if kept is None:
        return False
    # the services write UTC whatever the machine's time zone
    started = datetime.fromtimestamp(int(kept.started), UTC).strftime("%Y-%m-%d %H:%M:%S")
    return int(sql(lab, f"{counted_time} >= '{started}'", database) or 0) > 0


def compute_host_known(lab: Lab) -> bool:
    """Nova mapped its compute host to a cell: before that no server is ever placed."""
    return bool(sql(lab, "select host from host_mappings", "nova_api"))
