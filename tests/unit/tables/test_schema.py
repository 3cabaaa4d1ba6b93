"""What is coded comes back: decoding is the inverse of coding."""

import datetime
import json

import numpy as np
import pyarrow as pa
import pytest

from aae.tables.coding import CATEGORIES
from aae.tables.description import describe
from aae.tables.reading import read_table, table_of
from aae.tables.schema import Schema

TIMES = [datetime.datetime(2024, 2, 29, 1, 2, 3, 456789), datetime.datetime(1969, 1, 1)]
COLUMNS = {
    "small": pa.array([-3, None, 5, 5, 0, 1], pa.int8()),
    "large": pa.array([2**53, 2**53 - 1, 0, 1, -(2**53), 7]),
    "milliseconds": pa.array([1_700_000_000_123 + j for j in range(6)]),
    "real": pa.array([0.1, 1 / 3, 1e-300, 1e30, None, float("nan")]),
    "single": pa.array([0.1, 0.2, 0.3, 4.0, 5.0, 6.0], pa.float32()),
    "money": pa.array([1, 2, 3, 4, 5, 6]).cast(pa.decimal128(21, 2)),
    "flag": [True, False, True, True, False, False],
    "perhaps": [True, None, False, True, None, True],
    "colour": ["red", "blue", " green", "red", None, "blue"],
    "sex": ["f", "m", "f", "f", "m", "m"],
    "alone": ["only"] * 6,
    "nothing": pa.nulls(6),
    "time": pa.array(TIMES * 3, pa.timestamp("us")),
    "zoned": pa.array([*TIMES * 2, None, None], pa.timestamp("ms", "Europe/Paris")),
}


def schema_of(read):
    return Schema.of(json.loads(json.dumps(describe(read))))


def back(read):
    batch = schema_of(read).batch(read.rows, read.labels, np.random.default_rng(0))
    return pa.Table.from_batches([batch])


@pytest.mark.parametrize("name", COLUMNS)
def test_every_kind_of_column_comes_back(name):
    table = pa.table({name: COLUMNS[name], "other": range(6)})
    wanted = [None if each != each else each for each in table.column(name).to_pylist()]
    got = back(table_of(table, "x"))
    assert got.schema == table.schema
    assert got.column(name).to_pylist() == wanted


@pytest.mark.parametrize(
    "labels", [["b", "a", "b"], [3, 1, 3], [True, False, True], [2.0, 1.0, 2.0]]
)
def test_labels_come_back_where_they_stood(labels):
    table = pa.table({"x": [1, 2, 3], "id": ["a", "b", "c"], "y": labels, "z": [True, False, True]})
    got = back(table_of(table, "x", "y", drop=["id"]))
    assert got.equals(table.drop_columns(["id"]))


def test_rare_categories_come_back_as_often():
    often = [f"often {j}" for j in range(CATEGORIES)] * 50
    rare = ["rare"] * 40 + ["rarer"] * 20
    read = table_of(pa.table({"a": often + rare, "b": range(len(often + rare))}), "x")
    got = back(read).column("a").to_pylist()
    assert got[: len(often)] == often
    assert set(got[len(often) :]) == {"rare", "rarer"}
    assert abs(got.count("rare") - 40) < 4 * (60 * 2 / 9) ** 0.5


def test_codes_that_are_no_indicators_are_some_category():
    read = table_of(pa.table({"a": ["x", "y", "z"] * 9}), "x")
    codes = np.random.default_rng(0).normal(size=(50, 3)).astype("f4")
    batch = schema_of(read).batch(codes, None, np.random.default_rng(0))
    assert batch.column(0).to_pylist() == [["x", "y", "z"][j] for j in codes.argmax(axis=1)]


@pytest.mark.parametrize(
    "values, dtype",
    [([1, 2**24], "f4"), ([1, 2**24 + 1], "f8"), ([0.5, 1], "f4"), ([0.1, 1], "f8")],
)
def test_rows_are_float64_where_float32_is_too_short(tmp_path, values, dtype):
    np.save(tmp_path / "x.npy", np.array(values, dtype="f8")[:, None])
    read = read_table(tmp_path / "x.npy")
    assert read.rows.dtype == dtype and read.rows[:, 0].tolist() == values
