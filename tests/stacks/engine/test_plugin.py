"""The plugin built here serves what the installed SDK asks for, and says that it was built here."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pulumi_openstack
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from stacks.engine import find_engine

pytestmark = pytest.mark.needs("engine")
TOKEN = re.compile(r"super\([^)]*\)\.__init__\(\s*'(openstack:[^']+)'")


@pytest.fixture(scope="module")
def plugin() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    engine = find_engine()
    assert engine is not None
    process = subprocess.Popen(
        [engine.plugin.path, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield provider_pb2_grpc.ResourceProviderStub(
            grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}")
        )
    finally:
        process.kill()
        process.wait()


def serves(plugin: provider_pb2_grpc.ResourceProviderStub, token: str) -> bool:
    request = provider_pb2.CheckRequest(
        urn=f"urn:pulumi:d::p::{token}::n", news=struct_pb2.Struct(), olds=struct_pb2.Struct(), randomSeed=b"x" * 32
    )
    try:
        plugin.Check(request, timeout=30)
    except grpc.RpcError as error:
        return "unrecognized resource type" not in error.details()
    return True


def tokens() -> set[str]:
    root = Path(pulumi_openstack.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in root.rglob("*.py")]
    return {token for text in texts if "CustomResource" in text for token in TOKEN.findall(text)}


def test_every_resource_of_the_sdk_is_served(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    asked = tokens()
    assert len(asked) > 100
    assert not {token for token in asked if not serves(plugin, token)}


def test_an_invented_resource_is_not(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    assert not serves(plugin, "openstack:compute/nothing:Nothing")


def test_what_is_built_here_says_so() -> None:
    engine = find_engine()
    assert engine is not None
    for piece in engine.pieces:
        assert piece.built_here == piece.version.endswith("+francecloud")
