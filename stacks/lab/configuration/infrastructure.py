"""MariaDB and RabbitMQ, on the loopback address and with nothing made to last."""

from __future__ import annotations

from stacks.lab.configuration.options import Writer
from stacks.lab.settings import HOST


def write(writer: Writer) -> None:
    """Write the database's and the broker's configuration."""
    _mariadb(writer)
    _rabbitmq(writer)


def _mariadb(writer: Writer) -> None:
    lab = writer.lab
    writer.ini(
        "mariadb.cnf",
        {
            "mariadbd": {
                "datadir": lab.data / "mysql",
                "bind-address": HOST,
                "port": lab.port("mariadb"),
                "socket": lab.run / "mariadb.sock",
                "pid-file": lab.run / "mariadb.pid",
                "max_connections": "1000",
                "skip-name-resolve": "1",
                "character-set-server": "utf8mb4",
                "collation-server": "utf8mb4_general_ci",
                "innodb_buffer_pool_size": "256M",
                "innodb_log_file_size": "48M",
                # fewer lock waits when many networks are created at once
                "transaction-isolation": "READ-COMMITTED",
                # thrown away in the end: no waiting for the disk
                "innodb_flush_log_at_trx_commit": "0",
                "sync_binlog": "0",
                "innodb_doublewrite": "0",
                "skip-log-bin": "1",
                "performance_schema": "0",
            }
        },
    )


def _rabbitmq(writer: Writer) -> None:
    writer.text(
        "rabbitmq.conf",
        f"""listeners.tcp.local = {HOST}:{writer.lab.port("rabbitmq")}
default_user = lab
default_pass = {writer.passwords["broker"]}
loopback_users = none
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 100MB
log.console = true
log.console.level = warning
log.file = false
""",
    )
    writer.text("rabbitmq-advanced.config", "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n")
    writer.text("enabled_plugins", "[].\n")
