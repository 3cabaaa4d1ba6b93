"""A split on disk reads back as it was written, however it is cut into chunks."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aae.base.files import write_json
from aae.dataset.splits import Split, read_law, read_split, write_split

quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def split(rows: int, columns: int, labelled: bool) -> Split:
    rng = np.random.default_rng([rows, columns])
    labels = rng.integers(5, size=rows) if labelled else None
    return Split(rng.normal(size=(rows, columns)).astype(np.float32), labels)


def cut(data: Split, step: int) -> list[Split]:
    places = [slice(start, start + step) for start in range(0, len(data.rows), step)]
    labels = data.labels
    return [Split(data.rows[each], None if labels is None else labels[each]) for each in places]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@quick
@given(st.integers(1, 20), st.integers(1, 5), st.integers(1, 25), st.booleans())
def test_round_trip(tmp_path: Path, rows: int, columns: int, step: int, labelled: bool) -> None:
    data = split(rows, columns, labelled)
    write_split(tmp_path / "split", cut(data, step), data.rows.shape)
    found = read_split(tmp_path / "split")
    assert found.rows.dtype == np.float32
    np.testing.assert_array_equal(found.rows, data.rows)
    if labelled:
        assert found.labels is not None and found.labels.dtype == np.int64
        np.testing.assert_array_equal(found.labels, data.labels)
    else:
        assert found.labels is None


def test_bytes_do_not_depend_on_the_chunks(tmp_path: Path) -> None:
    data = split(12, 3, labelled=True)
    for step in (1, 5, 12):
        write_split(tmp_path / str(step), cut(data, step), data.rows.shape)
    assert files(tmp_path / "1") == files(tmp_path / "5") == files(tmp_path / "12")


def test_chunks_are_written_one_at_a_time(tmp_path: Path) -> None:
    sizes: list[int] = []

    def chunks() -> Iterator[Split]:
        for _ in range(3):
            written = sum(path.stat().st_size for path in tmp_path.rglob("rows.npy"))
            sizes.append(written)
            yield Split(np.zeros((1000, 100), np.float32), None)

    write_split(tmp_path / "split", chunks(), (3000, 100))
    assert sizes[1] - sizes[0] > 300_000 and sizes[2] - sizes[1] == 400_000


def test_labels_of_an_earlier_write_go_away(tmp_path: Path) -> None:
    for labelled in (True, False):
        data = split(4, 2, labelled)
        write_split(tmp_path / "split", [data], data.rows.shape)
    assert read_split(tmp_path / "split").labels is None


def test_an_error_while_drawing_keeps_the_old_rows(tmp_path: Path) -> None:
    data = split(4, 2, labelled=False)
    write_split(tmp_path / "split", [data], data.rows.shape)

    def failing() -> Iterator[Split]:
        yield data
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_split(tmp_path / "split", failing(), (8, 2))
    np.testing.assert_array_equal(read_split(tmp_path / "split").rows, data.rows)
    assert [path.name for path in tmp_path.iterdir()] == ["split"]


def test_rows_are_mapped_not_loaded(tmp_path: Path) -> None:
    data = split(4, 2, labelled=False)
    write_split(tmp_path / "split", [data], data.rows.shape)
    assert isinstance(read_split(tmp_path / "split").rows, np.memmap)


def test_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_json(Path("data/mine/law.json"), {"kind": None})
    assert read_law("mine") == {"kind": None}


@pytest.mark.parametrize("name", ["rows.npy", "labels.npy"])
def test_a_file_that_is_cut_short_is_named(tmp_path: Path, name: str) -> None:
    rows, labels = np.ones((20, 3), np.float32), np.zeros(20, np.int64)
    write_split(tmp_path / "train", [Split(rows, labels)], rows.shape)
    path = tmp_path / "train" / name
    whole = path.read_bytes()
    for size in (0, 5, 60, 127, 130, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=f"expected a whole array in .*{name}, got: "):
            read_split(tmp_path / "train")
