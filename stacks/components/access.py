"""Who may enter a zone by program or by key: its key pairs and the credential of its CI."""

from __future__ import annotations

import hashlib

import pulumi
import pulumi_openstack as openstack
from pulumi import ResourceOptions

from stacks import marks
from stacks.zone import CiCredential, Zone


class Access(pulumi.ComponentResource):
    """Key pairs, and the CI's application credential where the tenant's credential may make one."""

    def __init__(self, zone: Zone, *, credential: bool, opts: ResourceOptions | None = None) -> None:
        super().__init__("francecloud:landing:Access", zone.name, {}, opts)
        self.key_pairs: dict[str, openstack.compute.Keypair] = {
            pair.name: openstack.compute.Keypair(
                f"{zone.name}-{pair.name}", name=f"{zone.name}-{pair.name}", public_key=pair.public_key,
                opts=ResourceOptions(parent=self, additional_secret_outputs=["privateKey"]),
            )
            for pair in zone.key_pairs
        }  # fmt: skip
        self.credential: openstack.identity.ApplicationCredential | None = None
        if credential and zone.ci_credential is not None:
            self.credential = self._credential(zone, zone.ci_credential)
        self.register_outputs({})

    def _credential(self, zone: Zone, wanted: CiCredential) -> openstack.identity.ApplicationCredential:
        return openstack.identity.ApplicationCredential(
            f"{zone.name}-{wanted.name}",
            name=credential_name(zone, wanted),
            description=marks.described(zone.name, zone.function),
            # Keystone reads implied roles back: left out here, they would replace the credential at every run.
            roles=sorted({*wanted.roles, "reader"}),
            expires_at=f"{wanted.expires_on.isoformat()}T00:00:00Z",
            unrestricted=False,
            access_rules=[
                openstack.identity.ApplicationCredentialAccessRuleArgs(
                    service=rule.service, method=rule.method, path=rule.path
                )
                for rule in wanted.access_rules
            ],
            opts=ResourceOptions(parent=self, additional_secret_outputs=["secret"]),
        )


def credential_name(zone: Zone, wanted: CiCredential) -> str:
    """A name that changes with what the credential may do and until when.

    So its successor stands beside it before it goes, and the CI never lacks one.
    """
    content = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()[:6]
    return f"{zone.name}-{wanted.name}-{wanted.expires_on:%Y%m%d}-{content}"
