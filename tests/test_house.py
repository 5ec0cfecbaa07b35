"""The house stands as designed: one-way imports, a right wheel, complete catalogues, no forbidden names."""

import io
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("francecloud", "inventory", "rationalise", "stacks")
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_ours_and_not_a_namesake(room: str) -> None:
    module = __import__(room)
    assert Path(module.__file__ or "").is_relative_to(ROOT), module.__file__
    assert distribution("francecloud").version == "0.1.0"


@pytest.mark.parametrize("folder", ["landing_zone", "foundation", "network", "external"])
def test_a_stack_folder_shadows_no_room(folder: str) -> None:
    # Pulumi puts the program's folder first on the path.
    names = {p.stem for p in (ROOT / "stacks" / folder).iterdir()}
    assert not names & {*ROOMS, "templates", "pulumi"}


def test_the_wheel_holds_the_data_and_nothing_else(tmp_path: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not on PATH: the wheel cannot be built here")
    subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", tmp_path], cwd=ROOT, check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {n.split("/")[0] for n in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == set(ROOMS)
    templates = {n.removeprefix("templates/") for n in TRACKED if n.startswith("templates/")}
    assert templates
    assert templates <= {n.removeprefix("rationalise/_templates/") for n in names}
    data = {n for n in TRACKED if n.split("/")[0] in ROOMS}
    assert data <= set(names), sorted(data - set(names))


@pytest.mark.parametrize("room", ROOMS)
def test_the_compiled_catalogue_is_fresh(room: str) -> None:
    po = ROOT / room / "locale/fr/LC_MESSAGES" / f"{room}.po"
    with po.open("rb") as source:
        catalogue = read_po(source, locale="fr")
    expected = io.BytesIO()
    write_mo(expected, catalogue)
    expected.seek(0)
    with po.with_suffix(".mo").open("rb") as compiled:
        found = {str(m.id): str(m.string) for m in read_mo(compiled) if m.id}
    wanted = {str(m.id): str(m.string) for m in read_mo(expected) if m.id}
    assert found == wanted, f"compile it again: uv run pybabel compile -d {room}/locale -D {room}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_has_its_french(room: str) -> None:
    with (ROOT / room / "locale/fr/LC_MESSAGES" / f"{room}.po").open("rb") as source:
        catalogue = read_po(source, locale="fr")
    missing = []
    for where, message in _sentences(room):
        entry = catalogue.get(message)
        if entry is None or not entry.string or entry.fuzzy:
            missing.append(f"{where}: {message}")
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("room", ROOMS)
def test_french_and_english_take_the_same_values(room: str) -> None:
    with (ROOT / room / "locale/fr/LC_MESSAGES" / f"{room}.po").open("rb") as source:
        catalogue = read_po(source, locale="fr")
    for entry in catalogue:
        if not entry.id:
            continue
        english = entry.id if isinstance(entry.id, str) else entry.id[-1]
        french = entry.string if isinstance(entry.string, str) else entry.string[-1]
        assert set(re.findall(r"\{(\w+)", french)) == set(re.findall(r"\{(\w+)", english)), english


def _sentences(room: str) -> list[tuple[str, str]]:
    keywords = {"_": None, "plural": (1, 2), "ngettext": (1, 2), "gettext": None}
    found = []
    rows = extract_from_dir(ROOT / room, [("**.py", "python")], keywords=keywords)
    found += [(f"{room}/{name}:{line}", message) for name, line, message, _c, _x in rows]
    if room == "rationalise":
        options = {"silent": "false"}
        for path in sorted((ROOT / "templates").rglob("*.j2")):
            rows2 = extract_from_file("jinja2", path, options=options, keywords=keywords)
            found += [(f"{path.relative_to(ROOT)}:{line}", message) for line, message, _c, _x in rows2]
    return [(where, m[0] if isinstance(m, tuple) else m) for where, m in found if m]


FORBIDDEN = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|proxy\.golang|deb\.debian\.org|/root/|/home/\w|/work/", re.I
)


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = []
    for name in TRACKED:
        path = ROOT / name
        if path == Path(__file__) or not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {hit.group()}" for hit in FORBIDDEN.finditer(text)]
    assert not found, "\n".join(found)


def test_no_lock_file_is_kept() -> None:
    assert not {n for n in TRACKED if Path(n).name in {"uv.lock", "package-lock.json"}}
