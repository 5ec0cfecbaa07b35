"""Asking a system over HTTP, politely: reading only, in time, as often as it allows, never further than told.

Certificates are verified and proxies are the environment's (``HTTPS_PROXY``, ``NO_PROXY``, ``REQUESTS_CA_BUNDLE``).
A redirection is refused rather than followed: it would carry the credential elsewhere.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from inventory.collect.asking import NotAdmitted, Secrets, Settings, TooLate, Unanswered, address, not_read, place
from inventory.language import _
from inventory.problems import Problem, UserError

if TYPE_CHECKING:
    import requests

CONNECT, READ = 10, 60
"""Seconds without a connection, without a byte."""
WHOLE = 300
"""Seconds for one answer in all."""
ATTEMPTS = 4
LONGEST_WAIT = 60
"""Seconds: a system that asks for more is left alone, and that is said."""
LARGEST = 256 * 2**20
"""Bytes of one answer."""
PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that a later attempt may not meet."""


class _Settled(Unanswered):
    """A failure that another attempt would meet again."""


class Forbidden(Exception):
    """A part that may not be read with this credential (403), or is not there (404)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """An answer: its status, its headers, its JSON."""

    status: int
    headers: Mapping[str, str]
    content: Any


@dataclass
class Web:
    """A system at an address. Only ``GET``, and ``POST`` where the protocol logs in or asks so, are ever sent."""

    base: str
    secrets: Secrets
    headers: dict[str, str] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        import requests

        self._session = requests.Session()
        # Without this, requests would take a password for this host from the user's netrc and replace our header.
        self._session.auth = _as_it_is
        self._session.headers.update({"Accept": "application/json", "User-Agent": "francecloud"})

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read.

        Raises:
            Forbidden: this part may not be read, or is not there.
            UserError: refused credential, no answer in time, or one that cannot be read.
        """
        return self._ask("GET", path, params=params)

    def post(self, path: str, *, form: Mapping[str, str] | None = None, document: object = None) -> Answer:
        """Log in, or ask where the protocol asks by ``POST``.

        Raises:
            Forbidden: as :meth:`get`.
            UserError: as :meth:`get`.
        """
        return self._ask("POST", path, data=form, json=document)

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def _ask(self, method: str, path: str, **how: Any) -> Answer:
        wait = 1.0
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                status, headers, body = self._once(method, path, **how)
            except _Settled:
                raise
            except Unanswered:
                if last:
                    raise
                status, headers, body = 0, {}, b""
            if status and status not in PASSING:
                return self._judged(path, status, headers, body)
            asked = _retry_after(headers)
            if status and (last or (asked or 0) > LONGEST_WAIT):
                raise self._given_up(path, status, asked, body)
            self.sleep(max(wait, asked or 0))
            wait *= 2
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, **how: Any) -> tuple[int, Mapping[str, str], bytes]:
        import requests

        url = f"{self.base}/{path}"
        started = time.monotonic()
        error: UserError
        try:
            with self._session.request(
                method, url, headers=self.headers, timeout=(CONNECT, READ), allow_redirects=False, stream=True, **how
            ) as response:
                return response.status_code, response.headers, self._body(response, path, started)
        except requests.exceptions.SSLError:
            error = _Settled(self._problem("INV-142", path, _("its certificate is not one that is trusted here"),
                                _("give the authority's certificate in REQUESTS_CA_BUNDLE; it is never left unverified")))  # fmt: skip
        except requests.exceptions.Timeout:
            error = TooLate(self._problem("INV-142", path, _("no answer in {n} seconds", n=READ), None))
        except requests.exceptions.ProxyError:
            error = Unanswered(self._problem("INV-142", path, _("the proxy does not answer"),
                                             _("see HTTPS_PROXY and NO_PROXY in the environment")))  # fmt: skip
        except requests.exceptions.ChunkedEncodingError:
            error = Unanswered(self._problem("INV-143", path, _("the answer breaks off"), None))
        except (requests.exceptions.RequestException, OSError):
            error = Unanswered(self._problem("INV-142", path, _("nothing answers there"),
                                             _("check the address and the network")))  # fmt: skip
        # Raised outside, so that no trace shows the library's own text, which may quote what was sent.
        raise error

    def _body(self, response: requests.Response, path: str, started: float) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(65536):
            size += len(part)
            if size > LARGEST:
                raise _Settled(
                    self._problem("INV-143", path, _("the answer is larger than {n} bytes", n=LARGEST), None)
                )
            if time.monotonic() - started > WHOLE:
                raise TooLate(self._problem("INV-142", path, _("no whole answer in {n} seconds", n=WHOLE), None))
            parts.append(part)
        return b"".join(parts)

    def _judged(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        if 300 <= status < 400:
            raise Unanswered(self._problem("INV-143", path, _("it sends elsewhere, which is not followed (HTTP {status})", status=status),
                                           _("give the final address: {place}", place=self.secrets.redact(headers.get("Location", "?")))))  # fmt: skip
        if status == 401:
            raise NotAdmitted(self.refused(path, self._words(body)))
        if status in (403, 404):
            raise Forbidden(f"HTTP {status}")
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        if content is None or status >= 500:
            raise Unanswered(self._problem("INV-143", path, _("the answer is not whole JSON (HTTP {status})", status=status),
                                           _("is this the address of the API, and not of the pages?")))  # fmt: skip
        return Answer(status, headers, content)

    def _given_up(self, path: str, status: int, asked: float | None, body: bytes) -> UserError:
        if status == 429 or asked:
            return Unanswered(self._problem("INV-153", path, _("it asks to be left alone (HTTP {status})", status=status),
                                            _("collect again in {n} seconds", n=int(asked)) if asked else _("collect again later")))  # fmt: skip
        return Unanswered(self._problem("INV-143", path, _("it fails (HTTP {status}): {words}", status=status, words=self._words(body)), None))  # fmt: skip

    def refused(self, path: str, words: str) -> Problem:
        """A credential that the system does not accept."""
        return self._problem("INV-141", path, _("it refuses the credential: {words}", words=words),
                             _("check the values in the environment, and that the account may use the API"))  # fmt: skip

    def strange(self, path: str, words: str) -> Unanswered:
        """An answer that is JSON, and not what the protocol says."""
        return Unanswered(self._problem("INV-143", path, _("an answer that was not expected: {words}", words=self.secrets.redact(words)), None))  # fmt: skip

    def short(self, path: str, read: int, announced: int) -> Unanswered:
        """Fewer records, or more, than the system announces: never mistaken for the whole."""
        return Unanswered(self._problem("INV-144", path, _("{read} records read, {announced} announced", read=read, announced=announced),
                                        _("nothing is kept of it; collect again when nobody is changing it")))  # fmt: skip

    def _words(self, body: bytes) -> str:
        return self.secrets.redact(body.decode("utf-8", "replace"))

    def _problem(self, code: str, path: str, message: str, hint: str | None) -> Problem:
        where = self.secrets.redact(f"{self.base}/{path}")
        return Problem(code=code, message=f"{where}: {message}", hint=hint)


class Asked:
    """The questions to a system, and what this credential could not read of it."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.problems: list[Problem] = []
        self.unread: list[str] = []

    def leave(self, kind: str, reason: str) -> None:
        """Note that a kind could not be read: it stays unknown, and that is said."""
        self.unread.append(kind)
        self.problems.append(not_read(kind, reason))


def asked_at(settings: Settings, envvar: str, suffix: str) -> tuple[str, str]:
    """The address to ask, without the API's own path, and the name of the place.

    Raises:
        InvalidInput: the address or the name is not fit (``INV-147``, ``INV-154``).
    """
    url = address(str(settings.get("url") or "") or None, "--url", envvar).removesuffix(suffix)
    name = settings.get("name")
    return url, place(str(name) if name else None, str(urlsplit(url).hostname))


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a system asks to wait: a number, or a date (RFC 9110 §10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
