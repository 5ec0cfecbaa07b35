"""Building the command and the OpenStack plugin from package registries, where the download site is out of reach.

Sources come from the Go module proxy, verified against the checksums in the go.sum kept here; the two
programs are separate modules because the bridge wants other versions of the SDK than the command.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from stacks.engine import versions
from stacks.engine.engine import Origin, Piece
from stacks.engine.folders import damage, filled, piece_folder, put, target, write_manifest
from stacks.engine.golang import Go
from stacks.engine.problems import EngineError, engine_problem
from stacks.engine.progress import Progress
from stacks.language import _

HERE = Path(__file__).parent
COMMAND_MODULE = HERE / "cli"
PLUGIN_MODULE = HERE / "openstack_plugin"
HOST = HERE / "language_host"
PLUGIN_FILE = "pulumi-resource-openstack"
SCRIPTS = {
    "python/cmd/pulumi-language-python-exec": "pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python": "pulumi-resource-pulumi-python",
}
"""Scripts in the Go module of the SDK, and their names beside the command."""
VERSION_SYMBOL = f"{versions.PULUMI_SDK}/go/common/version.Version"
FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false")
COMMAND_FLAGS = ("-tags", "osusergo,grpcnotrace")
"""Upstream's own build tags."""

Say = Callable[[str], None]


@cache
def compiled_folder() -> Path:
    """Where the compiled command is kept, so that a change of the language host compiles nothing again."""
    inputs = _contents(_module_files(COMMAND_MODULE))
    flags = repr((FLAGS, COMMAND_FLAGS, versions.built(versions.PULUMI))).encode()
    return piece_folder("command", inputs | {"flags": flags})


@cache
def command_folder() -> Path:
    """Where the command is laid with its language host and scripts, ready to run."""
    return piece_folder("pulumi", _contents(_host_files()) | {"command": compiled_folder().name.encode()})


@cache
def plugin_folder() -> Path:
    """Where the OpenStack plugin is kept once built; it stands for ``PULUMI_HOME``."""
    inputs = _contents(_module_files(PLUGIN_MODULE))
    return piece_folder("openstack", inputs | {"flags": repr((FLAGS, versions.built(versions.OPENSTACK))).encode()})


def command_piece() -> Piece:
    """The built command, whether or not it is there."""
    folder = command_folder()
    version = versions.built(versions.PULUMI)
    return Piece("pulumi", version, folder / "bin" / "pulumi", folder, Origin.BUILT)


def plugin_piece() -> Piece:
    """The built plugin, whether or not it is there."""
    folder = plugin_folder()
    version = versions.built(versions.OPENSTACK)
    path = folder / "plugins" / f"resource-openstack-v{version}" / PLUGIN_FILE
    return Piece("openstack", version, path, folder, Origin.BUILT)


def whole(piece: Piece) -> bool:
    """Whether a built piece is there and every file of it is what its manifest says."""
    return piece.home.is_dir() and damage(piece.home) is None


def build_command(go: Go, say: Say) -> Piece:
    """Build the command, and lay the language host and the scripts beside it. Call under the lock.

    Raises:
        EngineError: the build failed.
    """
    piece, compiled = command_piece(), compiled_folder()
    if damage(compiled) is not None:
        _compile_command(compiled, piece, go, say)
    with filled(piece.home) as folder:
        for path in sorted((compiled / "bin").iterdir()):
            _share(path, folder / "bin" / path.name)
        _lay_host(folder)
        _finish(folder, piece, go)
    return piece


def _compile_command(compiled: Path, piece: Piece, go: Go, say: Say) -> None:
    with filled(compiled) as folder:
        source = _source(COMMAND_MODULE, folder / "source")
        binary = folder / "bin" / "pulumi"
        if not binary.exists():
            symbol = f"{VERSION_SYMBOL}=v{piece.version}"
            _compile(go, source, binary, [*COMMAND_FLAGS, f"{versions.PULUMI_PKG}/cmd/pulumi"], symbol, say)
        sdk = _module_source(go, source, f"{versions.PULUMI_SDK}@v{versions.PULUMI}")
        for script, name in SCRIPTS.items():
            put(folder / "bin" / name, (sdk / script).read_bytes(), 0o755)
        _finish(folder, piece, go)


def _share(path: Path, place: Path) -> None:
    """Give a file a second name; a copy where the file system knows none."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        place.hardlink_to(path)
    except OSError:
        put(place, path.read_bytes(), path.stat().st_mode & 0o777)


def build_plugin(go: Go, say: Say) -> Piece:
    """Build the OpenStack plugin. Call under the lock.

    Raises:
        EngineError: the build failed.
    """
    piece = plugin_piece()
    with filled(piece.home) as folder:
        source = _source(PLUGIN_MODULE, folder / "source")
        binary = folder / piece.path.relative_to(piece.home)
        if not binary.exists():
            _compile(go, source, binary, ["."], f"main.version={piece.version}", say)
        _finish(folder, piece, go)
    return piece


def _lay_host(folder: Path) -> None:
    for path in sorted(HOST.glob("*.py")):
        place = folder / "lib" / (path.name if path.name == "start.py" else f"language_host/{path.name}")
        put(place, path.read_bytes())
    # The last Python tried: the one francecloud itself runs on, which has the SDK.
    put(folder / "lib" / "python", f"{sys.executable}\n".encode())
    put(folder / "bin" / "pulumi-language-python", (HOST / "pulumi-language-python").read_bytes(), 0o755)


def _finish(folder: Path, piece: Piece, go: Go) -> None:
    shutil.rmtree(folder / "source", ignore_errors=True)
    write_manifest(
        folder,
        {
            "piece": piece.name,
            "version": piece.version,
            "built_by": "francecloud",
            "go": go.version,
            "target": target(),
        },
    )


def _compile(go: Go, source: Path, binary: Path, arguments: Iterable[str], symbol: str, say: Say) -> None:
    """Compile to another name beside the binary and rename, so that a binary that is there is whole."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    fresh = binary.with_name(binary.name + ".fresh")
    say(_("building {name} with Go {version}: some minutes the first time", name=binary.name, version=go.version))
    command = [
        str(go.executable), "build", "-p", str(min(4, os.cpu_count() or 1)), *FLAGS,
        "-ldflags", f"-s -w -X {symbol}", "-o", str(fresh), *arguments,
    ]  # fmt: skip
    with Progress(binary.name) as progress:
        process = subprocess.Popen(
            command, cwd=source, env=go.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            words = [line for line in map(str.rstrip, process.stderr) if not progress.took(line)]
            code = process.wait()
        finally:
            process.kill()
    if code != 0:
        raise _failed(binary.name, words)
    fresh.replace(binary)


def _module_source(go: Go, source: Path, module: str) -> Path:
    """The folder of a module in Go's cache, downloaded and verified if need be."""
    answer = subprocess.run(
        [str(go.executable), "mod", "download", "-json", module],
        cwd=source, env=go.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        return Path(json.loads(answer.stdout)["Dir"])
    except (ValueError, KeyError) as error:
        raise _failed(module, (answer.stdout + answer.stderr).splitlines()) from error


def _source(module: Path, place: Path) -> Path:
    """A copy to build in: an installed package may be read-only, and Go wants to own its folder."""
    for path in _module_files(module):
        put(place / path.name, path.read_bytes())
    return place


def _module_files(module: Path) -> list[Path]:
    names = ("go.mod", "go.sum", "main.go", "tokens.json")
    return [module / name for name in names if (module / name).exists()]


def _host_files() -> list[Path]:
    return [*sorted(HOST.glob("*.py")), HOST / "pulumi-language-python"]


def _contents(files: Iterable[Path]) -> dict[str, bytes]:
    return {str(path.relative_to(HERE)): path.read_bytes() for path in files}


def _failed(name: str, words: list[str]) -> EngineError:
    last = "\n".join(f"    {line}" for line in words[-8:])
    return EngineError(
        engine_problem(
            "ENG-003",
            _("{name} could not be built:\n{words}", name=name, words=last),
            _("a Go module proxy must be reachable (“go env GOPROXY” names it); run “francecloud engine install” again: "
              "what was done is kept"),
        )
    )  # fmt: skip
