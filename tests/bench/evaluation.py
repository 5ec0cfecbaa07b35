"""The law over a million applications: ``python -m tests.bench.evaluation``.

Timed: from profiles in memory as text to the answer of every application on every tier and offer (verdict, the
rules that spoke, those that decided), each as a number into the dictionary of distinct answers; then the same
spelt out, verdict and rules a column each, a tier and offer. Beside it, in the same run, plain Python row by row,
written independently, on as many rows as it can bear; and its agreement on a million pairs.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TypeVar

import polars as pl

from rationalise import load_doctrine
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import VERDICTS, Judgement, compiled, judge
from tests.rationalise.doctrine.independent import Catalogue, Cells

DAY = date(2026, 11, 23)
MILLION = 1_000_000
T = TypeVar("T")


def random_profiles(doctrine: Doctrine, rows: int, seed: int) -> pl.DataFrame:
    """Text columns drawn evenly, unknown among the values: the worst case, nearly every profile is its own."""
    return pl.DataFrame(
        {
            a.name: pl.Series([None, *a.values], dtype=pl.String).sample(rows, with_replacement=True, seed=seed + n)
            for n, a in enumerate(doctrine.attributes.values())
        }
    )


def spelt(found: Judgement) -> pl.DataFrame:
    """One row an application; a verdict and the rules that spoke, a column each, for every tier and offer."""
    words = found.said.select(pl.col("verdict").cast(pl.Enum(VERDICTS)), pl.col("rules").cast(pl.Categorical))
    numbers = pl.concat([found.tiers, found.offers], how="horizontal")
    return pl.concat(
        [words[numbers[n]][found.pattern].rename(lambda c, n=n: f"{n} {c}") for n in numbers.columns], how="horizontal"
    )


def timed(work: Callable[[], T], times: int = 3) -> tuple[float, T]:
    """The shortest of some runs, in seconds, and the last result."""
    best = float("inf")
    for _n in range(times):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return best, result


def agreement(doctrine: Doctrine, catalogue: Catalogue, profiles: list[Cells], day: date) -> tuple[int, int, float]:
    """Answers compared, answers that differ, and the seconds plain Python took."""
    started = time.perf_counter()
    expected = [catalogue.judge(p, day) for p in profiles]
    seconds = time.perf_counter() - started
    frame = pl.DataFrame(profiles, schema=dict.fromkeys(doctrine.attributes, pl.String))
    found = judge(doctrine, frame, day, offers=list(doctrine.offers))
    said = list(found.said.iter_rows())
    numbers = pl.concat([found.tiers, found.offers], how="horizontal")
    patterns = [{n: said[k] for n, k in row.items()} for row in numbers.iter_rows(named=True)]
    wrong = sum(
        answer != patterns[p][name]
        for p, answers in zip(found.pattern, expected, strict=True)
        for name, answer in answers.items()
    )
    return len(profiles) * numbers.width, wrong, seconds


def growth(doctrine: Doctrine, profiles: pl.DataFrame, answer: Callable[[pl.DataFrame], Judgement]) -> None:
    """Ten times the rows: from closed lists rather than text, for ten million rows of text do not fit in 3 GiB."""
    lists = {a.name: pl.Enum(a.values) for a in doctrine.attributes.values()}
    ten = pl.concat([profiles.cast(lists)] * 10, rechunk=True)
    one = ten.head(profiles.height)
    pairs = [(timed(partial(answer, one), 1)[0], timed(partial(answer, ten), 1)[0]) for _n in range(5)]
    small, large = (min(side) for side in zip(*pairs, strict=True))
    print(f"from closed lists: {one.height:,} in {small:.3f} s, {ten.height:,} in {large:.3f} s: ten times the rows, "
          f"{large / small:.1f} times the time")  # fmt: skip


def main(seed: int) -> None:
    """Print the figures."""
    doctrine, catalogue = load_doctrine(), Catalogue()
    offers = list(doctrine.offers)
    width = len(doctrine.tiers) + len(offers)
    profiles = random_profiles(doctrine, MILLION, seed)
    started = time.perf_counter()
    law = compiled(doctrine, DAY)
    print(f"compiled in {(time.perf_counter() - started) * 1000:.1f} ms: {len(law.signals.number)} signals")
    answer = partial(judge, doctrine, as_of=DAY, offers=offers)
    first, found = timed(lambda: answer(profiles), 1)
    print(f"first run, {MILLION:,} applications x {width} tiers and offers: {first:.2f} s; "
          f"{found.tiers.height:,} patterns, {found.said.height:,} distinct answers")  # fmt: skip
    before = time.process_time()
    seconds, found = timed(lambda: answer(profiles))
    processor = (time.process_time() - before) / 3
    spelling, table = timed(partial(spelt, found))
    print(
        f"text to numbered answers: {seconds:.2f} s, {processor:.2f} s of processor ({MILLION * width / seconds:,.0f} answers/s)"
    )
    print(f"spelt out, {table.height:,} x {table.width} columns: {spelling:.2f} s more; "
          f"together {seconds + spelling:.2f} s (goal 2 s)")  # fmt: skip
    growth(doctrine, profiles, answer)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB (goal 3)")
    pairs = MILLION // len(offers) + 1
    compared, wrong, naive = agreement(doctrine, catalogue, catalogue.random_profiles(pairs, seed), DAY)
    print(f"plain Python, {pairs:,} applications x {width}: {naive:.1f} s ({compared / naive:,.0f} answers/s); "
          f"the evaluation is {(MILLION * width / (seconds + spelling)) / (compared / naive):,.0f} times as fast, spelt out")  # fmt: skip
    print(f"agreement: {compared:,} answers, of which {pairs * len(offers):,} on offers; {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2026)
