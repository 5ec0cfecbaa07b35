"""A zone on an offer that speaks EC2 and S3, by the real engine, on moto in server mode."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chain import AS_OF, environment, francecloud
from test_the_gate import on_a_qualified_offer

pytestmark = [pytest.mark.needs("shared", "engine"), pytest.mark.slow]


@pytest.fixture
def offer() -> Iterator[dict[str, str]]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "essai", "AWS_SECRET_ACCESS_KEY": "essai",
           "AWS_DEFAULT_REGION": "eu-west-3"}  # fmt: skip
    server.stop()


def test_bucket_and_network_come_stay_and_go(analysed: Path, tmp_path: Path, offer: dict[str, str]) -> None:
    root = tmp_path / "espace"
    shutil.copytree(analysed, root, ignore=shutil.ignore_patterns(".pulumi", "operations", ".git"))
    zone = on_a_qualified_offer(root)
    settings = root / "francecloud.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + '\n[offers.outscale-cloudgouv-eu-west-1]\nregion = "eu-west-3"\n',
        encoding="utf-8",
    )

    def run(*words: str) -> Any:
        return francecloud(*words, "--as-of", AS_OF, cwd=root, env=environment(None, **offer))

    made = run("up", zone, "--yes", "--json").ok().json
    assert made["project"] == "external"
    assert {step["name"] for step in made["steps"]} >= {zone, f"{zone}-net"}
    assert (buckets(offer), networks(offer)) == ([zone], ["10.128.0.0/24"])
    assert run("up", zone, "--yes", "--json").ok().json["steps"] == []
    assert run("drift", zone).code == 0
    client("s3", offer).put_bucket_tagging(Bucket=zone, Tagging={"TagSet": [{"Key": "à la main", "Value": "oui"}]})
    assert run("drift", zone).code == 7
    run("up", zone, "--yes").ok()
    assert run("drift", zone).code == 0
    run("down", zone, "--yes").ok()
    assert (buckets(offer), networks(offer)) == ([], [])


def client(service: str, offer: dict[str, str]) -> Any:
    import boto3

    return boto3.client(
        service, endpoint_url=offer["AWS_ENDPOINT_URL"], region_name=offer["AWS_DEFAULT_REGION"],
        aws_access_key_id="essai", aws_secret_access_key="essai",
    )  # fmt: skip


def buckets(offer: dict[str, str]) -> list[str]:
    return [bucket["Name"] for bucket in client("s3", offer).list_buckets()["Buckets"]]


def networks(offer: dict[str, str]) -> list[str]:
    """The private networks, without the one every account is given."""
    return [vpc["CidrBlock"] for vpc in client("ec2", offer).describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
