"""The systems that can be asked.

To add one: a module with a class that has ``name``, ``options``, ``title`` and ``collect`` (see ``asking.Collector``),
and its line here. Third parties register theirs under the entry point group ``francecloud.collectors``.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points

from inventory.collect.asking import Collector
from inventory.collect.ec2 import EC2
from inventory.collect.glpi import GLPI
from inventory.collect.itop import ITop
from inventory.collect.mercator import Mercator
from inventory.collect.openstack import OpenStack


@lru_cache
def collectors() -> dict[str, Collector]:
    """Every collector, by its name; one of another distribution takes the place of ours of that name."""
    ours: list[Collector] = [OpenStack(), EC2(), GLPI(), Mercator(), ITop()]
    others: list[Collector] = [point.load()() for point in sorted(entry_points(group="francecloud.collectors"))]
    return {collector.name: collector for collector in (*ours, *others)}
