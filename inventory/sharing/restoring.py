"""Names given back to a dataset, a proposal or any text made from a dataset without names."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from inventory.dataset import schema
from inventory.language import _
from inventory.package import DESCRIPTOR, Package, canonical_digest
from inventory.problems import InvalidInput, Problem
from inventory.sharing.archives import Content
from inventory.sharing.keys import Key
from inventory.sharing.package_export import Export
from inventory.sharing.pseudonyms import SEALED, TOKEN, pseudonymise, restored, unseal


def correspondence(sealed: Path | bytes | None, dataset: Callable[[], Package], key: Key) -> Mapping[str, str]:
    """Token → name: from a sealed correspondence where there is one, else made again from one's own dataset.

    Raises:
        InvalidInput: the key is another one (``INV-215``).
    """
    if sealed is None:
        return pseudonymise(dataset(), key).names
    if isinstance(sealed, bytes):
        return unseal(sealed, key)
    file = sealed / SEALED if sealed.is_dir() else sealed
    try:
        return unseal(file.read_bytes(), key)
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-215", file=str(file), message=_("there is no sealed correspondence here"),
                    hint=_("give the export that was sent, with --correspondence"))
        ) from error  # fmt: skip


def restore_export(export: Export, names: Mapping[str, str]) -> Export:
    """A dataset with its names; what was removed stays unknown."""
    tables = {n: t.conform(restored(export.tables[n], names)) for n, t in schema().tables.items()}
    about = {k: v for k, v in export.about.items() if k != "pseudonymised"}
    publisher = about.get("publisher")
    if isinstance(publisher, str):
        about["publisher"] = names.get(publisher, publisher)
    files = {n: b for n, b in export.files.items() if n != SEALED}
    return Export(tables, {**about, "digest": canonical_digest(schema(), tables)}, files)


def restore_tree(path: Path, names: Mapping[str, str]) -> Content:
    """The files of a proposal, or one file of any text, with the names that tokens stand for.

    Raises:
        InvalidInput: neither a folder of texts nor a text (``INV-212``).
    """
    try:
        if path.is_file():
            return _restored(path.name, path.read_bytes(), names)
        files = {p.name: _restored(p.name, p.read_bytes(), names) for p in sorted(path.iterdir()) if p.is_file()}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(code="INV-212", file=str(path), message=_("names can be given back to texts only: {error}", error=error))
        ) from error  # fmt: skip
    if DESCRIPTOR in files:
        files = _described_again(files)
    return files


def _restored(name: str, body: bytes, names: Mapping[str, str]) -> bytes:
    text = body.decode("utf-8")
    ending = Path(name).suffix.lower()
    if ending == ".csv":
        frame = pl.read_csv(body, infer_schema=False, empty_string_is_null=True) if text.strip() else pl.DataFrame()
        return restored(frame, names).write_csv(null_value="").encode()
    if ending == ".json":
        spaces = re.match(r"\s*[{\[]\n( +)", text)
        again = json.dumps(
            _walked(json.loads(text), names), ensure_ascii=False, indent=len(spaces[1]) if spaces else None
        )
        return (again + ("\n" if text.endswith("\n") else "")).encode()
    shown: Callable[[str], str] = html.escape if ending in (".html", ".htm", ".svg", ".xml") else str
    return re.sub(TOKEN, lambda m: shown(names.get(m[0], m[0])), text).encode()


def _walked(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(TOKEN, lambda m: names.get(m[0], m[0]), value)
    if isinstance(value, list):
        return [_walked(v, names) for v in value]
    if isinstance(value, dict):
        return {_walked(k, names): _walked(v, names) for k, v in value.items()}
    return value


def _described_again(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A package's files sorted by their keys again, and its descriptor with their digests."""
    done = dict(files)
    descriptor = json.loads(files[DESCRIPTOR])
    for resource in descriptor.get("resources", []):
        body = done.get(resource.get("path", ""))
        keys = resource.get("schema", {}).get("primaryKey")
        if body is None or not resource["path"].endswith(".csv"):
            continue
        if keys:
            frame = pl.read_csv(body, infer_schema=False, empty_string_is_null=True)
            whole = {f["name"]: f.get("type") for f in resource["schema"]["fields"]}
            order = [pl.col(k).cast(pl.Float64) if whole.get(k) in ("integer", "number") else pl.col(k) for k in keys]
            body = done[resource["path"]] = frame.sort(order, nulls_last=True).write_csv(null_value="").encode()
        resource["hash"] = "sha256:" + hashlib.sha256(body).hexdigest()
    done[DESCRIPTOR] = (json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n").encode()
    return done
