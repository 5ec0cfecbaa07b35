"""EC2-compatible clouds: the real client against moto, and against answers that moto does not give."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

import boto3
import collect_doubles as doubles
import pytest
from moto.server import ThreadedMotoServer

from inventory.collect.ec2 import EC2
from inventory.collect.running import collect
from inventory.problems import UserError
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
REGION = "eu-west-3"
SECRET = "cle-secrete-a-taire"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIAESSAI", "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"), timeout=10).close()
    server.stop()


def go(workspace: Workspace, endpoint: str, environment: Any = ENVIRONMENT, **more: Any) -> Any:
    settings = {"endpoint": endpoint, "region": REGION, "name": "essai", **more}
    return collect(EC2(), workspace, settings=settings, environment=environment, today=DAY)


def test_what_an_account_holds(moto: str, workspace: Workspace, rows_of: Any, tree: Any) -> None:
    client: Any = boto3.client(
        "ec2", endpoint_url=moto, region_name=REGION, aws_access_key_id="AKIAESSAI", aws_secret_access_key=SECRET
    )
    image = client.describe_images()["Images"][0]
    tags = [
        {"Key": "Name", "Value": "paie"},
        {"Key": "env", "Value": "prod"},
        {"Key": "mot-de-passe", "Value": "ne-pas-garder"},
    ]
    made = client.run_instances(
        ImageId=image["ImageId"], InstanceType="t3.large", MinCount=3, MaxCount=3,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )["Instances"]  # fmt: skip
    client.stop_instances(InstanceIds=[made[1]["InstanceId"]])
    client.terminate_instances(InstanceIds=[made[2]["InstanceId"]])
    outcome = go(workspace, moto)
    assert not outcome.refused
    assert "INV-151" in {p.code for p in outcome.problems}
    on, off = made[0]["InstanceId"], made[1]["InstanceId"]
    assert rows_of(workspace, "servers", "id", "power_state") == {on: "on", off: "off"}
    assert rows_of(workspace, "servers", "id", "vcpu") == {on: 2, off: 2}
    assert rows_of(workspace, "servers", "id", "ram_gib")[on] == 8.0
    assert rows_of(workspace, "servers", "id", "storage_gib")[on] is not None
    assert rows_of(workspace, "servers", "id", "environment")[on] == "production"
    assert rows_of(workspace, "servers", "id", "ip")[on] == made[0]["PrivateIpAddress"]
    kept = outcome.path.read_text()
    assert "ne-pas-garder" not in kept
    assert SECRET not in kept
    before = tree(workspace.root)
    assert not go(workspace, moto).changed
    assert tree(workspace.root) == before


def instance(key: str, kind: str = "tinav5.c4r8p2") -> str:
    return (
        f"<item><instanceId>{key}</instanceId><instanceType>{kind}</instanceType>"
        "<instanceState><code>16</code><name>running</name></instanceState></item>"
    )


def page(*keys: str, following: str = "") -> bytes:
    more = f"<nextToken>{following}</nextToken>" if following else ""
    items = "".join(instance(k) for k in keys)
    return (
        '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><ownerId>1</ownerId>'
        f"<instancesSet>{items}</instancesSet></item></reservationSet>{more}</DescribeInstancesResponse>"
    ).encode()


def failure(code: str, status: int) -> doubles.Reply:
    text = f"<Response><Errors><Error><Code>{code}</Code><Message>non {SECRET}</Message></Error></Errors></Response>"
    return doubles.Reply(text.encode(), status, {"Content-Type": "text/xml"})


def spare(pages: dict[str, bytes]) -> Any:
    """A cloud that knows only DescribeInstances, as some compatible ones nearly do."""

    def answer(asked: doubles.Asked) -> doubles.Reply:
        form = {k: v[-1] for k, v in parse_qs(asked.body.decode()).items()}
        if form["Action"] != "DescribeInstances":
            return failure("InvalidAction", 400)
        return doubles.Reply(pages[form.get("NextToken", "")], 200, {"Content-Type": "text/xml"})

    return answer


def test_page_after_page_and_fields_that_are_not_there(workspace: Workspace, rows_of: Any) -> None:
    pages = {"": page("i-1", "i-2", following="suite"), "suite": page("i-3")}
    with doubles.serving(spare(pages)) as server:
        outcome = go(workspace, server.url)
        actions = [parse_qs(a.body.decode())["Action"][0] for a in server.asked]
    assert all(action.startswith("Describe") for action in actions)
    assert rows_of(workspace, "servers", "id", "vcpu") == {"i-1": 4, "i-2": 4, "i-3": 4}
    assert rows_of(workspace, "servers", "id", "storage_gib") == {"i-1": None, "i-2": None, "i-3": None}
    assert "describe_volumes" in outcome.unread


def test_a_page_that_follows_itself(workspace: Workspace, tree: Any) -> None:
    before = tree(workspace.root)
    with (
        doubles.serving(spare({"": page("i-1", following="a"), "a": page("i-2", following="a")})) as server,
        pytest.raises(UserError, match="INV-144"),
    ):
        go(workspace, server.url)
    assert tree(workspace.root) == before


@pytest.mark.parametrize(
    ("code", "status", "expected", "exit_code"),
    [("AuthFailure", 401, "INV-141", 3), ("UnauthorizedOperation", 403, "INV-141", 3), ("RequestLimitExceeded", 400, "INV-153", 4),
     ("Autre", 400, "INV-143", 4)],
)  # fmt: skip
def test_failures(
    code: str, status: int, expected: str, exit_code: int, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with (
        doubles.serving(lambda _asked: failure(code, status)) as server,
        pytest.raises(UserError, match=expected) as raised,
    ):
        go(workspace, server.url)
    assert raised.value.exit_code == exit_code
    assert SECRET not in str(raised.value)


def test_neither_address_nor_region_nor_credential(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="INV-147"):
        go(workspace, "")
    with pytest.raises(UserError, match="INV-147"):
        go(workspace, "http://127.0.0.1:9", region=None)
    with pytest.raises(UserError, match="INV-140"):
        go(workspace, "http://127.0.0.1:9", environment={})
