"""The service itself: what the engine asks of a language host, answered for Python."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from . import VERSION
from .children import Children
from .dependencies import installation
from .interpreter import Interpreter, UnusableInterpreter, interpreter
from .packages import dependencies, installed, required_plugins

ALREADY_SHOWN = 32
"""Exit code by which the executor script says that the user has been told what is wrong."""


class PythonHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs Python programs and plugins for the engine. Method names and messages are the protocol's."""

    def __init__(self, engine: str, executor: Path, children: Children) -> None:
        self.engine = engine
        self.executor = executor
        self.children = children

    def Handshake(self, request: Any, context: Any) -> language_pb2.LanguageHandshakeResponse:  # noqa: N802
        """Take the address of an engine that attaches to a host already running."""
        self.engine = request.engine_address or self.engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        """The version of this host."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def About(self, request: Any, context: Any) -> language_pb2.AboutResponse:  # noqa: N802
        """Which Python runs the program (``pulumi about``)."""
        python = _python_of(request.info, context)
        same = str(python.executable) == sys.executable
        return language_pb2.AboutResponse(
            executable=str(python.executable),
            version=platform.python_version() if same else "",
            metadata={"host": f"francecloud language host {VERSION}"},
        )

    def GetRequiredPackages(  # noqa: N802
        self, request: Any, context: Any
    ) -> language_pb2.GetRequiredPackagesResponse:
        """The resource plugins that the program's installed SDKs need."""
        found = _installed(request.info, context)
        return language_pb2.GetRequiredPackagesResponse(packages=required_plugins(found))

    def GetProgramDependencies(  # noqa: N802
        self, request: Any, context: Any
    ) -> language_pb2.GetProgramDependenciesResponse:
        """The distributions installed for the program."""
        found = _installed(request.info, context)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=dependencies(found, transitive=request.transitiveDependencies)
        )

    def Run(self, request: Any, context: Any) -> language_pb2.RunResponse:  # noqa: N802
        """Run a program to its end with the executor script of the SDK."""
        python = _python_of(request.info, context)
        command = [
            str(python.executable), "-u", str(self.executor),
            "--monitor", request.monitor_address,
            "--engine", self.engine,
            "--project", request.project,
            "--root_directory", request.info.root_directory,
            "--stack", request.stack,
            "--organization", request.organization,
            "--pwd", request.pwd,
            "--dry_run", "true" if request.dryRun else "false",
            "--parallel", str(request.parallel),
            str(Path(request.info.program_directory) / request.info.entry_point),
            *request.args,
        ]  # fmt: skip
        environment = python.environment(os.environ) | {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        code = self.children.run(command, environment, Path(request.pwd))
        if code == 0:
            return language_pb2.RunResponse()
        if code == ALREADY_SHOWN:
            return language_pb2.RunResponse(bail=True)
        ended = f"was ended by signal {-code}" if code < 0 else f"exited with non-zero exit code: {code}"
        return language_pb2.RunResponse(error=f"Program {ended}")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[language_pb2.RunPluginResponse]:  # noqa: N802
        """Run a plugin written in Python: a policy pack, or a provider in a folder."""
        python = _python_of(request.info, context)
        folder = request.info.program_directory
        if request.kind == "analyzer":
            arguments = ["-m", "pulumi.policy", *request.args, folder]
        else:
            arguments = [folder, *request.args]
        asked = dict(pair.partition("=")[::2] for pair in request.env) or dict(os.environ)
        words = self.children.stream(
            [str(python.executable), "-u", *arguments], python.environment(asked), Path(request.pwd)
        )
        for name, value in words:
            told: dict[str, Any] = {"exitcode" if name == "exit" else name: value}
            yield language_pb2.RunPluginResponse(**told)

    def InstallDependencies(  # noqa: N802
        self, request: Any, context: Any
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Make the project's virtual environment and install into it what the project lists."""
        root = Path(request.info.root_directory or request.directory)
        try:
            commands = installation(_options(request.info), root, Path(request.directory))
        except UnusableInterpreter as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            return
        for command in commands:
            for name, value in self.children.stream(command, os.environ, Path(request.directory)):
                if isinstance(value, bytes):
                    yield language_pb2.InstallDependenciesResponse(**{name: value})
                elif value != 0:
                    context.abort(grpc.StatusCode.UNKNOWN, f"{' '.join(command)}: exit code {value}")

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """Stop what runs."""
        self.children.stop()
        return empty_pb2.Empty()


def _options(info: Any) -> Mapping[str, object]:
    return dict(json_format.MessageToDict(info.options))


def _python_of(info: Any, context: Any) -> Interpreter:
    try:
        return interpreter(_options(info), Path(info.root_directory or "."))
    except UnusableInterpreter as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise


def _installed(info: Any, context: Any) -> list[dict[str, Any]]:
    try:
        return installed(_python_of(info, context), os.environ)
    except UnusableInterpreter as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise
