"""How far a build is, on one line of a terminal; elsewhere nothing."""

from __future__ import annotations

import sys
import threading
import time

from stacks.language import _


class Progress:
    """A line rewritten each second while a block runs: what, for how long, modules downloaded so far."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._modules = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def took(self, line: str) -> bool:
        """Count a line of Go's that tells a download; whether it was one."""
        if not line.startswith("go: downloading "):
            return False
        self._modules += 1
        return True

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _show(self) -> None:
        start = time.monotonic()
        while not self._done.wait(1):
            seconds = round(time.monotonic() - start)
            text = _("{what}: {seconds} s, {modules} modules downloaded",
                     what=self._what, seconds=seconds, modules=self._modules)  # fmt: skip
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
