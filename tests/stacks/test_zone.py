"""Zone files: read strictly, every mistake with its line; the published schemas are those of the models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.problems import InvalidInput, NotFound, Problem
from inventory.workspace import Workspace
from stacks.archetypes import Archetypes, archetypes
from stacks.documents import SCHEMAS, Document, body_of, generated, parse_document, schema_text, untouched
from stacks.plan import AddressPlan
from stacks.platform import Platform
from stacks.requests import Requests
from stacks.zone import Archetype, Zone, find_zone, read_zone

Put = Callable[[dict[str, Any]], Path]


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as caught:
        read_zone(path)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("zone", Zone),
        ("platform", Platform),
        ("requests", Requests),
        ("address-plan", AddressPlan),
        ("archetypes", Archetypes),
    ],
)
def test_the_published_schema_is_the_model(name: str, model: type[Document]) -> None:
    assert (SCHEMAS / f"{name}.json").read_text(encoding="utf-8") == schema_text(model)


def test_every_archetype_is_described() -> None:
    assert sorted(a.id for a in archetypes().archetypes) == sorted(Archetype.__args__)  # type: ignore[attr-defined]


def test_a_zone_written_and_read_is_the_same(document: dict[str, Any]) -> None:
    zone = parse_document(yaml.safe_dump(document), Zone, code="ZON-002", file="z")
    text = generated(zone, "zone")
    assert parse_document(text, Zone, code="ZON-002", file="z") == zone
    assert generated(parse_document(text, Zone, code="ZON-002", file="z"), "zone") == text
    assert text.startswith("# yaml-language-server: $schema=.schema/zone.json\n")
    assert untouched(text)
    assert not untouched(text.replace("size_gib: 20", "size_gib: 21"))
    assert "expires_on: 2027-05-01" in body_of(zone), "a date is written as one"


def test_an_unknown_field_is_named_with_its_line_and_the_nearest(put_zone: Put, document: dict[str, Any]) -> None:
    document["volumes"][0]["size_gb"] = document["volumes"][0].pop("size_gib")
    path = put_zone(document)
    line = path.read_text(encoding="utf-8").splitlines().index("  size_gb: 20") + 1
    unknown = next(p for p in problems_of(path) if p.field == "volumes.0.size_gb")
    assert (unknown.row, unknown.hint) == (line, "vouliez-vous dire « size_gib » ?")


def test_every_mistake_is_told_at_once(put_zone: Put, document: dict[str, Any]) -> None:
    document["archetype"] = "exposee"
    document["network"]["cidr"] = "10.128.0.0/33"
    document["quotas"]["vcpu"] = "huit"
    document["key_pairs"][0]["public_key"] = "BEGIN RSA"
    del document["tags"]["owner"]
    found = {p.field for p in problems_of(put_zone(document))}
    assert found == {"archetype", "network.cidr", "quotas.vcpu", "key_pairs.0.public_key", "tags.owner"}


def test_a_key_given_twice_is_refused(put_zone: Put, document: dict[str, Any]) -> None:
    path = put_zone(document)
    path.write_text(path.read_text(encoding="utf-8") + "offer: nubo\n", encoding="utf-8")
    assert [p.field for p in problems_of(path)] == [None] or "offer" in problems_of(path)[0].message


def _change(*where: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for part in where[:-1]:
            document = document[part]
        document[where[-1]] = to

    return change


@pytest.mark.parametrize(
    "change",
    [
        _change("name", to="autre-nom"),
        _change("instances", 0, "security_groups", to=["absent"]),
        _change("instances", 0, "volumes", to=["absent"]),
        _change("instances", 0, "key_pair", to="absent"),
        _change("security_groups", 0, "rules", 1, "remote_group", to="absent"),
        _change("security_groups", 0, "rules", 0, "remote_group", to="web"),
        _change("security_groups", 0, "rules", 0, "ports", to="0-99999"),
        _change("security_groups", 0, "rules", 1, "name", to="https"),
        _change("network", "side", to="internet"),
        _change("network", "cidr", to="2001:db8::/64"),
    ],
)
def test_what_does_not_stand_is_refused(
    put_zone: Put, document: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> None:
    change(document)
    assert problems_of(put_zone(document))


def test_restricted_information_has_no_way_out(put_zone: Put, document: dict[str, Any]) -> None:
    document |= {"archetype": "dr", "name": "fin-pi-usuelle-dr-production"}
    assert problems_of(put_zone(document))
    document["network"] |= {"side": "aucun", "gateway": False}
    assert read_zone(put_zone(document)).network.gateway is False


def test_a_file_is_named_for_its_zone(put_zone: Put, document: dict[str, Any]) -> None:
    path = put_zone(document)
    assert problems_of(path.rename(path.with_name("autre.yaml")))[0].code == "ZON-003"


def test_an_absent_zone_gives_the_nearest(workspace: Workspace, put_zone: Put, document: dict[str, Any]) -> None:
    put_zone(document)
    with pytest.raises(NotFound) as caught:
        find_zone(workspace, "fin-pi-usuelle-rie-prod")
    assert "fin-pi-usuelle-rie-production" in str(caught.value.problems[0].hint)
    assert find_zone(workspace, document["name"]).ci_credential is not None


def test_yaml_that_cannot_be_read_is_placed(put_zone: Put, document: dict[str, Any]) -> None:
    path = put_zone(document)
    path.write_text("name: x\napplications: [\n", encoding="utf-8")
    assert problems_of(path)[0].row == 3


def test_words_that_yaml_turns_into_values_are_refused(put_zone: Put, document: dict[str, Any]) -> None:
    document["tags"]["owner"] = True
    document["applications"][0]["id"] = date(2026, 1, 1)
    assert {p.field for p in problems_of(put_zone(document))} >= {"tags.owner"}
