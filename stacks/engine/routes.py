"""Which engine is used: official pieces of the machine, then downloaded ones, then ones built here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from stacks.engine import build, official
from stacks.engine.engine import Engine, Origin, Piece
from stacks.engine.folders import installing
from stacks.engine.golang import Go, ensure_go, tidy
from stacks.language import _

Say = Callable[[str], None]


def commands_at_hand() -> list[Piece]:
    """Every usable ``pulumi``, the preferred one first."""
    fetched, built = official.fetched_command(), build.command_piece()
    found = [official.command_on_path(), fetched if official.whole(fetched) else None]
    return [piece for piece in (*found, built if build.whole(built) else None) if piece]


def plugins_at_hand() -> list[Piece]:
    """Every usable OpenStack plugin, the preferred one first."""
    fetched, built = official.fetched_plugin(), build.plugin_piece()
    found = [official.plugin_on_machine(), fetched if official.whole(fetched) else None]
    return [piece for piece in (*found, built if build.whole(built) else None) if piece]


@cache
def find_engine() -> Engine | None:
    """The engine of this machine, or None. Installs nothing, asks nothing of the network.

    Every file of ours is checked against its digest (a fifth of a second); the answer is kept for
    the life of the process, :func:`ensure_engine` renews it.
    """
    commands, plugins = commands_at_hand(), plugins_at_hand()
    return Engine(commands[0], plugins[0]) if commands and plugins else None


def ensure_engine(say: Say = lambda text: None) -> Engine:
    """The engine of this machine, installed or built if need be; *say* is told each step.

    Safe when several processes call it, and after an interruption.

    Raises:
        EngineError: no route leads to an engine; says what to install.
    """
    find_engine.cache_clear()
    found = find_engine()
    if found:
        return found
    with installing(say):
        commands, plugins = commands_at_hand(), plugins_at_hand()
        if not _official(commands, plugins) and not official.site_answers():
            say(_("the official download site does not answer: building from package registries"))
        command = commands[0] if commands else None
        plugin = plugins[0] if plugins else None
        if official.site_answers():
            command = command or official.install_command(say)
            plugin = plugin or (official.install_plugin(command.path, say) if command else None)
        go: Go | None = None
        if command is None or plugin is None:
            go = ensure_go(say)
            command = command or build.build_command(go, say)
            plugin = plugin or build.build_plugin(go, say)
            tidy(go)
    find_engine.cache_clear()
    return Engine(command, plugin)


def _official(commands: list[Piece], plugins: list[Piece]) -> bool:
    return all(pieces and pieces[0].origin is not Origin.BUILT for pieces in (commands, plugins))
