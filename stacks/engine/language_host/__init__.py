"""A Python language host for Pulumi, for where only package registries can be reached.

The engine starts an executable ``pulumi-language-python`` and speaks the gRPC service
``pulumirpc.LanguageRuntime`` to it (messages: ``pulumi.runtime.proto.language_pb2`` of the Python
SDK). This folder is copied as it is beside a built ``pulumi`` and shared between checkouts: it
imports nothing of the project, only the SDK of the interpreter it is started with.
"""

VERSION = "1.0.0+francecloud"
"""Version of this host; the mark says that it is not upstream's."""
