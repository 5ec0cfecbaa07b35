"""What is supposed, put into the doctrine, the decisions and the day: nothing of it is written anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from inventory.documents import UNREADABLE, nearest, parse_document, read_document
from inventory.problems import InvalidInput, Problem
from inventory.workspace import Workspace
from rationalise.decisions import FOLDERS, Decision, Decisions, Signature, load_decisions
from rationalise.doctrine.catalogue import Doctrine, load_doctrine
from rationalise.doctrine.models import OffersFile
from rationalise.language import _

CODE = "ANA-060"


@dataclass(frozen=True)
class Suppositions:
    """What the command line supposes.

    ``without``: rules, presumptions, offers or decision files taken out. ``held``: rules taken as in force whatever
    their dates. ``offers``: an offer's identifier, taken out, or a file of offers, added. ``at``: another day.
    ``overlay``: a folder in place of the workspace's ``doctrine/``. ``decisions``: files, taken as signed.
    """

    without: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    at: date | None = None
    overlay: Path | None = None
    decisions: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.without or self.held or self.offers or self.at or self.overlay or self.decisions)


@dataclass(frozen=True)
class Ground:
    """What an analysis stands on, and in ``said`` what of it is supposed, a sentence each."""

    doctrine: Doctrine
    decisions: Decisions
    as_of: date
    said: tuple[str, ...] = ()


def grounds(workspace: Workspace, supposed: Suppositions, as_of: date) -> tuple[Ground, Ground]:
    """What the analysis stands on today, and what it would stand on.

    Raises:
        InvalidInput: a word nothing answers to (``ANA-060``), or a file that is not what it should be.
    """
    overlay = workspace.doctrine if workspace.doctrine.is_dir() else None
    before = Ground(load_doctrine(overlay), load_decisions(workspace.decisions), as_of)
    after, said = before, list[str]()
    if supposed.overlay is not None:
        after = replace(after, doctrine=load_doctrine(_folder(supposed.overlay)))
        said.append(_("doctrine/ read from {path}", path=supposed.overlay.name))
    if supposed.at is not None:
        after = replace(after, as_of=supposed.at)
        said.append(_("judged on {day}", day=supposed.at.isoformat()))
    taken_out = [*supposed.without, *(o for o in supposed.offers if not _is_file(o))]
    for word in taken_out:
        after = _without(after, word)
        said.append(_("without {word}", word=word))
    for word in supposed.held:
        after = _held(after, word)
        said.append(_("{word} in force whatever its dates", word=word))
    for file in (o for o in supposed.offers if _is_file(o)):
        after, added = _with_offers(after, Path(file))
        said.append(_("with the offers {offers}", offers=", ".join(added)))
    for path in supposed.decisions:
        after, sentence = _with_decision(after, path)
        said.append(sentence)
    # Answers of the law are remembered by its digest: what is supposed is another law.
    mark = hashlib.sha256("\0".join([before.doctrine.digest, *said]).encode()).hexdigest()
    return before, replace(after, doctrine=replace(after.doctrine, digest=f"supposed:{mark}"), said=tuple(said))


def _is_file(word: str) -> bool:
    return word.endswith((".yaml", ".yml"))


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise InvalidInput(Problem(code=CODE, message=_("there is no folder {path}", path=path), value=str(path)))
    return path


def _without(ground: Ground, word: str) -> Ground:
    law = ground.doctrine
    if word in law.rules:
        return replace(ground, doctrine=replace(law, rules={i: r for i, r in law.rules.items() if i != word}))
    if word in law.offers:
        return replace(ground, doctrine=replace(law, offers={i: o for i, o in law.offers.items() if i != word}))
    if word in {p.id for p in law.presumptions}:
        return replace(ground, doctrine=replace(law, presumptions=tuple(p for p in law.presumptions if p.id != word)))
    if word in ground.decisions.by_file:
        kept = {f: d for f, d in ground.decisions.by_file.items() if f != word}
        return replace(ground, decisions=Decisions(kept, f"{ground.decisions.digest} -{word}"))
    known = [*law.rules, *law.offers, *(p.id for p in law.presumptions), *ground.decisions.by_file]
    raise _unknown(word, known)


def _held(ground: Ground, word: str) -> Ground:
    law = ground.doctrine
    if word not in law.rules:
        raise _unknown(word, list(law.rules))
    rule = law.rules[word].model_copy(update={"since": law.modelled_since, "until": None})
    return replace(ground, doctrine=replace(law, rules={**law.rules, word: rule}))


def _with_offers(ground: Ground, path: Path) -> tuple[Ground, list[str]]:
    found = read_document(path, OffersFile, code="DOC-001")
    if found.evidence or not found.offers:
        raise InvalidInput(
            Problem(code=CODE, message=_("“--offer FILE” adds offers, and this file holds none or evidence too"),
                    file=str(path), hint=_("evidence about a shipped offer is laid over it with --overlay"))
        )  # fmt: skip
    law = ground.doctrine
    added = {o.id: o for o in found.offers}
    return replace(ground, doctrine=replace(law, offers={**law.offers, **added})), sorted(added)


def _with_decision(ground: Ground, path: Path) -> tuple[Ground, str]:
    decision = _read_decision(path)
    name = f"supposed/{path.name}"
    signed = decision.counts(ground.as_of)
    if not signed:
        # A sheet to sign is tried as it would count: signed on the day itself, whatever is still blank.
        decision = decision.model_copy(
            update={"signed_by": decision.signed_by or Signature(role="?"), "signed_on": ground.as_of,
                    "expires_on": None}
        )  # fmt: skip
    known = ground.decisions
    after = Decisions({**known.by_file, name: decision}, f"{known.digest} +{name}")
    sentence = _("with {file}", file=path.name) if signed else _("with {file}, supposed signed", file=path.name)
    return replace(ground, decisions=after), sentence


def _read_decision(path: Path) -> Decision:
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(
            Problem(code=UNREADABLE, message=_("the file cannot be read: {error}", error=error), file=str(path))
        ) from error
    kind = content.get("kind") if isinstance(content, dict) else None
    models = {_kind(model): model for model in FOLDERS.values()}
    if kind not in models:
        raise InvalidInput(
            Problem(code=CODE, message=_("this is not a decision: its kind is “{kind}”", kind=kind), file=str(path),
                    field="kind", hint=_("accepted: {accepted}", accepted=", ".join(sorted(models))))
        )  # fmt: skip
    return parse_document(text, models[kind], code="ANA-001", file=str(path))


def _kind(model: type[Decision]) -> str:
    kind: str = model.model_fields["kind"].annotation.__args__[0]  # type: ignore[union-attr]
    return kind


def _unknown(word: str, known: Sequence[str]) -> InvalidInput:
    near = nearest(word, list(known))
    return InvalidInput(
        Problem(
            code=CODE,
            message=_("nothing is called “{word}”", word=word),
            value=word,
            hint=_("did you mean “{near}”?", near=near)
            if near
            else _("“francecloud doctrine show” lists what there is"),
        )
    )
