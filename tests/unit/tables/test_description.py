"""What is said of a table that was read."""

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from support.tables import matrices, quick, refusal, write

from aae.tables.description import describe, one_line
from aae.tables.profile import Profile, Range
from aae.tables.reading import read_table

DIGITS = Path(__file__).parents[3] / "data" / "raw" / "digits.csv"


@quick
@given(matrices, st.booleans())
def test_a_description_survives_json(rows: np.ndarray, labelled: bool) -> None:
    labels = np.arange(len(rows)) % 2 if labelled else None
    ranges = [Range.of(name, column) for name, column in zip("abcdefg", rows.T, strict=False)]
    table = Profile(len(rows), ranges, labels, ["u", "v"] if labelled else [])
    report = describe(table)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["rows"] == len(rows) and report["columns"] == table.columns
    assert sum(report["classes"].values()) == (len(rows) if labelled else 0)
    middle = np.array(report["mean"])
    slack = 1e-6 * np.abs(rows).max(axis=0)
    assert (report["minimum"] <= middle + slack).all()
    assert (middle - slack <= report["maximum"]).all()


def test_digits_are_those_of_scikit_learn() -> None:
    digits = load_digits()
    table = read_table(DIGITS, "digit")
    np.testing.assert_array_equal(table.rows, digits.data)
    np.testing.assert_array_equal(table.labels, digits.target)
    assert table.columns == [f"p{j}" for j in range(64)]
    content = DIGITS.read_bytes()
    assert content.endswith(b"\n") and b"." not in content and b"\r" not in content
    assert one_line(table, DIGITS, "digit") == (
        "read 1797 rows x 64 columns from digits.csv, label 'digit' with 10 classes; "
        "3 constant columns: p0, p32, p39"
    )


def test_names_are_listed_briefly(tmp_path: Path) -> None:
    file = write(tmp_path / "x.parquet", {f"line\n{j}": [1, 1] for j in range(99)})
    refusal(lambda: read_table(file, "y"), r"'line\n0', 'line\n1'", "and 94 more")
    names = "line 0, line 1, line 2, line 3, line 4 and 94 more"
    assert one_line(read_table(file), file).endswith(f"; 99 constant columns: {names}")
