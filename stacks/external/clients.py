"""Clients of an EC2- and S3-compatible offer: address and credential from the environment, nothing else.

boto3 reads them by itself: ``AWS_ENDPOINT_URL_EC2``, ``AWS_ENDPOINT_URL_S3`` (or ``AWS_ENDPOINT_URL``),
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` or a profile. None of it goes into a state.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from inventory.problems import InvalidInput, Problem
from stacks.language import _

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_s3 import S3Client


def s3(region: str | None) -> S3Client:
    """A client of the object storage.

    Checksums only where the protocol demands them and the bucket in the path: many compatible stores
    know neither the newer checksums nor a host name a bucket.

    Raises:
        InvalidInput: no address in the environment (``ZON-022``).
    """
    import boto3
    from botocore.config import Config

    require_endpoint("s3")
    settings = Config(
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
        retries={"max_attempts": 5, "mode": "standard"},
    )
    return boto3.client("s3", region_name=region, config=settings)


def ec2(region: str | None) -> EC2Client:
    """A client of the compute and network API.

    Raises:
        InvalidInput: no address in the environment (``ZON-022``).
    """
    import boto3
    from botocore.config import Config

    require_endpoint("ec2")
    return boto3.client("ec2", region_name=region, config=Config(retries={"max_attempts": 5, "mode": "standard"}))


def require_endpoint(service: str) -> None:
    """Refuse to call anything when no address is given: boto3 would call a hyperscaler outside the Union.

    Raises:
        InvalidInput: ``ZON-022``.
    """
    names = (f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL")
    if not any(os.environ.get(name) for name in names):
        raise InvalidInput(
            Problem(
                code="ZON-022",
                message=_("no address for {service} in the environment: nothing is called", service=service.upper()),
                hint=_("export {name}=https://…, as your offer documents it", name=names[0]),
            )
        )
