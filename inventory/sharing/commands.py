"""``francecloud export`` and ``consolidate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inventory.cli import emit, json_option, note, say, workspace_option
from inventory.language import _

if TYPE_CHECKING:
    from inventory.sharing.archives import Content
    from inventory.sharing.keys import Key
    from inventory.sharing.package_export import Export
    from inventory.workspace import Workspace

NAMES = ("csv", "parquet", "xlsx", "ods", "sqlite", "json", "konveyor")


@click.command(
    help=_(
        "The dataset in another format, whole or with its names replaced.\n\n"
        "--pseudonymise replaces names, addresses, hosts and organisations by tokens that only the key undoes, and "
        "leaves free text out; --restore gives the names back to such an export or to a proposal made of it.\n\n"
        "Examples: francecloud export -o parc.xlsx · francecloud export --pseudonymise --new-key --key-file ~/dsi.key"
    )
)
@click.option(
    "--format", "format_name", type=click.Choice(NAMES), help=_("The format (default: from -o's ending, else csv).")
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help=_("The file, or for csv and parquet the folder or .zip, to write."))  # fmt: skip
@click.option("--pseudonymise", is_flag=True, help=_("Replace names by tokens, with the key of --key-file."))
@click.option("--restore", type=click.Path(path_type=Path, exists=True), metavar="PATH", help=_("Give its names back to this export, proposal or text."))  # fmt: skip
@click.option("--correspondence", type=click.Path(path_type=Path), metavar="PATH", help=_("With --restore of a proposal: the export it was made from (default: the workspace's dataset)."))  # fmt: skip
@click.option("--key-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=_("The key: at least 32 bytes, kept out of git."))  # fmt: skip
@click.option("--new-key", is_flag=True, help=_("Make the key first; one that exists is never replaced."))
@workspace_option
@json_option
def export(
    format_name: str | None, output: Path | None, pseudonymise: bool, restore: Path | None, correspondence: Path | None,
    key_file: Path | None, new_key: bool, workspace: Path, as_json: bool,
) -> None:  # fmt: skip
    """The dataset in another format."""
    from inventory.sharing.archives import write_whole
    from inventory.workspace import open_workspace

    if pseudonymise and restore:
        raise click.UsageError(_("--pseudonymise and --restore do not go together"))
    if (pseudonymise or restore or new_key) and key_file is None:
        raise click.UsageError(_("--key-file is needed"))
    here = open_workspace(workspace)
    chosen = _format(format_name, output)
    key = _key(key_file, new_key, here)
    if new_key and not (pseudonymise or restore):
        note(_("a key was made: {path}", path=key_file))
        return
    if restore is not None and key is not None:
        content, told = _restored(restore, correspondence, key, chosen, here, output)
    else:
        content, told = _exported(key if pseudonymise else None, chosen, here, output)
    where = output or _default(chosen, restore)
    write_whole(where, content)
    if chosen == "konveyor":
        write_whole(where.with_name(where.name + "-metadata.json"), told.pop("_metadata"))
    told.pop("_metadata", None)
    if as_json:
        emit({"written": str(where), "format": chosen, **told})
    else:
        _say(where, told)


@click.command(
    help=_(
        "Add up the exports of several DSIs, or of several ministries, to one dataset.\n\n"
        "Example: francecloud consolidate dsi-nord.zip dsi-sud.zip -o ministere"
    )
)
@click.argument("packages", nargs=-1, required=True, type=click.Path(path_type=Path), metavar=_("PACKAGE…"))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=_("The dataset's folder to write."))  # fmt: skip
@json_option
def consolidate(packages: tuple[Path, ...], output: Path, as_json: bool) -> None:
    """Exports added up."""
    from inventory.dataset import schema
    from inventory.package import package_files
    from inventory.problems import InvalidInput, Problem, render
    from inventory.sharing.archives import write_whole
    from inventory.sharing.consolidation import PROVENANCE, Shared
    from inventory.sharing.consolidation import consolidate as add_up
    from inventory.sharing.reading import read_export

    read: list[Shared] = []
    problems: list[Problem] = []
    for path in packages:
        try:
            read.append(Shared.of_export(read_export(path)))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(*problems)
    total = add_up(read)
    files = {PROVENANCE: total.provenance.write_csv().encode()}
    write_whole(output, package_files(schema(), total.tables, about=total.about, files=files))
    if as_json:
        emit({"written": str(output), **total.as_dict()})
        return
    if total.problems:
        note(render(total.problems))
    for row in total.totals:
        say(_("{figure}: {given} given, {met_again} met again, {total} in all", **row))
    say(
        _(
            "{path}: written, marking {marking}, {digest}",
            path=output,
            marking=total.about["marking"],
            digest=total.about["digest"],
        )
    )


def _format(name: str | None, output: Path | None) -> str:
    from inventory.sharing.formats import FORMATS

    endings = {f.suffix: n for n, f in FORMATS.items() if f.suffix and n != "konveyor"}
    chosen = name or (endings.get(output.suffix.lower(), "csv") if output else "csv")
    wanted = FORMATS[chosen].suffix
    if output is not None and wanted and output.suffix.lower() != wanted:
        raise click.UsageError(_("a file of this format ends in {suffix}: {path} would not be known for what it is", suffix=wanted, path=output))  # fmt: skip
    if output is not None and not wanted and output.suffix.lower() not in ("", ".zip") and not output.is_dir():
        raise click.UsageError(
            _("{format} is written as a folder or a .zip: {path} is neither", format=chosen, path=output)
        )
    return chosen


def _default(chosen: str, restored: Path | None) -> Path:
    from inventory.sharing.formats import FORMATS

    if restored is not None:
        return Path(f"{restored.stem}-restored{restored.suffix}")
    stem = "inventaire-konveyor" if chosen == "konveyor" else "inventaire"
    return Path(stem + (FORMATS[chosen].suffix or ".zip"))


def _key(file: Path | None, new: bool, here: Workspace) -> Key | None:
    from inventory.sharing.keys import new_key, read_key

    if file is None:
        return None
    return new_key(file, here.root) if new else read_key(file, here.root)


def _exported(key: Key | None, chosen: str, here: Workspace, output: Path | None) -> tuple[Content, dict[str, Any]]:
    from inventory.dataset import read_dataset
    from inventory.package import Package
    from inventory.sharing import pseudonyms
    from inventory.sharing.package_export import Export, export_of

    dataset = read_dataset(here)
    publisher = str(here.settings.get("workspace", {}).get("name", "")) or None
    if key is None:
        ready, report = export_of(dataset, publisher), None
    else:
        treated = pseudonyms.pseudonymise(dataset, key)
        names = dict(treated.names)
        if publisher:
            made = pseudonyms.Tokens(key)
            publisher = made.of("organisation", [publisher])[publisher]
            names |= made.names
        bare = {k: v for k, v in dataset.descriptor.items() if k == "marking"}
        done = export_of(
            Package(treated.tables, bare), publisher, pseudonymised={"scheme": "blake2b-80", "key": key.identity}
        )
        ready = Export(done.tables, done.about, {pseudonyms.SEALED: pseudonyms.seal(names, key)})
        report = treated.report
    return _made(ready, chosen, output), _told(ready, report)


def _restored(
    source: Path, correspondence: Path | None, key: Key, chosen: str, here: Workspace, output: Path | None
) -> tuple[Content, dict[str, Any]]:
    from inventory.dataset import read_dataset
    from inventory.problems import InvalidInput
    from inventory.sharing import restoring
    from inventory.sharing.pseudonyms import SEALED
    from inventory.sharing.reading import read_export

    try:
        found = read_export(source)
    except InvalidInput as error:
        if {p.code for p in error.problems} - {"INV-212", "PKG-001", "PKG-003", "PKG-005", "PKG-002"}:
            raise
        names = restoring.correspondence(correspondence, lambda: read_dataset(here), key)
        return restoring.restore_tree(source, names), {"names": len(names)}
    sealed = correspondence or found.files.get(SEALED)
    names = restoring.correspondence(sealed, lambda: read_dataset(here), key)
    ready = restoring.restore_export(found, names)
    return _made(ready, chosen, output), {**_told(ready, None), "names": len(names)}


def _made(ready: Export, chosen: str, output: Path | None) -> Content:
    from inventory.sharing.archives import archive
    from inventory.sharing.formats import FORMATS

    content = FORMATS[chosen].write(ready)
    if not isinstance(content, bytes) and (output is None or output.suffix.lower() == ".zip"):
        return archive(content)
    return content


def _told(ready: Export, report: list[dict[str, object]] | None) -> dict[str, Any]:
    import json

    told: dict[str, Any] = {"marking": ready.about["marking"], "digest": ready.about["digest"]}
    told["records"] = {n: f.height for n, f in ready.tables.items()}
    told["_metadata"] = (json.dumps(ready.facts, ensure_ascii=False, indent=1) + "\n").encode()
    if report is not None:
        told["report"] = report
    return told


def _say(where: Path, told: dict[str, Any]) -> None:
    if "marking" in told:
        say(
            _(
                "{path}: written, marking {marking}, {digest}",
                path=where,
                marking=told["marking"],
                digest=told["digest"],
            )
        )
    else:
        say(_("{path}: written", path=where))
    if "names" in told:
        say(_.plural("{n} name given back at most", "{n} names given back at most", told["names"]))
    for row in told.get("report", ()):
        if row["kept"] or row["replaced"] or row["removed"]:
            say(_("{table}.{column}: {kept} kept, {replaced} replaced, {removed} removed", **row))
