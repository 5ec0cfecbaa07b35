"""What is installed for a program: asked of its own interpreter, which may not be the host's."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.runtime.proto import language_pb2, plugin_pb2

from .interpreter import Interpreter, UnusableInterpreter

# Prints every distribution with the names it requires and, where its package is a Pulumi SDK, the
# content of `pulumi-plugin.json`. Only distributions that require `pulumi` have their files read.
LISTING = """
import importlib.metadata as metadata, json, re
found = {}
for distribution in metadata.distributions():
    name = distribution.metadata["Name"]
    if not name or name in found:
        continue
    requires = [re.match(r"[A-Za-z0-9._-]*", line).group() for line in distribution.requires or []]
    plugin = None
    if "pulumi" in requires:
        for file in distribution.files or []:
            if len(file.parts) == 2 and file.name == "pulumi-plugin.json":
                plugin = json.loads(file.locate().read_text(encoding="utf-8"))
    found[name] = {"name": name, "version": distribution.version, "requires": requires, "plugin": plugin}
print(json.dumps(list(found.values())))
"""


def installed(python: Interpreter, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every distribution of an interpreter: ``name``, ``version``, ``requires``, ``plugin``.

    Raises:
        UnusableInterpreter: it does not run.
    """
    try:
        answer = subprocess.run(
            [str(python.executable), "-c", LISTING],
            env=python.environment(environment), capture_output=True, text=True, check=True,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise UnusableInterpreter(f"{python.executable} cannot list its packages: {error.stderr.strip()}") from error
    except OSError as error:
        raise UnusableInterpreter(f"{python.executable} does not run: {error}") from error
    listed: list[dict[str, Any]] = json.loads(answer.stdout)
    return sorted(listed, key=lambda distribution: str(distribution["name"]).lower())


def required_plugins(distributions: Iterable[Mapping[str, Any]]) -> list[plugin_pb2.PackageDependency]:
    """The Pulumi plugins that installed SDKs say they need (their ``pulumi-plugin.json``)."""
    needed = []
    for distribution in distributions:
        plugin = distribution["plugin"]
        if not plugin or not plugin.get("resource"):
            continue
        dependency = plugin_pb2.PackageDependency(
            name=plugin.get("name") or str(distribution["name"]).removeprefix("pulumi-").removeprefix("pulumi_"),
            kind="resource",
            version=plugin.get("version") or distribution["version"],
            server=plugin.get("server") or "",
        )
        parameter = plugin.get("parameterization")
        if parameter:
            dependency.parameterization.CopyFrom(
                plugin_pb2.PackageParameterization(
                    name=parameter["name"], version=parameter["version"], value=base64.b64decode(parameter["value"])
                )
            )
        needed.append(dependency)
    return needed


def dependencies(distributions: Iterable[Mapping[str, Any]], *, transitive: bool) -> list[language_pb2.DependencyInfo]:
    """Names and versions; without *transitive*, only what no other distribution requires."""
    listed = list(distributions)
    required = {_normal(name) for distribution in listed for name in distribution["requires"]}
    return [
        language_pb2.DependencyInfo(name=distribution["name"], version=distribution["version"])
        for distribution in listed
        if transitive or _normal(distribution["name"]) not in required
    ]


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
