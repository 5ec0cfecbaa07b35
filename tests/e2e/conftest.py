"""One chain for all: imported, analysed, zoned, deployed by the operator, then by a member of one project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from chain import AS_OF, Answer, decide, edit, environment, francecloud, handwritten_list, write

OFFER = "pi-usuelle"
MEMBER = "francecloud-essai-membre"


@dataclass
class Chain:
    """A workspace on the way, its clouds, and what each command answered."""

    root: Path
    clouds: Path
    operator: Any
    zone: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)

    def run(self, *words: str, as_of: str = AS_OF, **more: str) -> Answer:
        """Run a verb on the workspace, on the pinned day."""
        dated = [] if words[0] in ("import", "check", "init") or words[1] == "discover" else ["--as-of", as_of]
        return francecloud(*words, *dated, cwd=self.root, env=environment(self.clouds, **more))

    @property
    def zone_file(self) -> Path:
        return self.root / "zones" / f"{self.zone}.yaml"

    def set(self, **settings: str) -> None:
        """Add settings of the offer, as an administrator does by hand."""
        path = self.root / "francecloud.toml"
        lines = "".join(f'{key} = "{value}"\n' for key, value in settings.items())
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"[offers.{OFFER}]\n", f"[offers.{OFFER}]\n{lines}"), encoding="utf-8")

    def as_member(self) -> Any:
        """A connection to the cloud as the tenant."""
        return connection(self.clouds, MEMBER)


def connection(clouds: Path, name: str) -> Any:
    import openstack
    from openstack.config import OpenStackConfig

    region = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one(name)
    return openstack.connection.Connection(config=region)


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """A workspace from an RVTools export and a list kept by hand: imported, signed for, analysed, zoned."""
    here = environment()
    root = tmp_path_factory.mktemp("chaine") / "espace"
    francecloud("init", str(root), cwd=root.parent, env=here).ok()
    settings = root / "francecloud.toml"
    write(settings, f"{settings.read_text(encoding='utf-8')}\n[offers.{OFFER}]\n")
    kept = root.parent / "applications.csv"
    kept.write_bytes(handwritten_list())
    exports = [str(path) for path in sorted((shared / "samples/rvtools").glob("*.xlsx"))]
    francecloud("import", *exports, str(kept), cwd=root, env=here).ok()
    decide(root)
    francecloud("analyse", "--as-of", AS_OF, cwd=root, env=here).ok()
    francecloud("zones", "make", "--as-of", AS_OF, cwd=root, env=here).ok()
    return root


@pytest.fixture(scope="session")
def engine() -> Any:
    """The engine of this machine."""
    from stacks.engine import find_engine

    return find_engine()


@pytest.fixture(scope="session")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clouds.yaml of our own: the lab's administrator; the member joins later."""
    from stacks.lab import lab_clouds_file

    path = tmp_path_factory.mktemp("nuages") / "clouds.yaml"
    path.write_text(Path(str(lab_clouds_file())).read_text(encoding="utf-8"), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def catalogue(clouds: Path) -> Iterator[Any]:
    """The operator's image and flavour, and the cloud's identity service."""
    operator = connection(clouds, "lab")
    flavor = operator.compute.create_flavor(name="essai-petite", ram=64, vcpus=1, disk=1)
    image = operator.image.create_image(
        "essai-debian", disk_format="raw", container_format="bare", data=b"0" * 512, visibility="public", wait=True
    )
    yield operator
    operator.image.delete_image(image)
    operator.compute.delete_flavor(flavor)


@pytest.fixture(scope="session")
def founded(analysed: Path, clouds: Path, catalogue: Any) -> Iterator[Chain]:
    """The operator's part, really deployed: foundation, network; and a person who joins the project."""
    chain = Chain(analysed, clouds, catalogue)
    [chain.zone] = [path.stem for path in analysed.glob("zones/*.yaml") if f"-{OFFER}-" in path.stem]
    chain.set(cloud=MEMBER, operator_cloud="lab", region="RegionOne")
    chain.run("zones", "discover", OFFER).ok()
    chain.answers["foundation"] = chain.run("up", OFFER, "--project", "foundation", "--yes", "--json").ok()
    chain.answers["network"] = chain.run("up", OFFER, "--project", "network", "--yes", "--json").ok()
    foundation, network = (chain.answers[name].json["outputs"] for name in ("foundation", "network"))
    [project_id], [hub] = foundation["projects"].values(), network["hubs"].values()
    chain.set(project_id=project_id, external_network_id=hub["external_network_id"])
    leaves = member_joins(chain, project_id, foundation["groups"]["logistique-equipe"])
    yield chain
    chain.run("down", chain.zone, "--yes")  # a test that failed left it there, and the hub cannot go before it
    leaves()
    for project in ("network", "foundation"):
        chain.run("down", OFFER, "--project", project, "--yes").ok()


@pytest.fixture(scope="session")
def live(founded: Chain) -> Iterator[Chain]:
    """The zone, with one machine asked for, deployed by the member."""

    def ask(zone: dict[str, Any]) -> None:
        zone["instances"] = [{"name": "appli", "image": "essai-debian", "flavor": "essai-petite",
                              "security_groups": ["base", "entree"], "key_pair": "exploitation",
                              "volumes": ["donnees"]}]  # fmt: skip

    edit(founded.zone_file, ask)
    founded.answers["up"] = founded.run("up", founded.zone, "--yes", "--json").ok()
    yield founded
    founded.run("down", founded.zone, "--yes")


def member_joins(chain: Chain, project_id: str, group_id: str) -> Callable[[], None]:
    """A person enters the project's group, and so has the role ``member`` on that project and no other."""
    operator = chain.operator
    user = operator.identity.create_user(name=MEMBER, password="essai", domain_id="default")
    operator.identity.add_user_to_group(user, group_id)
    auth = {"auth_url": operator.config.auth["auth_url"], "username": MEMBER, "password": "essai",
            "user_domain_id": "default", "project_id": project_id}  # fmt: skip

    def join(content: dict[str, Any]) -> None:
        content["clouds"][MEMBER] = {"region_name": "RegionOne", "identity_api_version": 3, "auth": auth}

    edit(chain.clouds, join)
    return lambda: operator.identity.delete_user(user)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
