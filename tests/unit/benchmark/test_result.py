"""What is kept of a measurement, and how it reads."""

import json
from pathlib import Path

import pytest
from support.bench_results import result, scale

from aae.base.files import read_json
from aae.benchmark import plot, tables
from aae.benchmark.result import keep
from aae.benchmark.scale import Measured, by_columns, by_stage, growths

DOCUMENT = "\n".join(
    f"<!-- {name}: {side} -->" for name in ("speed", "growth") for side in ("begin", "end")
)
LABEL = 44  # characters that `aae compare` has for it


def test_the_file_says_what_was_measured(tmp_path: Path) -> None:
    keep(result(), tmp_path / "bench.json")
    kept = read_json(tmp_path / "bench.json")["a1"]
    assert kept == json.loads(json.dumps(result().to_dict()))
    assert [Measured(**each) for each in kept["scale"]] == scale()
    assert kept["figures"] == dict(result().figures())


def test_results_of_other_revisions_stay(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    for code, pythae in (("a1", 1.0), ("b2", 2.0), ("a1", 3.0)):
        keep(result(pythae, code=code), path)
    assert {code: each["epochs"]["pythae"] for code, each in read_json(path).items()} == {
        "a1": 3.0,
        "b2": 2.0,
    }


def test_what_is_not_finite_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    keep(result(), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="finite numbers"):
        keep(result(pythae=float("nan")), path)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_ratios_are_quotients() -> None:
    found = {each.name: each.ratio for each in result().ratios}
    assert found["epoch, article / its products"] == pytest.approx(2)
    assert found["article's loop / ours"] == pytest.approx(100)
    assert found["pythae / ours"] == pytest.approx(5)
    assert found["make reproduce, 5 stages / alone"] == pytest.approx(1.2)


def test_names_of_figures_are_short() -> None:
    assert max(len(name) for name, _ in result().figures()) <= LABEL


def test_absent_peers_are_said_and_no_figure() -> None:
    absent = result(pythae=None)
    assert "`make peers`" in tables.speed(absent)
    assert "make peers" not in tables.speed(result())
    assert "pythae / ours" not in dict(absent.figures())


def test_tables_stand_between_their_marks(tmp_path: Path) -> None:
    document = tmp_path / "speed.md"
    document.write_text(DOCUMENT)
    tables.write(result(), document)
    once = document.read_text()
    assert tables.speed(result()) in once and tables.growth(result().many) in once
    assert "an abacus" in once and "abc1234" in once
    tables.write(result(), document)
    assert document.read_text() == once


def test_without_many_models_their_table_stays(tmp_path: Path) -> None:
    document = tmp_path / "speed.md"
    document.write_text(DOCUMENT)
    tables.write(result(), document)
    tables.write(result(many=None), document)
    assert tables.growth(result().many) in document.read_text()


def test_every_line_of_a_table_has_its_columns() -> None:
    lines = [line for line in tables.speed(result()).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines if "rows^" in line or "generate" in line}) == 1


def test_growth_of_the_stages() -> None:
    found = {(each.stage, each.columns): each for each in growths(scale())}
    assert found["generate", 784].seconds == pytest.approx(1)
    assert found["generate", 784].peak == pytest.approx(1)
    assert found["ingest, CSV", 20].seconds == found["ingest, CSV", 20].peak == 0


def test_growth_with_columns_needs_two_widths() -> None:
    found = by_columns(scale())
    assert [*found] == ["generate"]
    assert 0 < found["generate"][0] < 1


def test_stages_keep_their_order_and_rows_rise() -> None:
    groups = by_stage([*reversed(scale())])
    assert [*groups] == [("ingest, CSV", 20), ("generate", 20), ("generate", 784)]
    assert all(
        [each.rows for each in group] == [1000, 10_000, 100_000] for group in groups.values()
    )


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    plot.draw(scale(), tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
