"""Sizes, and room for them."""

import shutil
from collections import namedtuple

import pytest

from aae.benchmark.scale import check_disk, commands, sizes

Disk = namedtuple("Disk", "total used free")


def test_sizes_rise_to_the_largest() -> None:
    assert sizes(100_000) == [1000, 10_000, 100_000]
    assert sizes(250_000) == sizes(100_000)
    assert sizes(999) == []


def test_too_few_sizes_show_no_growth() -> None:
    with pytest.raises(ValueError, match="at least 100000 rows .*, got 10000"):
        check_disk(10_000)


def test_a_table_larger_than_the_disk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Disk(0, 0, 10**10))
    check_disk(100_000)
    with pytest.raises(ValueError, match=r"18\.8 GB free .* 1000000 rows, got '10\.0 GB'"):
        check_disk(1_000_000)


def test_narrow_tables_are_read_as_csv_too() -> None:
    assert "ingest, CSV" in commands(1000, 20)
    assert "ingest, CSV" not in commands(1000, 784)
