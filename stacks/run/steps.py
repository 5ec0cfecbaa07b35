"""What the engine did or would do, as data: one step a resource, read from its event stream.

The event stream is the only full account: the ``--json`` digest drops policy results and failures
(pulumi ``pkg/backend/display/json.go``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's word for a value known only once applied."""

SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 a marker, not a secret
"""The key by which it marks a special value, here a secret (pulumi ``resource.SigKey``)."""

COUNTED = {
    "create": "create",
    "import": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    "same": "same",
}
"""Operations counted; the halves of a replacement are counted once, as the replacement."""

SIGNS = {"create": "+", "update": "~", "delete": "−", "replace": "±", "same": " "}
_COLOURS = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Change:
    """One property that moves: its path, how, and its value before and after as text."""

    path: str
    kind: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One resource and what happens to it: ``create``, ``update``, ``delete``, ``replace`` or ``same``."""

    op: str
    type: str
    name: str
    urn: str
    changes: tuple[Change, ...] = ()

    @property
    def kind(self) -> str:
        """The short type, ``networking/Network`` for ``openstack:networking/network:Network``."""
        parts = self.type.split(":")
        return f"{parts[1].split('/')[0]}/{parts[-1]}" if len(parts) == 3 else self.type


def counts(steps: Iterable[Step]) -> dict[str, int]:
    """How many resources are created, updated, deleted, replaced and left as they are."""
    total = dict.fromkeys(("create", "update", "delete", "replace", "same"), 0)
    for step in steps:
        total[step.op] += 1
    return total


def as_dicts(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The steps for JSON, those that change nothing left out."""
    return [asdict(step) for step in steps if step.op != "same"]


def name_of(urn: str) -> str:
    """The resource's name, the last part of its URN."""
    return urn.rsplit("::", 1)[-1]


def shown(value: object) -> str | None:
    """A property value as a short text; a secret or a value not known yet is never printed."""
    if value is None:
        return None
    if value == UNKNOWN:
        return "?"
    if isinstance(value, Mapping) and SECRET_MARK in value:
        return "[secret]"
    text = value if isinstance(value, str) else repr(_whole(value))
    if UNKNOWN in text:
        return "?"
    return text if len(text) <= 120 else f"{text[:117]}…"


def _whole(value: Any) -> Any:
    """The same value, whole numbers without a decimal point (the protocol knows only floats)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _whole(value[key]) for key in sorted(value)}
    return value


def at(properties: Mapping[str, Any] | None, path: str) -> object:
    """The value at a path such as ``tags[0]`` or ``metadata.owner``, None where there is none."""
    value: Any = properties or {}
    for part in re.findall(r"\[\"([^\"]+)\"\]|\[(\d+)\]|([^.\[\]]+)", path):
        key = part[0] or part[2]
        try:
            value = value[key] if key else value[int(part[1])]
        except (KeyError, IndexError, TypeError):
            return None
    return value


@dataclass(slots=True)
class Account:
    """Hears the engine's events and keeps what matters; give :meth:`hear` to ``on_event``."""

    outcome: bool = False
    """Take the steps from what came out (refresh) and not from what was meant (preview, up)."""
    steps: list[Step] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ended: bool = False
    progress: Any = None
    on_failure: Callable[[Any], None] | None = None
    """Told the step of each operation that failed, as soon as it did."""

    def hear(self, event: Any) -> None:
        """Take one event of the engine."""
        if event.diagnostic_event:
            self._told(event.diagnostic_event)
        if event.resource_pre_event and not self.outcome:
            self._step(event.resource_pre_event.metadata)
        if event.res_outputs_event and self.outcome:
            self._step(event.res_outputs_event.metadata)
        if event.res_op_failed_event:
            self.failed.append(event.res_op_failed_event.metadata.urn)
            if self.on_failure:
                self.on_failure(event.res_op_failed_event.metadata)
        if event.summary_event:
            self.ended = True

    def _told(self, diagnostic: Any) -> None:
        kept = {"error": self.errors, "warning": self.warnings}.get(diagnostic.severity)
        text = _COLOURS.sub("", diagnostic.message).strip()
        if kept is not None and text and text not in kept:
            kept.append(text)

    def _step(self, metadata: Any) -> None:
        op = COUNTED.get(metadata.op.value)
        if op is None or metadata.type == "pulumi:pulumi:Stack":
            return
        step = Step(op, metadata.type, name_of(metadata.urn), metadata.urn, tuple(_changes(metadata, op)))
        self.steps.append(step)
        if self.progress:
            self.progress(step)

    @property
    def over_quota(self) -> bool:
        """Whether the cloud refused for want of quota (OpenStack's two ways to say so)."""
        return any("OverQuota" in text or "Quota exceeded" in text for text in self.errors)

    def counts(self) -> dict[str, int]:
        """How many steps of each sort."""
        return counts(self.steps)


def _changes(metadata: Any, op: str) -> Iterable[Change]:
    if op not in ("update", "replace"):
        return
    old, new = metadata.old, metadata.new
    for path, difference in sorted((metadata.detailed_diff or {}).items()):
        side = "inputs" if difference.input_diff else "outputs"
        before = at(getattr(old, side, None), path)
        after = at(getattr(new, "inputs", None), path)
        if after is None:
            after = at(getattr(new, "outputs", None), path)
        yield Change(path, difference.diff_kind.value, shown(before), shown(after))
    if not metadata.detailed_diff:
        for path in sorted(metadata.diffs or ()):
            yield Change(
                path,
                "update",
                shown(at(getattr(old, "outputs", None), path)),
                shown(at(getattr(new, "inputs", None), path)),
            )
