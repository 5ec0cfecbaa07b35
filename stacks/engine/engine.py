"""An engine ready to run: its pieces, where each comes from, the variables that make them found."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from stacks.engine.folders import login_folder


class Origin(StrEnum):
    """How a piece got here."""

    PATH = "path"
    """Installed on the machine the official way."""
    INSTALLER = "installer"
    """Downloaded by the official installer, at our request."""
    BUILT = "built"
    """Built here from package registries."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A program of the engine. ``home`` is the folder that stands for ``PULUMI_HOME`` beside it."""

    name: str
    version: str
    path: Path
    home: Path
    origin: Origin

    @property
    def built_here(self) -> bool:
        """Whether it was built on this machine, and so is not upstream's binary."""
        return self.origin is Origin.BUILT

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "path": str(self.path),
            "origin": self.origin.value,
            "built_here": self.built_here,
        }


@dataclass(frozen=True, slots=True)
class Engine:
    """The command and the OpenStack plugin that go together. Language host and scripts lie beside the command."""

    command: Piece
    plugin: Piece

    @property
    def pulumi(self) -> Path:
        """The ``pulumi`` executable."""
        return self.command.path

    @property
    def root(self) -> Path:
        """The folder whose ``bin`` holds the command, as the Automation API wants it."""
        return self.command.path.parent.parent

    @property
    def home(self) -> Path:
        """``PULUMI_HOME``: where the engine finds the OpenStack plugin."""
        return self.plugin.home

    @property
    def pieces(self) -> tuple[Piece, Piece]:
        """The command, then the plugin."""
        return self.command, self.plugin

    @property
    def versions(self) -> dict[str, str]:
        """Version of each piece, by name."""
        return {piece.name: piece.version for piece in self.pieces}

    @property
    def built_here(self) -> bool:
        """Whether at least one piece is not upstream's: outside a lab, the settings must allow it."""
        return any(piece.built_here for piece in self.pieces)

    @property
    def route(self) -> str:
        """How the pieces got here: ``path``, ``installer``, ``built``, or two of them joined by ``+``."""
        return "+".join(dict.fromkeys(piece.origin.value for piece in self.pieces))

    def additions(self) -> dict[str, str]:
        """What the environment must hold besides ``PATH``; the passphrase is the user's and never set here."""
        found = {
            "PULUMI_HOME": str(self.home),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        if self.built_here:
            # Where pieces are built, the download site is out of reach: looking for it costs a minute a plugin.
            found["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
        if self.plugin.origin is not Origin.PATH and "PULUMI_CREDENTIALS_PATH" not in os.environ:
            found["PULUMI_CREDENTIALS_PATH"] = str(login_folder())
        return found

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """*base* (this process's variables by default) made ready for a process that runs the engine."""
        kept = dict(os.environ if base is None else base)
        path = os.pathsep.join(filter(None, [str(self.command.path.parent), kept.get("PATH")]))
        return {**kept, "PATH": path, **self.additions()}

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "route": self.route,
            "built_here": self.built_here,
            "root": str(self.root),
            "home": str(self.home),
            "pieces": [piece.as_dict() for piece in self.pieces],
        }
