"""The cloud an interrupted creation was for, reached as the provider in the state reached it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from stacks.run.recovery.kinds import Cloud

_AUTH = {
    "authUrl": "auth_url",
    "tenantId": "project_id",
    "tenantName": "project_name",
    "userName": "username",
    "userId": "user_id",
    "password": "password",
    "token": "token",
    "domainId": "domain_id",
    "domainName": "domain_name",
    "userDomainName": "user_domain_name",
    "userDomainId": "user_domain_id",
    "projectDomainName": "project_domain_name",
    "projectDomainId": "project_domain_id",
    "applicationCredentialId": "application_credential_id",
    "applicationCredentialName": "application_credential_name",
    "applicationCredentialSecret": "application_credential_secret",
    "systemScope": "system_scope",
}
"""Inputs of the Pulumi provider → words of clouds.yaml's ``auth``."""


def connect(provider: Mapping[str, Any]) -> Cloud:
    """A connection made of the provider's own inputs (``cloud``, ``region``, ``tenantId``…).

    Raises:
        openstack.exceptions.SDKException, keystoneauth1.exceptions.ClientException: no such cloud, or
            it cannot be reached or refuses the credential.
    """
    import openstack
    from openstack.config import OpenStackConfig

    auth = {there: provider[here] for here, there in _AUTH.items() if provider.get(here)}
    options: dict[str, Any] = {}
    if provider.get("cloud"):
        options["cloud"] = provider["cloud"]
    if provider.get("region"):
        options["region_name"] = provider["region"]
    if auth:
        options["auth"] = auth
    if auth.get("application_credential_id") or auth.get("application_credential_name"):
        options["auth_type"] = "v3applicationcredential"
    # The shell's OS_* never decide which cloud is asked; only where clouds.yaml lies may come from it.
    file = os.environ.get("OS_CLIENT_CONFIG_FILE")
    config = OpenStackConfig(config_files=[file] if file else None, load_envvars=False)
    cloud = openstack.connection.Connection(config=config.get_one(**options))
    cloud.authorize()
    return cloud


def clock_difference(cloud: Cloud) -> timedelta:
    """The cloud's clock less ours, from the date it answers with; none where it gives no date."""
    answer = cloud.session.get(cloud.session.auth.auth_url, authenticated=False)
    stamp = answer.headers.get("Date")
    if not stamp:
        return timedelta(0)
    return parsedate_to_datetime(stamp) - datetime.now(UTC).replace(microsecond=0)
