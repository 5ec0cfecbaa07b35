"""Start: read the engine's address, listen on a port of the loopback, say which."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from .children import Children
from .service import PythonHost

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes of the largest message, the limit Pulumi's own programs set."""
THREADS = 64
"""Each program, policy pack or plugin occupies one while it runs; idle ones are not made."""


def main(arguments: list[str], bin_folder: Path) -> int:
    """Serve until the engine ends this process or is gone.

    Args:
        arguments: ``--parent=PID``, options of the engine that are not used, then the engine's address.
        bin_folder: where the executor script lies.
    """
    positional = [word for word in arguments if not word.startswith("-")]
    parents = [word.partition("=")[2] for word in arguments if word.startswith("--parent=")]
    engine = positional[-1] if positional else ""
    children = Children()
    # The engine as the shell script saw it: it may be gone by now.
    children.leave_with(int(parents[0]) if parents else os.getppid())
    # The engine starts us in a group of our own, which Ctrl-C does not reach: this comes from it alone, when it is
    # done with us, and it waits five seconds before it kills.
    done = Event()
    signal.signal(signal.SIGINT, lambda *_: done.set())
    options = [("grpc.max_receive_message_length", MESSAGE_LIMIT), ("grpc.max_send_message_length", MESSAGE_LIMIT)]
    server = grpc.server(ThreadPoolExecutor(max_workers=THREADS), options=options)
    host = PythonHost(engine, bin_folder / "pulumi-language-python-exec", children)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    done.wait()
    children.stop()
    server.stop(None)
    return 0
