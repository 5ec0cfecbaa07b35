"""A private network on an EC2-compatible offer: VPC, subnet, default security group shut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stacks.external import clients

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


@dataclass(frozen=True, slots=True)
class Made:
    """The ids of what was made."""

    vpc_id: str
    subnet_id: str
    security_group_id: str


@dataclass(frozen=True, slots=True)
class PrivateNetwork:
    """What the network must be. Its name, in a tag, is how it is found again after a cut."""

    name: str
    region: str | None
    cidr: str
    tags: dict[str, str]

    def ensure(self) -> Made:
        """Make what is missing and shut the default group; safe to repeat, also after a cut."""
        client = clients.ec2(self.region)
        vpc = _vpc(client, self.name, self.tags) or client.create_vpc(CidrBlock=self.cidr)["Vpc"]["VpcId"]
        self._tag(client, vpc)
        subnets = client.describe_subnets(Filters=_of(vpc))["Subnets"]
        subnet = (
            subnets[0]["SubnetId"]
            if subnets
            else client.create_subnet(VpcId=vpc, CidrBlock=self.cidr)["Subnet"]["SubnetId"]
        )
        self._tag(client, subnet)
        group = _default_group(client, vpc)
        _shut(client, group)
        return Made(vpc, subnet, str(group["GroupId"]))

    @staticmethod
    def observe(vpc_id: str, region: str | None) -> tuple[PrivateNetwork, Made] | None:
        """The network as it is, None when its VPC or subnet is gone.

        A default group that somebody opened shows as the tag ``ouvert``: no zone has it, so it is a
        difference.
        """
        client = clients.ec2(region)
        try:
            vpc = client.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
        except (ClientError, IndexError) as error:
            if isinstance(error, ClientError) and "NotFound" not in error.response["Error"]["Code"]:
                raise
            return None
        subnets = client.describe_subnets(Filters=_of(vpc_id))["Subnets"]
        if not subnets:
            return None
        group = _default_group(client, vpc_id)
        tags = {tag["Key"]: tag["Value"] for tag in vpc.get("Tags", [])}
        name = tags.pop("Name", "")
        if group.get("IpPermissions") or group.get("IpPermissionsEgress"):
            tags["ouvert"] = str(group["GroupId"])
        made = Made(vpc_id, subnets[0]["SubnetId"], str(group["GroupId"]))
        return PrivateNetwork(name, region, vpc["CidrBlock"], tags), made

    @staticmethod
    def remove(vpc_id: str, region: str | None) -> None:
        """Remove subnets, then the VPC; what is already gone is well.

        Raises:
            botocore.exceptions.ClientError: something still lives in it.
        """
        client = clients.ec2(region)
        for subnet in client.describe_subnets(Filters=_of(vpc_id))["Subnets"]:
            client.delete_subnet(SubnetId=subnet["SubnetId"])
        try:
            client.delete_vpc(VpcId=vpc_id)
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                raise

    def _tag(self, client: EC2Client, resource: str) -> None:
        wanted = {**self.tags, "Name": self.name}
        kept = client.describe_tags(Filters=[{"Name": "resource-id", "Values": [resource]}])["Tags"]
        gone = [{"Key": tag["Key"]} for tag in kept if tag["Key"] not in wanted]
        if gone:
            client.delete_tags(Resources=[resource], Tags=gone)  # type: ignore[arg-type]
        client.create_tags(Resources=[resource], Tags=[{"Key": k, "Value": v} for k, v in sorted(wanted.items())])


def _of(vpc: str) -> Any:
    return [{"Name": "vpc-id", "Values": [vpc]}]


def _vpc(client: EC2Client, name: str, tags: Mapping[str, str]) -> str | None:
    """A VPC of this name that bears this zone's mark, left by a creation cut short."""
    wanted = {**{k: v for k, v in tags.items() if k.startswith("francecloud:")}, "Name": name}
    filters: Any = [{"Name": f"tag:{key}", "Values": [value]} for key, value in sorted(wanted.items())]
    found = client.describe_vpcs(Filters=filters)["Vpcs"]
    return found[0]["VpcId"] if len(found) == 1 else None


def _default_group(client: EC2Client, vpc: str) -> Mapping[str, Any]:
    filters: Any = [*_of(vpc), {"Name": "group-name", "Values": ["default"]}]
    return client.describe_security_groups(Filters=filters)["SecurityGroups"][0]


def _shut(client: EC2Client, group: Mapping[str, Any]) -> None:
    # EC2 opens a new default group to its own members inwards and to everyone outwards.
    if group.get("IpPermissions"):
        client.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    if group.get("IpPermissionsEgress"):
        client.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
