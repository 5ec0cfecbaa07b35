"""A form written to a file, in the format its name asks for; nothing that exists is overwritten."""

from __future__ import annotations

from pathlib import Path

from inventory.documents import nearest
from inventory.forms.model import Form
from inventory.language import _
from inventory.problems import InvalidInput, Problem

FORMATS = (".xlsx", ".ods")


def check_target(path: Path, *, force: bool = False, more: tuple[str, ...] = ()) -> None:
    """Refuse a file that could not be written as a form; *more* are other suffixes that the caller writes.

    Raises:
        InvalidInput: neither XLSX nor ODS by its name (``INV-195``), or there already (``INV-196``).
    """
    formats = (*FORMATS, *more)
    if path.suffix.lower() not in formats:
        near = nearest(path.suffix.lower(), list(formats)) or ".xlsx"
        raise InvalidInput(
            Problem(code="INV-195", message=_("a form is one of {formats}, not “{suffix}”", formats=", ".join(formats), suffix=path.suffix), file=str(path),
                    hint=_("did you mean “{near}”?", near=path.with_suffix(near).name))
        )  # fmt: skip
    if path.exists() and not force:
        raise InvalidInput(
            Problem(code="INV-196", message=_("this file is there already: someone may have filled it in"), file=str(path),
                    hint=_("give another name, or --force"))
        )  # fmt: skip


def write_form(path: Path, form: Form, *, force: bool = False) -> None:
    """Write a form as a whole or not at all.

    Raises:
        InvalidInput: as :func:`check_target`, or the folder cannot be written to (``INV-024``).
    """
    check_target(path, force=force)
    write_whole(path, content(form, path.suffix))


def write_whole(path: Path, body: bytes) -> None:
    """Write a file as a whole or not at all.

    Raises:
        InvalidInput: the folder cannot be written to (``INV-024``).
    """
    beside = path.with_name(f".{path.name}.next")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(body)
        beside.replace(path)
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-024", message=_("the file cannot be written: {error}", error=error.strerror or error),
                    file=str(path))
        ) from error  # fmt: skip


def content(form: Form, suffix: str) -> bytes:
    """A form in the format of a suffix."""
    if suffix.lower() == ".ods":
        from inventory.forms.ods import ods

        return ods(form)
    from inventory.forms.xlsx import xlsx

    return xlsx(form)
