"""Arrays and data frames are the same tables, whatever they come in."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

import aae
from aae.api.frames import table_from

TABLE = pa.table({"x": [1.5, None, 2.0], "k": [2**53, 1, 2], "y": ["b", "a", None]})


class Interchanged:
    """A data frame that says what it is through the interchange protocol alone."""

    def __dataframe__(self, *arguments, **options):
        return TABLE.__dataframe__()


class Streamed:
    """One that has Arrow's own way alone."""

    def __arrow_c_stream__(self, requested_schema=None):
        return TABLE.__arrow_c_stream__(requested_schema)


FRAMES = ["arrow", "interchange", "stream", "mapping"]


@pytest.mark.parametrize(
    "frame", [TABLE, Interchanged(), Streamed(), TABLE.to_pydict()], ids=FRAMES
)
def test_every_frame_is_the_same_table(frame):
    table, label = table_from(frame, "y")
    assert label == "y" and table.to_pydict() == TABLE.to_pydict()


def test_pandas_is_read_where_it_is_installed():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1.5, np.nan, 2.0], "y": pandas.Categorical(["b", "a", "b"])})
    table, _ = table_from(frame)
    assert table.to_pydict() == {"x": [1.5, None, 2.0], "y": ["b", "a", "b"]}


@pytest.mark.parametrize("dtype", ["?", "i8", "u1", "f2", "f4", ">f8"])
def test_an_array_has_its_type_and_labels(dtype):
    rows = np.array([[0, 1], [1, 1], [1, 0]]).astype(dtype)
    table, label = table_from(rows, np.array([3, 1, 3]))
    assert table.column_names == ["x0", "x1", label]
    assert table.column("x0").to_pylist() == [0, 1, 1]
    assert table_from(rows, columns=["a", "b"])[0].column_names == ["a", "b"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((np.zeros(3),), "a table or 2-D array of numbers, got 'shape (3,)"),
        ((np.zeros((2, 2)), [1]), "2 labels, got 1"),
        ((np.zeros((2, 2)), None, ["a"]), "2 names of columns, got 1"),
        ((np.array([["a"]]),), "a table or 2-D array of numbers"),
    ],
)
def test_what_is_no_table_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        table_from(*arguments)
    assert f"expected {message}" in str(caught.value)


def test_the_package_is_cheap_to_import_and_has_what_it_says():
    code = (
        "import aae, sys; assert not {'numpy', 'pyarrow', 'tensorflow'} & {*sys.modules}; "
        "aae.judge, aae.load, aae.fit; assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'fits'"):
        aae.fits  # noqa: B018


def test_rows_are_judged_in_whatever_they_come():
    rng = np.random.default_rng(0)
    real, same, other = (rng.normal(size=(150, 3)) + shift for shift in (0, 0, 1))
    names = ["x0", "x1", "x2"]
    framed = pa.table(dict(zip(names, same.T, strict=True)))
    assert aae.judge(real, same).to_dict() == aae.judge(real, framed).to_dict()
    assert aae.judge(real, other).exit_code == 1
    classes = rng.integers(2, size=(2, 150))
    assert "mode_weights" in aae.judge(real, same, classes).to_dict()["tests"]
