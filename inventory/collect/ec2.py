"""EC2-compatible clouds, by boto3 at an address that must be given: instances, volumes, images and their labels.

Only ``Describe…`` is ever called. Compatible clouds omit many fields: every one but ``InstanceId`` may be absent.
Credentials are ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY`` of the environment; no other place is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from inventory.collect.asking import (
    Collected,
    Environment,
    NotAdmitted,
    Option,
    Secrets,
    Settings,
    TooLate,
    Unanswered,
    address,
    not_read,
    place,
    told,
)
from inventory.collect.document import Document, Record, Sheet
from inventory.collect.values import addresses, day, labels
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity, UserError

INSTANCES: Mapping[str, str | None] = {
    "InstanceId": "servers.id", "Name": "servers.name", "State": "servers.power_state", "InstanceType": None,
    "VCpus": "servers.vcpu", "Memory": "servers.ram_gib (mib)", "Volumes.Size": "servers.storage_gib",
    "Image.Name": "servers.os", "PrivateIpAddress": "servers.ip", "Addresses": "servers.addresses",
    "PrivateDnsName": "servers.fqdn", "OwnerId": "servers.project", "AvailabilityZone": "servers.cluster",
    "Region": "servers.site_id", "LaunchTime": None,
    "Tags.environment": "servers.environment", "Tags.application": "servers.link:applications",
}  # fmt: skip
STATES = {"running": "on", "stopped": "off", "stopping": "off", "pending": "on", "shutting-down": "off"}
GONE = "terminated"
AT_ONCE = 100
"""Identifiers given in one question."""
_TINA = re.compile(r"tina(?:v\d+)?\.c(\d+)r(\d+)(?:\.?p\d)?$", re.IGNORECASE)
"""Outscale's own types say their size: ``tinav5.c4r8p2`` is 4 cores and 8 GiB."""


class EC2:
    """The collector of an EC2-compatible cloud."""

    name = "ec2"
    options: Sequence[Option] = (
        Option("endpoint", "URL", lambda: _("The address of the cloud's EC2 API."), "AWS_ENDPOINT_URL_EC2"),
        Option("region", "REGION", lambda: _("The region, as the cloud names it."), "AWS_DEFAULT_REGION"),
    )

    def title(self) -> str:
        """What it asks, in a line."""
        return _("An EC2-compatible cloud (Outscale and others): instances, volumes, images, labels.")

    def collect(self, settings: Settings, environment: Environment) -> Collected:
        """Ask everything.

        Raises:
            UserError: no address, no credential, a refused one, no answer, or not even the instances may be read.
        """
        given = settings.get("endpoint") or environment.get("AWS_ENDPOINT_URL")
        endpoint = address(str(given) if given else None, "--endpoint", "AWS_ENDPOINT_URL_EC2")
        region = settings.get("region")
        if not region:
            raise InvalidInput(
                Problem(code="INV-147", message=_("no region to ask"), field="--region",
                        hint=_("give {option}, or {envvar} in the environment", option="--region", envvar="AWS_DEFAULT_REGION"))
            )  # fmt: skip
        asked = _Asked(Secrets(environment), endpoint, str(region))
        name = settings.get("name")
        where = place(str(name) if name else None, f"{urlsplit(endpoint).hostname}-{region}")
        try:
            return _everything(asked, where, str(region))
        finally:
            asked.client.close()


class _Asked:
    """The calls to a cloud, and what each failure means."""

    def __init__(self, secrets: Secrets, endpoint: str, region: str) -> None:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        key, secret = secrets.require("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        config = Config(connect_timeout=10, read_timeout=60, retries={"max_attempts": 4, "mode": "standard"})
        self.secrets, self.problems, self.unread = secrets, list[Problem](), list[str]()
        error: UserError
        try:
            session = boto3.session.Session(
                aws_access_key_id=key, aws_secret_access_key=secret,
                aws_session_token=secrets.get("AWS_SESSION_TOKEN"), region_name=region,
            )  # fmt: skip
            self.client: Any = session.client("ec2", endpoint_url=endpoint, config=config)
        except (BotoCoreError, ValueError) as raised:
            error = InvalidInput(
                Problem(code="INV-147", message=_("this cloud cannot be asked: {words}", words=secrets.redact(raised)))
            )
        else:
            return
        raise error

    def all(self, operation: str, key: str, **filters: Any) -> list[Any] | None:
        """Everything an operation lists, page after page; None, and said, where it may not be called.

        Raises:
            UserError: no answer, or a refused credential.
        """
        return self._meant(operation, lambda: list(self._pages(operation, key, filters)))

    def _pages(self, operation: str, key: str, filters: Mapping[str, Any]) -> Iterator[Any]:
        seen: set[str] = set()
        token: str | None = None
        while True:
            page = getattr(self.client, operation)(**filters, **({"NextToken": token} if token else {}))
            yield from page.get(key) or ()
            token = page.get("NextToken")
            if not token:
                return
            if token in seen:
                # A page that names itself as the next would be read for ever, or taken for the whole.
                raise _Turning
            seen.add(token)

    def _meant(self, operation: str, ask: Callable[[], list[Any]]) -> list[Any] | None:
        from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError, SSLError

        error: UserError
        try:
            return ask()
        except _Turning:
            error = Unanswered(
                Problem(
                    code="INV-144",
                    message=_("{what}: a page follows itself: what was read is not the whole", what=operation),
                )
            )
        except ClientError as raised:
            code = str(raised.response.get("Error", {}).get("Code", ""))
            status = raised.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            words = self.secrets.redact(raised)
            if (
                code
                in ("AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "RequestExpired")
                or status == 401
            ):
                error = NotAdmitted(
                    Problem(
                        code="INV-141",
                        message=_("{what}: it refuses the credential: {words}", what=operation, words=words),
                    )
                )
            elif status in (403, 404, 501) or code in (
                "UnauthorizedOperation",
                "InvalidAction",
                "UnsupportedOperation",
                "NotImplemented",
            ):
                self.unread.append(operation)
                self.problems.append(not_read(operation, code or f"HTTP {status}"))
                return None
            elif status == 429 or code in ("RequestLimitExceeded", "Throttling"):
                error = Unanswered(
                    Problem(
                        code="INV-153",
                        message=_("{what}: it asks to be left alone", what=operation),
                        hint=_("collect again later"),
                    )
                )
            else:
                error = Unanswered(
                    Problem(code="INV-143", message=_("{what}: it fails: {words}", what=operation, words=words))
                )
        except (ConnectTimeoutError, ReadTimeoutError):
            error = TooLate(Problem(code="INV-142", message=_("{what}: no answer in time", what=operation)))
        except SSLError:
            error = Unanswered(Problem(code="INV-142", message=_("its certificate is not one that is trusted here"),
                                       hint=_("give the authority's certificate in AWS_CA_BUNDLE; it is never left unverified")))  # fmt: skip
        except BotoCoreError as raised:
            error = Unanswered(
                Problem(
                    code="INV-142",
                    message=_("{what}: nothing answers: {words}", what=operation, words=self.secrets.redact(raised)),
                )
            )
        # Raised outside, so that no trace shows the library's own text.
        raise error


class _Turning(Exception):
    """A page named again as the next."""


def _everything(asked: _Asked, where: str, region: str) -> Collected:
    reservations = asked.all("describe_instances", "Reservations")
    if reservations is None:
        raise NotAdmitted(
            Problem(code="INV-141", message=_("this credential may not even describe the instances"),
                    hint=_("a read-only account: see docs/reference/collecte.md"))
        )  # fmt: skip
    found = [(r.get("OwnerId"), i) for r in reservations for i in r.get("Instances") or ()]
    present = [(o, i) for o, i in found if (i.get("State") or {}).get("Name") != GONE]
    if len(present) < len(found):
        n = len(found) - len(present)
        text = _.plural("{n} terminated instance is left out", "{n} terminated instances are left out", n)
        asked.problems.append(told("INV-151", text, severity=Severity.INFO))
    volumes = asked.all("describe_volumes", "Volumes")
    sizes = {v.get("VolumeId"): v.get("Size") for v in volumes or ()}
    images = _images(asked, {str(i["ImageId"]) for _owner, i in present if i.get("ImageId")})
    types = _types(asked, {str(i["InstanceType"]) for _owner, i in present if i.get("InstanceType")})
    rows = [
        _instance(i, owner, sizes, images, types, f"{where} {region}" if region not in where else where)
        for owner, i in present
    ]
    return Collected(
        Document("ec2", where, {"instances": Sheet("servers", INSTANCES, rows)}, "own account", asked.unread),
        asked.problems,
    )


def _images(asked: _Asked, wanted: Iterable[str]) -> dict[str, str]:
    """The names of the images in use; one that is gone is simply not told."""
    names: dict[str, str] = {}
    for some in _batches(wanted):
        found = asked.all("describe_images", "Images", Filters=[{"Name": "image-id", "Values": some}])
        if found is None:
            break
        names |= {i["ImageId"]: i.get("Name") or i.get("Description") or "" for i in found}
    return names


def _types(asked: _Asked, wanted: Iterable[str]) -> dict[str, tuple[int | None, int | None]]:
    """Processors and memory (MiB) of each type: what its name says, else what the cloud says."""
    told_by_name = {w: (int(m[1]), int(m[2]) * 1024) for w in wanted if (m := _TINA.match(w))}
    sizes: dict[str, tuple[int | None, int | None]] = dict(told_by_name)
    for some in _batches(set(wanted) - set(sizes)):
        found = asked.all(
            "describe_instance_types", "InstanceTypes", Filters=[{"Name": "instance-type", "Values": some}]
        )
        if found is None:
            break
        for kind in found:
            vcpus, memory = kind.get("VCpuInfo") or {}, kind.get("MemoryInfo") or {}
            sizes[kind["InstanceType"]] = (vcpus.get("DefaultVCpus"), memory.get("SizeInMiB"))
    return sizes


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def _instance(
    i: Mapping[str, Any], owner: str | None, sizes: Mapping[Any, int | None], images: Mapping[str, str],
    types: Mapping[str, tuple[int | None, int | None]], region: str,
) -> Record:  # fmt: skip
    tags = {t.get("Key"): t.get("Value") for t in i.get("Tags") or () if t.get("Key")}
    kept = labels(tags)
    vcpus, memory = types.get(str(i.get("InstanceType")), (None, None))
    cpu = i.get("CpuOptions") or {}
    if cpu.get("CoreCount"):
        vcpus = cpu["CoreCount"] * (cpu.get("ThreadsPerCore") or 1)
    disks = [sizes.get((b.get("Ebs") or {}).get("VolumeId")) for b in i.get("BlockDeviceMappings") or ()]
    told_sizes = [d for d in disks if d is not None]
    cards = i.get("NetworkInterfaces") or ()
    mine = [a.get("PrivateIpAddress") for c in cards for a in c.get("PrivateIpAddresses") or ()]
    ours = addresses(
        [*mine, *(c.get("PrivateIpAddress") for c in cards), i.get("PrivateIpAddress"), i.get("PublicIpAddress")]
    )
    return {
        "InstanceId": i["InstanceId"], "Name": tags.get("Name") or i["InstanceId"],
        "State": STATES.get(str((i.get("State") or {}).get("Name"))), "InstanceType": i.get("InstanceType"),
        "VCpus": vcpus, "Memory": memory, "Volumes.Size": sum(told_sizes) if disks and len(told_sizes) == len(disks) else None,
        "Image.Name": images.get(str(i.get("ImageId"))) or ("Windows" if i.get("Platform") == "windows" else None),
        "PrivateIpAddress": i.get("PrivateIpAddress"), "Addresses": "|".join(ours),
        "PrivateDnsName": i.get("PrivateDnsName"), "OwnerId": owner,
        "AvailabilityZone": (i.get("Placement") or {}).get("AvailabilityZone"), "Region": region,
        "LaunchTime": str(day(i.get("LaunchTime")) or ""),
        "Tags.environment": kept.get("environment"), "Tags.application": kept.get("application"),
    }  # fmt: skip
