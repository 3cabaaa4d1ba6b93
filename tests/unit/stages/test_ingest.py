"""What `ingest` writes is the table in memory, divided; and it never holds it."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from support.tables import quick, write

from aae.dataset.splits import read_split
from aae.stages.ingest import ingest
from aae.tables.coding import coded
from aae.tables.description import describe
from aae.tables.formats import load
from aae.tables.reading import choose, read_table
from aae.tables.source import TableSource
from aae.tables.splitting import split

COLUMNS: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "single": lambda rng, n: rng.normal(size=n).astype(np.float32),
    "double": lambda rng, n: rng.normal(size=n),
    "whole": lambda rng, n: rng.integers(0, 2**24, n),
    "large": lambda rng, n: 2**24 + rng.integers(0, 3, n),
    "flag": lambda rng, n: rng.random(n) < 0.5,
    "text": lambda rng, n: rng.choice(["one", "two", "three"], n),
    "gaps": lambda rng, n: holes(rng, rng.normal(size=n).astype(np.float32).tolist()),
    "gaps of text": lambda rng, n: holes(rng, rng.choice(["red", "blue"], n).tolist()),
    "time": lambda rng, n: rng.integers(0, 10**15, n).astype("M8[us]"),
    "constant": lambda rng, n: np.full(n, 0.1),
}


def holes(rng: np.random.Generator, cells: list[Any]) -> list[Any]:
    return [None if rng.random() < 0.3 else cell for cell in cells]


@quick
@given(
    st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, unique=True),
    st.integers(2, 40),
    st.integers(1, 200),
    st.sampled_from([".csv", ".parquet"]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
def test_blocks_of_any_size_write_the_table_in_memory(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    rows: int,
    cells: int,
    kind: str,
    labelled: bool,
    grouped: bool,
    seed: int,
) -> None:
    rng, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("project")
    columns = {name: COLUMNS[name](rng, rows) for name in names}
    columns |= {"kind": [f"k{j % 3}" for j in range(rows)], "patient": np.arange(rows) // 2 % 7}
    columns["patient"][-1] = 7  # two groups at least
    path = write(folder / f"x{kind}", columns)
    label, group = "kind" if labelled else None, "patient" if grouped else None
    drop = ["kind"] * (not labelled) + ["patient"] * (not grouped)
    written(folder, cells, TableSource("x" + kind, label, group, drop, 0.3, seed))
    whole = read_table(path, label, ["patient", *drop])
    groups = choose(load(path), "x", group=group).groups()
    order = split(rows, 0.3, seed, groups)
    for part, indices in zip(("train", "test"), order, strict=True):
        found = read_split(folder / "data" / part)
        assert found.rows.dtype == whole.rows.dtype
        assert found.rows.tobytes() == whole.rows[indices].tobytes()
        if whole.labels is None:
            assert found.labels is None
        else:
            np.testing.assert_array_equal(found.labels, whole.labels[indices])
    assert json.loads((folder / "data/table.json").read_text()) == describe(whole)
    (numbers,) = coded([(load(path).select(names), "x")]).rows
    np.testing.assert_array_equal(whole.rows, numbers)
    assert whole.rows.dtype == ("f4" if (numbers == numbers.astype("f4")).all() else "f8")
    np.testing.assert_array_equal(describe(whole)["maximum"], numbers.max(axis=0))
    means = numbers.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(describe(whole)["mean"], means, atol=1e-9)


def written(folder: Path, cells: int, source: TableSource) -> None:
    """Ingest with blocks of so many cells."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("aae.tables.column_file.CELLS", cells)
        ingest(source, Path("data"))
    assert not [*folder.rglob(".*")]


@quick
@given(
    st.sampled_from(["?", "i1", "<i4", ">i8", "f2", ">f4", "f8", "g"]),
    st.sampled_from("CF"),
    st.integers(1, 60),
)
def test_blocks_of_any_size_read_an_array(
    tmp_path_factory: pytest.TempPathFactory, dtype: str, order: Any, cells: int
) -> None:
    folder = tmp_path_factory.mktemp("project")
    array = np.random.default_rng(0).integers(0, 2, (9, 4)).astype(dtype, order=order)
    np.save(folder / "x.npy", array)
    written(folder, cells, TableSource("x.npy"))
    for part, indices in zip(("train", "test"), split(9, 0.5, 0), strict=True):
        np.testing.assert_array_equal(read_split(folder / "data" / part).rows, array[indices])


POOLS: list[pa.MemoryPool] = []  # kept, as Arrow's threads free what they took after all is read


def held(act: Callable[[], object]) -> int:
    """Most bytes that NumPy and Arrow hold at a time."""
    before, pool = pa.default_memory_pool(), pa.proxy_memory_pool(pa.default_memory_pool())
    POOLS.append(pool)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1] + int(pool.max_memory())
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


@pytest.mark.parametrize("kind", ["parquet", "one row group", "C", "F"])
def test_a_table_is_never_held(tmp_path: Path, kind: Any) -> None:
    array = np.random.default_rng(0).random((20_000, 100), np.float32)
    if kind in "CF":
        np.save(tmp_path / "x.npy", np.asarray(array, order=kind))
    else:
        table = pa.table({f"x{j}": column for j, column in enumerate(array.T)})
        size = 2000 if kind == "parquet" else len(array)
        parquet.write_table(table, tmp_path / "x.parquet", row_group_size=size)
    (path,) = tmp_path.iterdir()
    source = TableSource(path.name)
    assert held(lambda: written(tmp_path, 2**16, source)) < array.nbytes / 3
    assert held(lambda: read_table(path)) > array.nbytes
