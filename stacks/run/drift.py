"""What changed behind Pulumi's back: what a refresh sees, and the rules that it never sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi.automation import CommandError

from stacks.language import _
from stacks.run.failures import failure
from stacks.run.preview import unfinished
from stacks.run.problems import EngineFailed, Unsure, problem
from stacks.run.recovery.cloud import connect
from stacks.run.recovery.kinds import Cloud
from stacks.run.recovery.network_kinds import default_rule
from stacks.run.recovery.pending import has_secret_provider, in_clear
from stacks.run.session import opened
from stacks.run.steps import Account, Step, as_dicts, name_of
from stacks.run.target import Target

if TYPE_CHECKING:
    from stacks.engine import Engine

GROUP = "openstack:networking/secGroup:SecGroup"
RULE = "openstack:networking/secGroupRule:SecGroupRule"


@dataclass(frozen=True, slots=True)
class Stray:
    """A rule that the cloud holds in one of our security groups and that the state does not know."""

    group: str
    id: str
    direction: str
    protocol: str
    ports: str
    remote: str

    @property
    def text(self) -> str:
        """The rule in words."""
        return _(
            "{group}: {direction} {protocol} {ports} from or to {remote} ({id})",
            group=self.group,
            direction=self.direction,
            protocol=self.protocol,
            ports=self.ports,
            remote=self.remote,
            id=self.id,
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs between the state and the cloud."""

    target: Target
    steps: tuple[Step, ...]
    strays: tuple[Stray, ...]
    warnings: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether anything differs."""
        return bool(self.strays) or any(step.op != "same" for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """The drift for JSON."""
        from dataclasses import asdict

        return {
            "project": self.target.project,
            "stack": self.target.stack,
            "drift": self.found,
            "steps": as_dicts(self.steps),
            "unknown_rules": [asdict(stray) for stray in self.strays],
            "warnings": list(self.warnings),
        }


def drift(target: Target, engine: Engine, connect_to: Callable[[Mapping[str, Any]], Cloud] = connect) -> Drift:
    """Compare the stack's state with the cloud; changes neither.

    Raises:
        NotFound: the stack was never deployed.
        EngineFailed: the engine or the cloud refused.
        Unsure: the cloud cannot be asked for the rules it holds (``RUN-023``).
    """
    with opened(target, engine) as session:
        warnings = unfinished(session)
        account = Account(outcome=True)
        try:
            session.run("preview_refresh", account, lambda: None)
        except CommandError as error:
            raise failure(session, error, account) from error
        if not account.ended:
            raise EngineFailed(
                problem("RUN-032", _("{label}: the engine ended without an account of what it did", label=target.label))
            )
        deployment = session.export()
        plain = session.export(secrets=True) if has_secret_provider(deployment) else deployment
    strays = _strays(target, plain, connect_to)
    return Drift(target, tuple(sorted(account.steps, key=lambda s: s.urn)), tuple(strays), tuple(warnings))


def _strays(
    target: Target, deployment: Mapping[str, Any], connect_to: Callable[[Mapping[str, Any]], Cloud]
) -> list[Stray]:
    resources = deployment["deployment"].get("resources") or []
    known = {r["id"] for r in resources if r["type"] == RULE and r.get("id")}
    providers = {r["urn"]: r for r in resources if r["type"].startswith("pulumi:providers:")}
    clouds: dict[str, Cloud] = {}
    found = []
    for group in (r for r in resources if r["type"] == GROUP):
        urn = str(group.get("provider", "")).rpartition("::")[0]
        try:
            if urn not in clouds:
                clouds[urn] = connect_to(in_clear(providers[urn].get("inputs") or {}))
            rules = list(clouds[urn].network.security_group_rules(security_group_id=group["id"]))
        except Exception as error:  # whatever the reason, nobody looked: say so rather than nothing
            raise Unsure(
                problem(
                    "RUN-023",
                    _("{label}: the cloud cannot be asked for its rules: {error}", label=target.label, error=error),
                )
            ) from error
        emptied = bool((group.get("inputs") or {}).get("deleteDefaultRules"))
        found += [_stray(group, rule) for rule in rules if rule.id not in known and (emptied or not default_rule(rule))]
    return sorted(found, key=lambda stray: (stray.group, stray.direction, stray.ports, stray.id))


def _stray(group: Mapping[str, Any], rule: Any) -> Stray:
    low, high = rule.port_range_min, rule.port_range_max
    ports = "*" if low is None else str(low) if low == high else f"{low}-{high}"
    remote = rule.remote_ip_prefix or rule.remote_group_id or ("::/0" if rule.ether_type == "IPv6" else "0.0.0.0/0")
    return Stray(name_of(group["urn"]), rule.id, rule.direction, rule.protocol or "*", ports, remote)
