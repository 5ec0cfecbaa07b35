"""A bucket on an S3-compatible offer: private, versioned, marked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from inventory.problems import InvalidInput, Problem
from stacks.external import clients
from stacks.language import _
from stacks.marks import KEY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ABSENT = ("404", "NoSuchBucket", "NoSuchTagSet", "NotFound")


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a bucket must be. Its name is its key; its region does not change."""

    name: str
    region: str | None
    tags: dict[str, str]
    versioned: bool = True

    def ensure(self, *, ours: bool = False) -> str:
        """Make the bucket, or bring the one that is there to this; returns its name. Safe to repeat.

        Args:
            ours: it stands in our state, so that a mark somebody took away is put back.

        Raises:
            InvalidInput: a bucket of that name is there and does not bear our mark (``ZON-025``): taking
                it over would one day empty a colleague's.
        """
        client = clients.s3(self.region)
        seen = Bucket.observe(self.name, self.region)
        if seen is not None and not ours and seen.tags.get(KEY) != self.tags.get(KEY):
            raise InvalidInput(
                Problem(
                    code="ZON-025",
                    message=_("bucket {name} is there already and is not ours", name=self.name),
                    value=self.name,
                    hint=_("tag it {key}={zone} if it is, or remove it", key=KEY, zone=self.tags.get(KEY)),
                )
            )
        if seen is None:
            if self.region in (None, "us-east-1"):
                client.create_bucket(Bucket=self.name)
            else:
                # Compatible offers name their own regions, which the stubs of boto3 do not list.
                client.create_bucket(
                    Bucket=self.name,
                    CreateBucketConfiguration={"LocationConstraint": self.region},  # type: ignore[typeddict-item]
                )
        status = "Enabled" if self.versioned else "Suspended"
        client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": status})  # type: ignore[typeddict-item]
        tags = [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())]
        client.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": tags})  # type: ignore[typeddict-item]
        return self.name

    @staticmethod
    def observe(name: str, region: str | None) -> Bucket | None:
        """The bucket as it is, None when there is none."""
        client = clients.s3(region)
        if not _exists(client, name):
            return None
        tags: dict[str, str] = {}
        try:
            tags = {tag["Key"]: tag["Value"] for tag in client.get_bucket_tagging(Bucket=name)["TagSet"]}
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
        versioning = client.get_bucket_versioning(Bucket=name)
        return Bucket(name, region, tags, versioning.get("Status") == "Enabled")

    @staticmethod
    def remove(name: str, region: str | None) -> None:
        """Remove an empty bucket; one that holds something is refused by the offer, and stays.

        Raises:
            botocore.exceptions.ClientError: it is not empty.
        """
        client = clients.s3(region)
        with suppress(client.exceptions.NoSuchBucket):
            client.delete_bucket(Bucket=name)


def _exists(client: S3Client, name: str) -> bool:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return False
        raise
    return True
