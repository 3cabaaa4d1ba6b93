"""Where two tables differ: the column, pair, class and rows that are wrong are the ones named."""

import io
import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from aae.check.checking import check
from aae.check.page import page
from aae.check.tables import Reading
from aae.check.view import several, table
from aae.verdict.judge import Settings

QUICK = Settings(permutations=299)
ROWS = 400
KIND = Reading(label="kind")


def columns(seed):
    """Four columns, of which `b` follows `a`; two classes that move `d`."""
    rng = np.random.default_rng(seed)
    a, noise, c, d = rng.normal(size=(4, ROWS))
    kind = np.where(rng.random(ROWS) < 0.5, "x", "y")
    return {"a": a, "b": a + 0.5 * noise, "c": 1e6 * c, "d": d + 2.0 * (kind == "x"), "kind": kind}


def write(path, held):
    parquet.write_table(pa.table(held), path)
    return path


def checked(tmp_path, change):
    held = columns(1)
    change(held)
    first, second = write(tmp_path / "real.parquet", columns(0)), tmp_path / "made.parquet"
    return check(first, write(second, held), reading=KIND, settings=QUICK)


def shifted(held):
    held["c"] = held["c"] + 1e6


def broken(held):
    held["b"] = np.random.default_rng(2).permutation(held["b"])


def halved(held):
    gone = np.flatnonzero(held["kind"] == "x")[::2]
    for name, values in held.items():
        held[name] = np.delete(values, gone)


def swapped(held):
    of_y = held["kind"] == "y"
    held["a"], held["c"] = (
        np.where(of_y, held["c"] / 1e6, held["a"]),
        np.where(of_y, 1e6 * held["a"], held["c"]),
    )


def test_the_column_is_named_with_its_effect(tmp_path):
    found = checked(tmp_path, shifted)
    worst = found.where.columns[0]
    assert found.exit_code == 1 and [each.name for each in found.where.columns] == ["c"]
    assert worst.mean[1] - worst.mean[0] == pytest.approx(1e6, rel=0.3)
    assert worst.shift == pytest.approx(1, rel=0.4)


def test_the_pair_is_named_with_its_effect(tmp_path):
    found = checked(tmp_path, broken)
    worst = found.where.pairs[0]
    assert found.exit_code == 1 and set(worst.names) == {"a", "b"} and not found.where.columns
    assert worst.correlation[0] > 0.8 and abs(worst.correlation[1]) < 0.2


def test_the_class_is_named_with_its_shares(tmp_path):
    found = checked(tmp_path, halved)
    assert found.exit_code == 1 and found.classes[0].what == "share"
    shares = {each.name: each.share for each in found.classes}
    assert shares["x"][0] == pytest.approx(1 / 2, abs=0.1)
    assert shares["x"][1] == pytest.approx(1 / 3, abs=0.1)


def test_the_class_whose_rows_differ_is_named(tmp_path):
    found = checked(tmp_path, swapped)
    assert found.exit_code == 1
    assert {each.name for each in found.classes if each.what == "rows"} == {"y"}


def test_rows_that_betray_the_generator_are_those_that_are_wrong(tmp_path):
    def some(held):
        held["a"][:80] += 6

    found = checked(tmp_path, some)
    assert found.where.rows and {each.row < 80 for each in found.where.rows} == {True}


def test_nothing_is_named_where_nothing_differs(tmp_path):
    found = checked(tmp_path, lambda held: None)
    assert found.exit_code != 1
    assert not (found.where.columns or found.where.pairs or found.where.rows or found.classes)


def shown(renderable):
    from rich.console import Console

    text = io.StringIO()
    Console(width=200, file=text).print(renderable)
    return " ".join(text.getvalue().split())


def test_names_are_in_text_json_and_page(tmp_path):
    found = checked(tmp_path, shifted)
    for renderable in (table(found), several([found, found], 0.05)):
        assert "column c: mean" in shown(renderable)
    as_json = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert as_json == found.to_dict() and as_json["where"]["columns"][0]["name"] == "c"
    assert "column c: mean" in page([found])


def test_the_page_draws_the_worst_columns_and_pairs(tmp_path):
    assert page([checked(tmp_path, shifted)]).count("<svg") == 1
    text = page([checked(tmp_path, broken)])
    assert (
        text.count("<svg") >= 2 and 'aria-label="b over a: ' in text and " generated rows." in text
    )
    assert "http:" not in text and "https:" not in text and "<script" not in text


def test_rows_are_named_by_their_place_in_a_table_of_which_some_are_looked_at(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("aae.verdict.pooling.ALL_CELLS", 1)  # 4000 of 6000 rows
    x, y = (np.random.default_rng(seed).normal(size=(3000, 2)) for seed in (0, 1))
    wrong = np.arange(2100, 3000, 3)
    y[wrong] += 3
    for name, rows in (("real", x), ("made", y)):
        np.save(tmp_path / f"{name}.npy", rows)
    found = check(tmp_path / "real.npy", tmp_path / "made.npy", settings=QUICK)
    sample = found.verdict.sample
    assert sample is not None
    assert len(sample.generated) == 2000 < len(y)
    assert {each.row for each in found.where.rows} <= set(wrong.tolist()) & set(sample.generated)
    assert len(found.where.rows) == 10
    assert "sample" not in found.to_dict()
