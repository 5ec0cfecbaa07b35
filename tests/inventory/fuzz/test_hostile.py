"""Whatever the file, an import ends with 0 or 2, says why, reaches no network, stays small, and leaves no half."""

import contextlib
import shutil
import socket
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inventory.fuzz.attempts import apart, attempt, faults, no_network, tree, workspace
from tests.inventory.fuzz.hostile import BOMBS, mutations
from tests.inventory.fuzz.seeds import made, real

LARGE = ("bomb", "million", "50-mb", "100000", "000-", "ole-loop", "repeated", "wide", "inserts", "one-string", "zeros")
MANY = 60


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("fuzz") / "ws")


@pytest.fixture
def here(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(before, tmp_path / "ws"))


def verified(name: str, content: bytes, here: Path, *, separately: bool = False) -> None:
    path = here.parent / Path(name).name
    path.write_bytes(content)
    known = tree(here)
    done = apart(path, here) if separately else attempt(path, here)
    assert faults(done, known, tree(here)) == [], name


@pytest.mark.parametrize("name", [n for n in BOMBS if not any(word in n for word in LARGE)])
def test_a_hostile_file(name: str, here: Path) -> None:
    verified(name, BOMBS[name](), here)


@pytest.mark.parametrize(
    "name", ["ole-loop.xls", "one-string-a-million-times.xlsx", "repeated-both.ods", "wide-below.csv"]
)
def test_a_bomb_is_refused_before_it_fills_the_memory(name: str, here: Path) -> None:
    verified(name, BOMBS[name](), here, separately=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in BOMBS if any(word in n for word in LARGE)])
def test_a_large_hostile_file(name: str, here: Path) -> None:
    verified(name, BOMBS[name](), here, separately=True)


@pytest.mark.needs("shared")
def test_real_files_damaged(shared: Path, here: Path) -> None:
    for name, content in islice(mutations(real(shared / "samples"), seed=4), MANY):
        verified(name, content, here)


def test_made_files_damaged(here: Path) -> None:
    for name, content in islice(mutations(made(), seed=4), MANY):
        verified(name, content, here)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text(max_size=12) | st.sampled_from(["Oui", "12,5", "1,234", "01/03/2018", '"', "secret"]),
                           min_size=1, max_size=6), max_size=6),
    headings=st.permutations(["Code application", "Nom", "Utilisateurs", "Classification", "Serveurs", "Fin de contrat"]),
    separator=st.sampled_from(";,\t|"), end=st.sampled_from(["\n", "\r\n", "\r", "\n\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)  # fmt: skip
def test_any_list(
    here: Path, rows: list[list[str]], headings: list[str], separator: str, end: str, encoding: str
) -> None:
    text = end.join(separator.join(r) for r in [headings, *rows])
    verified("liste.csv", text.encode(encoding, "replace"), here)


@pytest.mark.parametrize("name", ["absent.csv", "", "/dev/zero", "/dev/null"])
def test_what_is_no_file(name: str, here: Path) -> None:
    known = tree(here)
    done = attempt(Path(name), here)
    assert done.code == 2
    assert faults(done, known, tree(here)) == []


def test_the_network_is_watched() -> None:
    def reach() -> None:
        with no_network(), contextlib.suppress(OSError):
            socket.create_connection(("192.0.2.1", 80))

    with pytest.raises(AssertionError):
        reach()


def test_damage_is_the_same_for_the_same_seed() -> None:
    first, again = (list(islice(mutations(made(), seed=9), 20)) for _n in range(2))
    assert first == again
    assert len({content for _name, content in first}) > 15
