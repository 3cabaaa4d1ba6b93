"""Reading a user's table: the formats agree, and refusals say why."""

import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyarrow import parquet
from support.tables import matrices, quick, refusal, write

from aae.tables.formats import load
from aae.tables.labels import MAX_CLASSES
from aae.tables.reading import choose, read_table
from aae.tables.wording import printable

NAMES = "a,y\n" + "".join(f"n{'o' * j},1\n" for j in range(30))  # text that tells rows apart


@quick
@given(matrices, st.data())
def test_formats_agree(rows: np.ndarray, data: st.DataObject) -> None:
    labels = data.draw(arrays(np.int8, len(rows)))
    columns = {f"x{j}": column for j, column in enumerate([*rows.T, labels.astype(np.float32)])}
    label = f"x{rows.shape[1]}"
    with TemporaryDirectory() as folder:
        files = [write(Path(folder, "x" + kind), columns) for kind in (".csv", ".parquet", ".npy")]
        tables = [read_table(file, label) for file in files]
    for table in tables:
        np.testing.assert_array_equal(table.rows.astype(np.float32), rows)
        assert table.rows.flags.c_contiguous
        assert table.columns == list(columns)[:-1]
        assert table.labels is not None and table.labels.dtype == np.int64
        assert [int(table.classes[code]) for code in table.labels] == labels.tolist()
        assert table.classes == [str(value) for value in np.unique(labels)]
        assert table.constant == [f"x{j}" for j, x in enumerate(rows.T) if (x == x[0]).all()]


@pytest.mark.parametrize("kind", [".csv", ".parquet", ".npy"])
def test_a_name_like_an_address_is_that_of_a_file(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(f"javascript:alert(1) s3:{kind}")
    with path.open("wb") as file:  # pyarrow would not write it either
        file.write(write(tmp_path / f"x{kind}", {"x0": [1, 2]}).read_bytes())
    np.testing.assert_array_equal(read_table(path).rows, [[1], [2]])


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "u2", "<i4", ">i8", "u8", "f2", ">f4", "f8", "g"], ids=str
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_kind_of_number_is_read_from_npy(tmp_path: Path, dtype: str, order: Any) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype, order=order)
    np.save(tmp_path / "x.npy", array)
    np.testing.assert_array_equal(read_table(tmp_path / "x.npy").rows, array.astype(float))


@pytest.mark.parametrize(
    "kind",
    [pa.int8(), pa.uint64(), pa.float16(), pa.float64(), pa.decimal128(21, 2), pa.bool_()],
    ids=str,
)
@pytest.mark.parametrize("categorical", [False, True])
def test_every_kind_of_number_is_read_from_parquet(
    tmp_path: Path, kind: pa.DataType, categorical: bool
) -> None:
    column = pa.array([0, 1, 1, 0]).cast(kind)
    columns = {"a": column.dictionary_encode() if categorical else column, "y": column}
    table = read_table(write(tmp_path / "x.parquet", columns), "y")
    assert table.rows[:, 0].tolist() == [0, 1, 1, 0]
    assert table.labels is not None and table.labels.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    "labels, classes",
    [
        (["10", "9", "-1"], ["-1", "9", "10"]),
        (["b", "10", "9"], ["10", "9", "b"]),
        ([True, False, True], ["false", "true"]),
        ([2.0, 10.0, 2.0], ["2", "10"]),
        (["é", "NA", " x"], [" x", "NA", "é"]),
        ([datetime.date(2020, 1, 2), datetime.date(2019, 1, 2)], ["2019-01-02", "2020-01-02"]),
    ],
)
@pytest.mark.parametrize("kind", [".csv", ".parquet"])
def test_labels_are_text_in_order(
    tmp_path: Path, kind: str, labels: list[Any], classes: list[str]
) -> None:
    columns = {"a": range(len(labels)), "y": labels}
    table = read_table(write(tmp_path / f"x{kind}", columns), "y")
    assert table.classes == classes and table.columns == ["a"]


def test_csv_dialects(tmp_path: Path) -> None:
    file = tmp_path / "X.CSV"
    file.write_bytes(b'\xef\xbb\xbf"a","b b"\r\n"1", 2.5e0\r\n\r\n0,-3')
    table = read_table(file)
    assert table.columns == ["a", "b b"] and table.rows.tolist() == [[1, 2.5], [0, -3]]


def test_a_late_fraction_makes_no_error(tmp_path: Path) -> None:
    values = [1] * 300_000 + [1.5]  # longer than one block of the reader
    table = read_table(write(tmp_path / "x.csv", {"a": values, "b": values}))
    assert table.rows[-1].tolist() == [1.5, 1.5] and len(table.rows) == len(values)


def test_blocks_of_csv_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a column is, is decided by all of its cells, wherever they are cut."""
    columns = {
        "whole": range(100),
        "late fraction": [n if n < 90 else n + 0.5 for n in range(100)],
        "late gaps": [n if n < 96 else None for n in range(100)],
        "kind": [f"k{n % 3}" for n in range(100)],
    }
    path = write(tmp_path / "t.csv", columns)
    whole = read_table(path, "kind")
    monkeypatch.setattr("aae.tables.separated._BLOCK_BYTES", 64)
    cut = read_table(path, "kind")
    np.testing.assert_array_equal(cut.rows, whole.rows)
    np.testing.assert_array_equal(cut.labels, whole.labels)
    assert (cut.schema, cut.columns, cut.classes) == (whole.schema, whole.columns, whole.classes)


def test_a_folder_adds_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "year=2020"
    folder.mkdir()
    assert read_table(write(folder / "x.parquet", {"a": [1, 2]})).columns == ["a"]


@pytest.mark.parametrize(
    "text, parts",
    [
        ("", ["a CSV table in x.csv"]),
        ("\n\n", ["a CSV table in x.csv"]),
        ("a,y\n", ["at least one row", "x.csv", "no rows"]),
        ("y\n1\n", ["feature column in x.csv", "got no feature columns"]),
        ("1,2.5\n3,4\n", ["expected a header row of column names in x.csv, got numbers"]),
        (",a,y\n0,1,2\n", ["a name for every column of x.csv", "none for column 1"]),
        ("a,y,b,a\n1,2,3,4\n", ["distinct column names in x.csv, got 'a' repeated"]),
        ("a,b\n1,2\n", ["label column 'y' in x.csv, got columns 'a', 'b'"]),
        ("a,y\n1,2\n\n3\n", ["x.csv, got 1 cell in row 2, 2 in the header"]),
        ("a,y\n1,\udcff\n3\n", ["x.csv, got 1 cell in row 2, 2 in the header"]),
        ("a,y\n1,2,3\n", ["x.csv, got 3 cells in row 1, 2 in the header"]),
        (NAMES, ["that repeats in column 'a' of x.csv, got 30", "string 'n' in row 1", "`drop`"]),
        ("a,y\n1999-01-01,0\n", ["column 'a' of x.csv", "date32[day] '1999-01-01' in row 1"]),
        ("a,y\n10:30,0\n", ["column 'a' of x.csv", "time32[s]"]),
        ("a,y\n1,0\n-inf,1\n", ["got -inf in row 2, column 'a'"]),
        ("a,y\n1e39,0\n", ["3.4e+38", "got 1e+39 in row 1, column 'a'"]),
        ("a,y\n1e308,0\n1e308,1\n", ["got 1e+308 in row 1, column 'a' (2 such cells)"]),
        ("a,b,y\n1,2,0\n3,1e39,0\n1e40,4,0\n", ["got 1e+39 in row 2, column 'b' (2 such cells)"]),
        ("a,y\n1,0\n2,\n", ["label column 'y' of x.csv", "empty cell in row 2 (1 such cell)"]),
        ("a,y\n1,x\n2,\n3, \n", ["label column 'y' of x.csv", "empty cell in row 2 (2 such"]),
        ("a,y\n1,\n", ["label column 'y' of x.csv", "empty cell in row 1"]),
        ("a,y\n1,0\n2,0.5\n", ["text, integers or booleans in label column 'y'", "value 0.5"]),
    ],
)
@pytest.mark.filterwarnings("error")
def test_refused_csv(tmp_path: Path, text: str, parts: list[str]) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    refusal(lambda: read_table(file, "y"), *parts)


@pytest.mark.parametrize(
    "array, parts",
    [
        (np.zeros(3), ["2-D", "x.npy", "shape (3,)"]),
        (np.zeros((2, 2, 2)), ["2-D", "x.npy", "shape (2, 2, 2)"]),
        (np.zeros((0, 2)), ["at least one row", "x.npy", "no rows"]),
        (np.zeros((2, 0)), ["feature column in x.npy", "no feature columns"]),
        (np.array([[1j]]), ["numbers in x.npy", "complex128"]),
        (np.array([["a"]]), ["numbers in x.npy", "<U1"]),
        (np.array([[None]]), ["numbers in x.npy", "Object arrays cannot be loaded"]),
        (np.array([[0, 1], [np.inf, 1]]), ["row 2, column 'x0'", "x.npy"]),
    ],
)
def test_refused_npy(tmp_path: Path, array: np.ndarray, parts: list[str]) -> None:
    np.save(tmp_path / "x.npy", array)
    refusal(lambda: read_table(tmp_path / "x.npy"), *parts)


@pytest.mark.parametrize(
    "column, got",
    [
        ([[1], [2]], "list<"),
        ([b"\xff"], "binary"),
        ([datetime.date(2020, 1, 1)], "date32"),
    ],
)
def test_refused_parquet(tmp_path: Path, column: list[Any], got: str) -> None:
    file = write(tmp_path / "x.parquet", {"a": column, "b": column})
    message = refusal(lambda: read_table(file, "b"), "column 'a' of x.parquet", got)
    assert len(message) < 150


@pytest.mark.parametrize("command", ["\x1b[31mred", "a\x1b]0;title\x07", "\x9b2J"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_text_that_a_terminal_obeys(tmp_path: Path, suffix: str, command: str) -> None:
    file = tmp_path / f"x.{suffix}"
    write(file, {"a": [1, 2], command: [3, 4]})
    message = refusal(
        lambda: read_table(file), f"column names without control characters in {file.name}"
    )
    write(file, {"a": [1, 2], "b": ["fine", command]})
    message += refusal(lambda: read_table(file), "in column 'b'", "in row 2")
    message += refusal(lambda: read_table(file, "b"), "in column 'b'", "in row 2")
    assert message.isprintable()


def test_text_of_several_lines_and_scripts_is_no_command(tmp_path: Path) -> None:
    texts = ["two\nlines", "a\ttab", "\u6f22", "\x85", None] * 4
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        table = pa.table({"a": range(20), "b": pa.array(texts, kind)})
        parquet.write_table(table, tmp_path / "x.parquet")
        assert read_table(tmp_path / "x.parquet").columns[0] == "a"


@pytest.mark.parametrize("column", [[[1], [2]], [b"\xff"], [{"k": 1}]])
def test_refused_parquet_labels(tmp_path: Path, column: list[Any]) -> None:
    file = write(tmp_path / "x.parquet", {"a": range(len(column)), "y": column})
    refusal(lambda: read_table(file, "y"), "label column 'y' of x.parquet")


def test_repeated_columns_of_parquet(tmp_path: Path) -> None:
    parquet.write_table(pa.table([pa.array([1])] * 2, names=["a", "a"]), tmp_path / "x.parquet")
    refusal(lambda: read_table(tmp_path / "x.parquet"), "x.parquet, got 'a' repeated")


def test_too_many_classes(tmp_path: Path) -> None:
    columns = {"a": range(MAX_CLASSES + 1), "y": range(MAX_CLASSES + 1)}
    file = write(tmp_path / "x.csv", columns)
    refusal(lambda: read_table(file, "y"), "at most 1000 classes", "'y'", "got 1001: is it a")
    columns["y"] = range(1, MAX_CLASSES + 2)
    file = write(file, {name: column[1:] for name, column in columns.items()})
    assert len(read_table(file, "y").classes) == MAX_CLASSES


def test_missing_and_unknown_files(tmp_path: Path) -> None:
    (tmp_path / "y.csv").mkdir()
    for name in ("x.csv", "x.npy", "y.csv", "two\nlines.csv"):
        refusal(partial(read_table, tmp_path / name), "no such file", kind=FileNotFoundError)
    refusal(lambda: read_table(tmp_path / "x.xlsx"), ".csv, .parquet, .npy", "'x.xlsx'")


@pytest.mark.parametrize("kind", [".csv", ".parquet", ".npy"])
@quick
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    file = write(tmp_path / f"x{kind}", {"x0": [1.5, -2.0, 3.0], "x1": [0, 1, 0]})
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        table = read_table(file, "x1")
    except ValueError as error:
        assert len(str(error).splitlines()) == 1 and file.name in str(error)
    else:
        assert np.isfinite(table.rows).all()


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04", b"PAR1", b"\x80\x04N."])
@pytest.mark.parametrize("kind", [".parquet", ".npy"])
def test_another_format_is_refused(tmp_path: Path, kind: str, content: bytes) -> None:
    file = tmp_path / f"x{kind}"
    file.write_bytes(content)
    assert "load it unsafely" not in refusal(lambda: read_table(file), file.name)


def test_the_group_column_is_no_feature(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,patient,b\n1,x,2\n3,y,4\n5,x,6\n")
    table = load(path)
    chosen = choose(table, path.name, group="patient")
    assert chosen.profile().columns == ["a", "b"]
    groups = chosen.groups()
    assert groups is not None
    assert groups[0] == groups[2] != groups[1]
    with pytest.raises(ValueError, match="expected group column 'nurse' in table.csv"):
        choose(table, path.name, group="nurse")


def test_every_row_has_a_group(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,patient\n1,3\n3,\n")
    with pytest.raises(ValueError, match="expected a group in every row"):
        choose(load(path), path.name, group="patient").groups()


@given(rows=st.integers(30, 60), data=st.data())
@quick
def test_the_first_bad_cell_among_numbers_is_named_with_its_row(
    tmp_path: Path, rows: int, data: st.DataObject
) -> None:
    numbers = [*map(str, range(24)), "-2.5", "1e3", " 4 ", "NA", ""]
    cells = data.draw(st.permutations((numbers + ["0"] * rows)[:rows]))
    bad = data.draw(st.sampled_from(["1_000", "1,5", "x", "--", "1 2", "12kg", "\u0663"]))
    row = data.draw(st.integers(0, rows - 1))
    cells[row] = f'"{bad}"'
    path = write(tmp_path / "x.csv", {"b": range(rows), "a": cells})
    refusal(lambda: read_table(path), "column 'a'", f"{bad!r} in row {row + 1}")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-32"), "UTF-16"),
        (b"a;b\n1;2\n", "';'"),
        (b"a;b\n1,5;2\n", ""),
        (b"a\tb\n1\t2\n", "'\\t'"),
    ],
)
def test_what_spreadsheets_save_is_named(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    refusal(lambda: read_table(path), part, "x.csv")


@given(st.text())
def test_messages_are_one_printable_line(text: str) -> None:
    line = printable(text)
    assert line.isprintable() and printable(line) == line
    assert not text.isprintable() or line == " ".join(text.split())
