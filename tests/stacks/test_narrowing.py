"""What may still be done to a live zone the law no longer admits: only take away."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from ipaddress import IPv4Network
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.documents import parse_document
from stacks.narrowing import covers, widenings
from stacks.zone import Rule, Zone

Change = Callable[[dict[str, Any]], object]


def zone(document: dict[str, Any]) -> Zone:
    return parse_document(yaml.safe_dump(document), Zone, code="ZON-002", file="zone")


def changed(document: dict[str, Any], change: Change) -> list[str]:
    after = copy.deepcopy(document)
    change(after)
    return widenings(zone(document), zone(after))


NARROWING: dict[str, Change] = {
    "nothing": lambda d: None,
    "an application less": lambda d: d.update(applications=[]),
    "a port closed": lambda d: d["security_groups"][0]["rules"].pop(0),
    "a range narrowed": lambda d: d["security_groups"][0]["rules"][0].update(remote="10.4.0.0/16"),
    "a rule renamed": lambda d: d["security_groups"][0]["rules"][0].update(name="https-2"),
    "a machine less": lambda d: d.update(instances=[]),
    "a volume less": lambda d: (d.update(volumes=[]), d["instances"][0].update(volumes=[])),
    "a smaller volume": lambda d: d["volumes"][0].update(size_gib=10),
    "a volume detached": lambda d: d["instances"][0].update(volumes=[]),
    "a key exchanged": lambda d: (d["key_pairs"][0].update(name="neuve"), d["instances"][0].update(key_pair="neuve")),
    "a credential rotated": lambda d: d["ci_credential"].update(expires_on=date(2027, 9, 1)),
    "a credential that may less": lambda d: d["ci_credential"].update(roles=["reader"]),
    "a credential less": lambda d: d.pop("ci_credential"),
    "smaller quotas": lambda d: d["quotas"].update(vcpu=1, instances=1),
    "the way out shut": lambda d: d["network"].update(gateway=False),
    "turned away from the RIE": lambda d: d["network"].update(side="aucun"),
    "labels": lambda d: d["tags"].update(owner="dsi-b", criticality="low"),
}
WIDENING: dict[str, Change] = {
    "an application more": lambda d: d["applications"].append(
        {"id": "APP-9", "name": "x", "tier": "INT", "sensitivity": "courante"}
    ),
    "an application exchanged": lambda d: d["applications"][0].update(id="APP-9"),
    "a port opened": lambda d: d["security_groups"][0]["rules"].append(
        {"name": "ssh", "direction": "ingress", "protocol": "tcp", "ports": "22", "remote": "10.0.0.0/8"}
    ),
    "a range widened": lambda d: d["security_groups"][0]["rules"][0].update(remote="0.0.0.0/0"),
    "all ports": lambda d: d["security_groups"][0]["rules"][0].pop("ports"),
    "the other way": lambda d: d["security_groups"][0]["rules"][0].update(direction="egress"),
    "a machine more": lambda d: d["instances"].append({**d["instances"][0], "name": "web-2", "volumes": []}),
    "another flavour": lambda d: d["instances"][0].update(flavor="SCS-8V-32"),
    "a volume more": lambda d: d["volumes"].append({"name": "autre", "size_gib": 1}),
    "a larger volume": lambda d: d["volumes"][0].update(size_gib=21),
    "a key more": lambda d: d["key_pairs"].append({"name": "autre"}),
    "larger quotas": lambda d: d["quotas"].update(floating_ips=1),
    "another network": lambda d: d["network"].update(cidr="10.128.9.0/24"),
}


@pytest.mark.parametrize("change", NARROWING.values(), ids=NARROWING.keys())
def test_what_takes_away_passes(document: dict[str, Any], change: Change) -> None:
    assert changed(document, change) == []


@pytest.mark.parametrize("change", WIDENING.values(), ids=WIDENING.keys())
def test_what_adds_is_told(document: dict[str, Any], change: Change) -> None:
    assert len(changed(document, change)) == 1


def test_a_credential_may_not_gain_what_it_lacked(document: dict[str, Any]) -> None:
    limited = {"service": "compute", "method": "GET", "path": "/v2.1/**"}
    document["ci_credential"] |= {"roles": ["reader"], "access_rules": [limited]}
    assert changed(document, lambda d: d["ci_credential"].update(roles=["reader", "member"]))
    assert changed(document, lambda d: d["ci_credential"].update(access_rules=[]))
    assert changed(document, lambda d: d["ci_credential"]["access_rules"].append({**limited, "method": "POST"}))
    assert not changed(document, lambda d: d["ci_credential"].update(expires_on=date(2027, 1, 1)))


ports = st.tuples(st.integers(1, 99), st.integers(1, 99)).map(sorted).map(lambda p: f"{p[0]}-{p[1]}")
remotes = st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)).map(lambda n: str(IPv4Network(n, strict=False)))
rules = st.builds(
    Rule,
    name=st.just("r"),
    direction=st.sampled_from(["ingress", "egress"]),
    protocol=st.sampled_from(["tcp", "udp"]),
    ports=st.none() | ports,
    remote=remotes,
)


@settings(max_examples=200, deadline=None)
@given(rules, rules, rules)
def test_covering_is_an_order(a: Rule, b: Rule, c: Rule) -> None:
    assert covers(a, a)
    if covers(a, b) and covers(b, c):
        assert covers(a, c)
    if covers(a, b) and covers(b, a):
        assert a.model_copy(update={"ports": None}) == b.model_copy(update={"ports": None})
