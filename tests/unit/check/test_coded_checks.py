"""Columns of any kind as numbers: what is coded says the same as the cells."""

import datetime

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from aae.check.checking import check
from aae.check.tables import Features, Reading, numbers, read_alike
from aae.check.wording import sentences
from aae.tables.coding import CATEGORIES
from aae.verdict.judge import Settings

QUICK = Settings(permutations=299)


def tables(*columns):
    return [Features(f"{i}.csv", pa.table({"a": values})) for i, values in enumerate(columns)]


def coded(read, na=()):
    return numbers(read, Reading(na=tuple(na)))


def by_name(found, table=0):
    return dict(zip(found.columns, found.rows[table].T.tolist(), strict=True))


def test_text_becomes_an_indicator_of_each_category():
    found = coded(tables(["x", "y", "z", "x"], ["x", "y"]))
    assert found.columns == ["a=x", "a=y", "a=z"]
    assert found.rows[0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert found.rows[1].tolist() == [[1, 0, 0], [0, 1, 0]]


def test_of_two_categories_one_indicator_is_enough():
    assert by_name(coded(tables([True, False, True], [True, False]))) == {"a=true": [1, 0, 1]}


def test_rare_categories_share_one_indicator():
    names = [f"c{i:02}" for i in range(CATEGORIES + 5)]
    found = coded(tables(names, names[:CATEGORIES]))
    assert len(found.columns) == CATEGORIES + 1 and found.columns[-1] == "a=other"
    np.testing.assert_array_equal(found.rows[0].sum(axis=1), 1)
    assert (
        by_name(found)["a=other"] == [0] * CATEGORIES + [1] * 5 and "a: 20 of 25" in found.notes[0]
    )


def test_categories_are_those_of_the_pooled_rows_whichever_table_is_first():
    one, other = tables(["x", "y", "z"], ["z", "w"])
    forth, back = coded([one, other]), coded([other, one])
    assert forth.columns == back.columns
    np.testing.assert_array_equal(forth.rows[0], back.rows[1])


def test_a_gap_is_the_pooled_median_and_a_column_of_its_own():
    found = coded(tables([1.0, None, 5.0], [2.0, float("nan"), 9.0]))
    assert by_name(found) == {"a": [1, 2, 5], "a is missing": [0, 1, 0]}
    assert by_name(found, 1) == {"a": [2, 2, 9], "a is missing": [0, 1, 0]}


def test_a_gap_in_text_is_a_category():
    found = coded(tables(["x", None, "y", " "], ["x", "?"]), na=["?"])
    assert found.columns == ["a=x", "a=y", "a is missing"]
    assert by_name(found)["a is missing"] == [0, 1, 0, 1]
    assert by_name(found, 1)["a is missing"] == [0, 1]


@pytest.mark.parametrize(
    "cells", [[1e9 + 1, 1e9 + 2], [10**9 + 1, 10**9 + 2], [1e6 + 1e-3, 1e6 + 2e-3]]
)
def test_close_numbers_stay_apart(cells):
    assert len({*by_name(coded(tables(cells, cells)))["a"]}) == 2


def test_dates_are_seconds():
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]
    first, second = by_name(coded(tables(days, days)))["a"]
    assert second - first == 86400


def test_text_where_the_real_column_has_numbers_is_refused():
    with pytest.raises(ValueError, match="expected numbers in column 'a' of 1.csv, got string 'b'"):
        coded(tables([1.0, 2.0], ["1", "b"]))


def write(path, **columns):
    parquet.write_table(pa.table(columns), path)
    return path


def people(seed, share=0.3, gaps=0.1, rows=600):
    rng = np.random.default_rng(seed)
    age = rng.normal(size=rows)
    colours = [share, 0.5, 0.5 - share]
    return {
        "age": pa.array(age, mask=rng.random(rows) < gaps),
        "height": rng.normal(size=rows),
        "colour": rng.choice(["red", "blue", "green"], size=rows, p=colours),
    }


@pytest.mark.parametrize(
    "change, named",
    [({}, None), ({"share": 0.15}, "colour=red"), ({"gaps": 0.3}, "age is missing")],
)
def test_shares_of_categories_and_of_gaps_are_judged(tmp_path, change, named):
    real = write(tmp_path / "real.parquet", **people(0))
    made = write(tmp_path / "made.parquet", **people(1, **change))
    found = check(real, made, settings=QUICK)
    names = [each.name for each in found.where.columns]
    assert (found.exit_code == 1) == (named is not None)
    assert named is None or named in names[:2]
    assert not found.where.pairs  # codes of one column depend on each other by themselves
    assert named is None or any(f"{named}: " in each for each in sentences(found, 2))


def test_columns_are_dropped_and_cells_separated_as_asked(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("id;x\n1;5\n2;-\n")
    second.write_text("x\n7\n8\n")
    reading = Reading(drop=("id",), sep=";", na=("-",))
    read = read_alike([first, second], reading)
    assert by_name(coded(read, reading.na))["x is missing"] == [0, 1]
    with pytest.raises(ValueError, match="expected a column of a table to drop, got 'none'"):
        read_alike([first, second], Reading(drop=("none",), sep=";"))


def test_extra_columns_are_named(tmp_path):
    first = write(tmp_path / "a.parquet", x=[1.0, 2.0])
    second = write(tmp_path / "b.parquet", x=[1.0, 2.0], extra=[1.0, 2.0])
    with pytest.raises(ValueError, match="got an unknown 'extra'"):
        read_alike([first, second], Reading())
