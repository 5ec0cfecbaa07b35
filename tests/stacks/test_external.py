"""Bucket and network against moto in server mode: the very calls of production, on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from inventory.problems import InvalidInput
from stacks.external import clients
from stacks.external.bucket import Bucket
from stacks.external.private_network import PrivateNetwork
from stacks.external.resources import BucketProvider, PrivateNetworkProvider

REGION = "eu-west-2"
TAGS = {"francecloud:zone": "z", "env": "prod"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    # moto keeps one state a process: what is left here would show in the next server.
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"), timeout=10).close()
    server.stop()


@pytest.fixture(autouse=True)
def environment(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_EC2"):
        monkeypatch.setenv(name, address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "essai")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "essai")


def test_nothing_is_called_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    monkeypatch.delenv("AWS_ENDPOINT_URL_EC2")
    with pytest.raises(InvalidInput, match="ZON-022"):
        clients.s3(REGION)
    with pytest.raises(InvalidInput, match="ZON-022"):
        clients.ec2(REGION)


def test_s3_is_called_as_compatible_stores_want_it() -> None:
    client = clients.s3(REGION)
    config: Any = client.meta.config
    assert config.request_checksum_calculation == "when_required"
    assert config.response_checksum_validation == "when_required"
    assert config.s3["addressing_style"] == "path"
    client.create_bucket(Bucket="chemin", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert (
        client.generate_presigned_url("get_object", Params={"Bucket": "chemin", "Key": "k"}).split("/")[3] == "chemin"
    )
    client.delete_bucket(Bucket="chemin")


def test_a_bucket_is_made_seen_mended_and_removed() -> None:
    bucket = Bucket("zone-essai", REGION, TAGS)
    assert Bucket.observe("zone-essai", REGION) is None
    assert bucket.ensure() == "zone-essai"
    assert bucket.ensure() == "zone-essai", "safe to repeat"
    assert Bucket.observe("zone-essai", REGION) == bucket
    clients.s3(REGION).put_bucket_versioning(Bucket="zone-essai", VersioningConfiguration={"Status": "Suspended"})
    seen = Bucket.observe("zone-essai", REGION)
    assert seen is not None
    assert not seen.versioned
    bucket.ensure()
    assert Bucket.observe("zone-essai", REGION) == bucket
    Bucket.remove("zone-essai", REGION)
    Bucket.remove("zone-essai", REGION)
    assert Bucket.observe("zone-essai", REGION) is None


def test_a_bucket_of_somebody_else_is_left_alone() -> None:
    clients.s3(REGION).create_bucket(Bucket="autrui", CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(InvalidInput, match="ZON-025"):
        Bucket("autrui", REGION, TAGS).ensure()
    clients.s3(REGION).delete_bucket(Bucket="autrui")


def test_a_mark_taken_away_behind_our_back_is_put_back() -> None:
    provider = BucketProvider()
    props = {"bucket": "zone-marquee", "region": REGION, "tags": TAGS, "versioned": True}
    provider.create(props)
    clients.s3(REGION).put_bucket_tagging(Bucket="zone-marquee", Tagging={"TagSet": []})
    seen = dict(provider.read("zone-marquee", props).outs or {})
    assert provider.diff("zone-marquee", seen, props).changes
    provider.update("zone-marquee", seen, props)
    assert provider.read("zone-marquee", props).outs == props


def test_a_bucket_that_holds_something_stays() -> None:
    Bucket("zone-pleine", REGION, TAGS).ensure()
    clients.s3(REGION).put_object(Bucket="zone-pleine", Key="k", Body=b"x")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        Bucket.remove("zone-pleine", REGION)


def test_a_network_is_made_shut_seen_and_removed() -> None:
    network = PrivateNetwork("z-net", REGION, "10.144.0.0/24", TAGS)
    made = network.ensure()
    assert network.ensure() == made, "safe to repeat, after a cut too"
    client = clients.ec2(REGION)
    group = client.describe_security_groups(GroupIds=[made.security_group_id])["SecurityGroups"][0]
    assert not group["IpPermissions"]
    assert not group["IpPermissionsEgress"]
    assert PrivateNetwork.observe(made.vpc_id, REGION) == (network, made)
    PrivateNetwork.remove(made.vpc_id, REGION)
    PrivateNetwork.remove(made.vpc_id, REGION)
    assert PrivateNetwork.observe(made.vpc_id, REGION) is None


def test_an_opened_default_group_is_a_difference_and_is_shut_again() -> None:
    props = {"network": "o-net", "region": REGION, "cidr": "10.145.0.0/24", "tags": TAGS}
    provider = PrivateNetworkProvider()
    created = provider.create({**props, "subnet_id": None, "security_group_id": None})
    outs: Any = created.outs
    clients.ec2(REGION).authorize_security_group_ingress(
        GroupId=outs["security_group_id"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    seen = provider.read(str(created.id), props)
    changed = provider.diff(str(created.id), dict(seen.outs or {}), props)
    assert (changed.changes, changed.replaces) == (True, [])
    provider.update(str(created.id), dict(seen.outs or {}), props)
    again = provider.read(str(created.id), props)
    assert not provider.diff(str(created.id), dict(again.outs or {}), props).changes
    provider.delete(str(created.id), props)
    gone = provider.read(str(created.id), props)
    assert (gone.id, gone.outs) == ("", {})


def test_the_bucket_s_adapter_has_its_five_methods() -> None:
    provider = BucketProvider()
    props = {"bucket": "zone-cinq", "region": REGION, "tags": TAGS, "versioned": True}
    assert provider.check({}, props).inputs == props
    created = provider.create(props)
    seen = provider.read(str(created.id), props)
    assert seen.outs == props
    other = {**props, "tags": {**TAGS, "env": "test"}}
    assert provider.diff("zone-cinq", props, other).replaces == []
    assert provider.diff("zone-cinq", props, {**props, "bucket": "autre"}).replaces == ["bucket"]
    assert not provider.diff("zone-cinq", props, props).changes
    assert dict(provider.update("zone-cinq", props, other).outs or {})["tags"]["env"] == "test"
    provider.delete("zone-cinq", props)
    assert provider.read("zone-cinq", props).id == ""
