"""What `aae compare` prints: 80 columns, no word broken, one legend."""

import io

import numpy as np
import pytest
from rich.console import Console

from aae.compare.comparison import compare_runs
from aae.compare.versions import Compared
from aae.compare.view import layout

LONG = "variants.no_adversary.train.discriminator_learning_rate"
NAMES = ["one", "a_distribution_with_a_long_name"]


def compared(other: str, seeds: int) -> Compared:
    rng = np.random.default_rng(0)
    metrics = ["AUC gap", "conditional_energy", "not distinguished"]
    base, second = (
        {
            (name, "no_adversary"): {
                seed: {each: float(rng.normal(by) / 3e5) for each in metrics}
                for seed in range(seeds)
            }
            for name in NAMES
        }
        for by in (0, 9)
    )
    return Compared("main", other, ((LONG, "0.0003", "0.001"),), compare_runs(base, second))


def printed(results: list[Compared]) -> str:
    file = io.StringIO()
    Console(file=file, width=80).print(layout(results))
    return file.getvalue()


@pytest.mark.parametrize("seeds", [1, 10])
@pytest.mark.parametrize("others", [["wider"], ["wider", "a-branch-with-a-rather-long-name"]])
def test_80_columns_hold_every_word(others: list[str], seeds: int) -> None:
    text = printed([compared(each, seeds) for each in others])
    assert max(map(len, text.splitlines())) <= 80
    for word in (*others, LONG, *NAMES * (len(others) == 1), "difference" * (len(others) == 1)):
        assert word in text
    assert text.count("no proof of equality") == (len(others) == 1)


def test_a_figure_stays_on_its_line() -> None:
    lines = [line for line in printed([compared("wider", 10)]).splitlines() if "energy" in line]
    assert len(lines) == len(NAMES)
    assert all(line.endswith(("worse", "same", "better")) and "±" in line for line in lines)
