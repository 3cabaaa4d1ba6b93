"""The table of power that comes with the package, wherever that is installed."""

import os
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
from support.project import PROJECT

from aae.verdict.power import (
    REQUIRED,
    detected,
    enough,
    known_power,
    power_sentence,
    rows_needed,
    shown,
)

TABLE: dict[str, Any] = {
    "alpha": 0.05,
    "permutations": 999,
    "measured_on": "rows of a test",
    "detectable": [
        {"rows": 50, "columns": 4, "std": 0.2, "correlation": None, "mean": 0.3},
        {"rows": 200, "columns": 4, "std": 0.04, "correlation": 0.1, "mean": 0.08},
        {"rows": 50, "columns": 400, "std": 0.01, "correlation": 0.01, "mean": 0.01},
    ],
}
JUDGED = """
import aae, numpy as np
from aae.verdict.judge import judge, Settings
rng = np.random.default_rng(1)
print(aae.__path__[0])
for rows in (60, 250):
    print(judge(*rng.normal(size=(2, rows, 6)), Settings(239)).reason)
"""


def test_the_nearest_number_of_columns_counts():
    assert detected(TABLE, 1000, 300)["std"] == 0.01
    assert detected(TABLE, 1000, 1) == {"std": 0.04, "mean": 0.08}


def test_of_fewer_rows_than_were_measured_sizes_grow_like_the_root():
    few = detected(TABLE, 25, 4)
    assert few == {"std": pytest.approx(0.2 * 2**0.5, rel=0.01), "correlation": None, "mean": 0.424}
    assert detected(TABLE, 50, 4) == detected(TABLE, 199, 4)


def test_rows_needed_grow_like_the_square():
    """Of the most rows: std .04 and mean .08 would do; correlation .1 is just seen by 200 rows."""
    assert rows_needed(TABLE, 4) == 200
    worse = TABLE["detectable"][1] | {"std": 0.1}
    assert rows_needed(TABLE | {"detectable": [worse]}, 4) == 800
    assert rows_needed(TABLE | {"detectable": [worse | {"mean": None}]}, 4) is None


@pytest.mark.parametrize("columns", [1, 2, 4, 10, 64])
def test_what_is_underpowered_says_how_many_rows_would_do(columns):
    found = shown(known_power(), 75, columns, (0.05, 999))
    assert not found.enough and found.rows_needed is not None and found.rows_needed > 75
    assert "std none" not in found.says
    assert re.search(r"about [\d,]+ rows a side would show std 0.05, ", found.says)
    enough = shown(TABLE, 200, 4, (0.05, 999))
    assert enough.enough and enough.rows_needed is None


@pytest.mark.parametrize(
    "effects, whether",
    [(REQUIRED, True), (REQUIRED | {"std": 0.06}, False), (REQUIRED | {"mean": None}, False)],
)
def test_enough_is_every_required_effect(effects, whether):
    assert enough(effects) is whether


@pytest.mark.parametrize(
    "alpha, permutations, expected",
    [
        (0.05, 999, ""),
        (0.01, 999, "alpha 0.05, not 0.01"),
        (0.05, 199, "permutations 999, not 199"),
        (0.1, 4999, "alpha 0.05, not 0.1 and permutations 999, not 4999"),
    ],
)
def test_another_level_than_the_tables_is_said(alpha, permutations, expected):
    sentence = power_sentence({"std": 0.2, "mean": None}, TABLE, alpha, permutations)
    stated = f" (measured at {expected})" if expected else ""
    assert sentence == f"effects seen with 80% power in rows of a test: std 0.2, mean none{stated}"


def judged(path, folder):
    """Where the package lies, and what it says of two tables."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    command = [sys.executable, "-P", "-c", JUDGED]
    output = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=True
    ).stdout
    return output.splitlines()


def test_installed_alone_the_package_says_the_same(tmp_path):
    source, alone = tmp_path / "source", tmp_path / "alone"  # a build leaves files in its folder
    shutil.copytree(PROJECT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(PROJECT / name, source)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", alone, source]
    subprocess.run(command, check=True, capture_output=True)
    where, *said = judged(alone, tmp_path)
    assert where == str(alone / "aae")
    assert said == judged(PROJECT / "src", tmp_path)[1:]
    sizes = [detected(known_power(), rows, 6)["std"] for rows in (60, 250)]
    assert all(f"columns: std {size:.3g}," in line for size, line in zip(sizes, said, strict=True))
    assert {path.name for path in alone.iterdir() if path.is_dir()} == {
        *("aae", "bin"),
        *(path.name for path in alone.glob("aae-*.dist-info")),
    }


def test_the_table_is_of_the_measured_effects():
    for entry in known_power()["detectable"]:
        assert entry["std"] is not None and 0 < entry["std"] <= 0.5
        assert (entry["columns"] == 1) == ("correlation" not in entry)
