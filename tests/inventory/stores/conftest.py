"""A PostgreSQL of the tests' own: a private cluster on a Unix socket, gone when they end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inventory.stores.ddl import ddl, member
from inventory.workspace import Workspace

Make = Callable[[str], Workspace]
ROLES = {"dsi_nord": ("DSI-NORD", ()), "dsi_sud": ("DSI-SUD", ()), "dnum": ("DNUM", ("DSI-NORD", "DSI-SUD"))}


def _as_nobody(command: list[str]) -> None:
    """PostgreSQL refuses to run as root: an account without rights runs it then."""
    who = pwd.getpwnam("nobody")
    more = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **more)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server, as its superuser."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))[-1]
    folder = Path(tempfile.mkdtemp(prefix="fcpg"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    data = folder / "data"
    _as_nobody([str(programs / "initdb"), "-D", str(data), "-U", "boss", "-A", "trust", "-E", "UTF8", "--no-sync"])
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c lc_messages=C"
    _as_nobody([str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"])
    try:
        yield f"postgresql://boss@/postgres?host={folder}"
    finally:
        _as_nobody([str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def base(server: str) -> str:
    """A base with the tables and three roles, as its superuser; its own for each test."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as boss:
        boss.execute("DROP DATABASE IF EXISTS inventaire WITH (FORCE)")
        boss.execute("CREATE DATABASE inventaire")
        for role in ("keeper", *ROLES):
            found = boss.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            if not found:
                boss.execute(f"CREATE ROLE {role} LOGIN" + (" CREATEROLE" if role == "keeper" else ""))
        boss.execute("GRANT CREATE ON DATABASE inventaire TO keeper")
    address = server.replace("/postgres?", "/inventaire?")
    with psycopg.connect(address, autocommit=True) as boss:
        # Owned by an administrator who is no superuser, as in a ministry.
        boss.execute("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'francecloud_users') THEN "
                     "CREATE ROLE francecloud_users NOLOGIN; END IF; END $$")  # fmt: skip
        boss.execute("GRANT francecloud_users TO keeper WITH ADMIN OPTION")
    with psycopg.connect(address.replace("boss@", "keeper@")) as keeper:
        keeper.execute(ddl().encode())
        for role, (organisation, reads) in ROLES.items():
            keeper.execute(member(role, organisation, reads).encode())
    return address


@pytest.fixture
def shared_workspace(base: str, tmp_path: Path) -> Make:
    """A workspace whose store is the base, as a role of it."""

    def make(role: str) -> Workspace:
        root = tmp_path / role
        root.mkdir(exist_ok=True)
        address = base.replace("boss@", f"{role}@")
        (root / "francecloud.toml").write_text(f'[workspace]\nname = "{role}"\n[inventory]\nstore = "{address}"\n')
        return Workspace(root, {"workspace": {"name": role}, "inventory": {"store": address}})

    return make
