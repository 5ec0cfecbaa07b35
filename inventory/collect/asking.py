"""What a collector is, what it gives back, and how it says that it could not ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import quote, quote_plus, urlsplit

from inventory.collect.document import Document
from inventory.language import _
from inventory.problems import Exit, InvalidInput, Problem, Severity, UserError

Settings = Mapping[str, str | tuple[str, ...] | None]
"""What the command line says, by option."""
Environment = Mapping[str, str]
LOCAL = "localhost"


class NotAdmitted(UserError):
    """No credential, or one that the system refuses (exit code 3)."""

    exit_code = Exit.AUTHENTICATION


class Unanswered(UserError):
    """The system is not there, breaks off, or answers what its protocol does not say (exit code 4)."""

    exit_code = Exit.RESOURCE


class TooLate(UserError):
    """The system did not answer in time (exit code 9)."""

    exit_code = Exit.TIMEOUT


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a collector. Never a credential: those come from the environment."""

    name: str
    metavar: str
    help: Callable[[], str]
    envvar: str | None = None
    multiple: bool = False


@dataclass
class Collected:
    """What was brought back, and everything there is to say of it."""

    document: Document
    problems: list[Problem] = field(default_factory=list)


class Collector(Protocol):
    """A system that can be asked. ``collect`` makes only calls that read."""

    name: str
    options: Sequence[Option]

    def title(self) -> str:
        """What it asks, in a line."""

    def collect(self, settings: Settings, environment: Environment) -> Collected:
        """Ask everything.

        Raises:
            UserError: no credential, no answer, or an answer that is not whole: nothing is kept then.
        """


class Secrets:
    """The credentials of a collection, taken from the environment once and kept out of every sentence."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._values: set[str] = set()

    def get(self, name: str) -> str | None:
        """A credential, or None.

        Raises:
            NotAdmitted: it holds characters that no header may carry (``INV-140``); its value is not shown.
        """
        value = self._environment.get(name, "").strip()
        if not value:
            return None
        self.hide(value)
        if not value.isprintable():
            raise NotAdmitted(
                Problem(
                    code="INV-140", message=_("{name} holds characters that no credential has", name=name), field=name
                )
            )
        return value

    def require(self, *names: str) -> list[str]:
        """These credentials, all of them.

        Raises:
            NotAdmitted: some are not in the environment (``INV-140``), all named at once.
        """
        found = {name: self.get(name) for name in names}
        missing = [name for name, value in found.items() if value is None]
        if missing:
            raise NotAdmitted(
                Problem(code="INV-140", message=_("no credential: {names} not in the environment", names=", ".join(missing)),
                        hint=_("export them in the shell that collects; they are never options and never written"))
            )  # fmt: skip
        return [value for value in found.values() if value is not None]

    def hide(self, value: object) -> None:
        """Keep a value, a session's token for example, out of what is said."""
        if isinstance(value, str) and value:
            # A system may quote what it was sent, as it was sent.
            self._values |= {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}

    def redact(self, text: object, longest: int = 300) -> str:
        """A text of the other side made fit to be shown: one line, no markup, no credential."""
        line = " ".join(re.sub(r"<[^<>]*>", " ", str(text)).split())
        for value in sorted(self._values, key=len, reverse=True):
            line = line.replace(value, "***")
        return line[:longest] + ("…" if len(line) > longest else "")


def address(text: str | None, option: str, envvar: str) -> str:
    """The address of a system, fit to receive a credential.

    Raises:
        InvalidInput: absent, not an address, in clear beyond this machine, or holding a credential (``INV-147``).
    """

    def refused(message: str, hint: str) -> InvalidInput:
        return InvalidInput(Problem(code="INV-147", message=message, field=option, hint=hint))

    if not text:
        raise refused(
            _("no address to ask"), _("give {option}, or {envvar} in the environment", option=option, envvar=envvar)
        )
    example = _("expected for example https://glpi.example.fr")
    try:
        parts = urlsplit(text.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise refused(_("this is not an address"), example) from None
    if parts.scheme not in ("http", "https") or not host:
        raise refused(_("this is not an address"), example)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        # Such an address would carry its credential into messages and files: it is not shown.
        raise refused(_("an address holds neither a credential nor parameters"),
                      _("credentials come from the environment; give the address alone"))  # fmt: skip
    if parts.scheme == "http" and not _loopback(host):
        raise refused(_("{host} would be asked in clear: the credential could be read on the way", host=host),
                      _("give its https:// address"))  # fmt: skip
    return text.strip().rstrip("/")


def _loopback(host: str) -> bool:
    if host == LOCAL:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def place(name: str | None, otherwise: str) -> str:
    """The name of a place asked, fit for a file's name: the one given, else one made of *otherwise*.

    Raises:
        InvalidInput: the name given is not fit (``INV-154``).
    """
    if name is None:
        return re.sub(r"[^A-Za-z0-9._-]+", "-", otherwise).strip("-.")[:80] or "1"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
        raise InvalidInput(
            Problem(code="INV-154", message=_("“{name}” cannot name a source", name=name), field="--name",
                    hint=_("letters, digits, hyphens and dots, for example “pi-usuelle”"))
        )  # fmt: skip
    return name


def told(code: str, message: str, *, hint: str | None = None, severity: Severity = Severity.WARNING) -> Problem:
    """Something to say of a collection that does not stop it."""
    return Problem(code=code, severity=severity, message=message, hint=hint)


def not_read(what: str, reason: str) -> Problem:
    """A part of a system that this credential may not read, or that is not there."""
    return told("INV-145", _("{what}: could not be read ({reason}); what it would have told stays unknown", what=what,
                             reason=reason))  # fmt: skip


def unsized(field: str, n: int) -> Problem:
    """Sizes written without a unit: 8192 may be of any, so they stay unknown."""
    text = _.plural("{field}: {n} size without a unit is left unknown", "{field}: {n} sizes without a unit are left unknown", n, field=field)  # fmt: skip
    return told("INV-152", text, hint=_("write “8 Go” there"))
