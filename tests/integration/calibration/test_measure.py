"""Laws of the calibration: faults do what they say, repeats are kept, levels and powers hold."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, kurtosis

from aae.base.files import read_json
from aae.calibration import measure as module
from aae.calibration.faults import FAULTS, SIX, draw, known_law, sample
from aae.calibration.measure import (
    Run,
    cache_path,
    calibrate,
    finished,
    one_repeat,
    smallest,
)
from aae.calibration.plan import FULL, PLANTED, QUICK, Plan, Point, Setting
from aae.calibration.tables import ALPHA, MOST, power_table, share, tables, write_plot
from aae.calibration.version import APART, stale, statistics_version
from aae.verdict.battery import STATISTICS, Statistic
from aae.verdict.judge import Settings
from aae.verdict.outcome import Outcome
from aae.verdict.power import REQUIRED, detected, known_power

PROJECT = Path(__file__).parents[3]
SMALL = Plan(
    levels=(Setting("mixed", 40, 2, 5),),
    powers=(Setting("gaussian", 40, 3, 4, "correlation", 0.9),),
    detectable=(),
)


def case_with(fault, size, source, rows=20_000, columns=6, seed=0):
    before = draw(source, rows, columns, np.random.default_rng(seed))
    return before, FAULTS[fault](before, size, np.random.default_rng(seed + 1))


@pytest.mark.parametrize("fault, size, source, given", PLANTED)
def test_each_fault_changes_generated_rows_only(fault, size, source, given):
    before, after = case_with(fault, size, source, rows=300)
    assert after.real is before.real and after.spare is before.spare
    assert after.generated.shape == before.generated.shape
    assert after.generated.dtype == before.generated.dtype
    assert not np.array_equal(after.generated, before.generated) or fault == "swapped labels"


def test_every_fault_is_planted():
    assert {fault for fault, *_ in PLANTED} == set(FAULTS)


@pytest.mark.parametrize("size", [-0.1, 0.2])
def test_std(size):
    before, after = case_with("std", size, "normal_expon")
    ratio = after.generated.std(axis=0) / before.generated.std(axis=0)
    np.testing.assert_allclose(ratio, 1 + size, rtol=1e-4)
    np.testing.assert_allclose(after.generated.mean(axis=0), 1, atol=0.05)


def test_mean():
    before, after = case_with("mean", 0.1, "expon_neg")
    shift = (after.generated - before.generated).mean(axis=0)
    np.testing.assert_allclose(np.abs(shift), 0.1, rtol=0.03)
    assert len(set(np.sign(shift))) == 2


@pytest.mark.parametrize("size", [0.02, 0.3])
def test_correlation(size):
    _, after = case_with("correlation", size, "gaussian")
    expected = np.where(np.eye(6) == 1, 1, size)
    np.testing.assert_allclose(np.cov(after.generated, rowvar=False), expected, atol=0.04)


def test_autoregressive():
    _, after = case_with("AR(1)", 0.4, "gaussian")
    lag = np.abs(np.subtract.outer(range(6), range(6)))
    np.testing.assert_allclose(np.cov(after.generated, rowvar=False), 0.4**lag, atol=0.04)


def test_gaussian_of_the_same_moments():
    before, after = case_with("Gaussian", 0, "correlated")
    for case in (before, after):
        np.testing.assert_allclose(np.corrcoef(case.generated, rowvar=False)[0, 1:], 0.3, atol=0.03)
    _, after = case_with("Gaussian", 0, "uniform")
    np.testing.assert_allclose(after.generated.var(axis=0), 1 / 3, rtol=0.04)
    np.testing.assert_allclose(kurtosis(after.generated), 0, atol=0.15)


def test_broken_correlation_keeps_the_columns():
    before, after = case_with("broken correlation", 0, "correlated")
    np.testing.assert_array_equal(np.sort(after.generated, 0), np.sort(before.generated, 0))
    np.testing.assert_allclose(np.corrcoef(after.generated, rowvar=False)[0, 1:], 0, atol=0.03)


@pytest.mark.parametrize("size", [0.25, 1.0])
@pytest.mark.parametrize("source, share", [("normal_mixture", 0.5), ("ten_modes", 0.1)])
def test_lost_mode(source, share, size):
    _, after = case_with("lost mode", size, source)
    labels = after.labels[1]
    assert np.mean(labels == 0) == pytest.approx(share * (1 - size), abs=0.015)
    assert len(np.unique(after.generated, axis=0)) == len(labels)  # no row twice
    if source == "ten_modes":
        np.testing.assert_allclose(after.generated.mean(axis=1), labels, atol=1.2)


def test_noise_breaks_rows_of_one_number():
    before, after = case_with("noise", 0.01, "normal")
    assert np.ptp(before.generated, axis=1).max() == 0
    assert after.generated.std(axis=1, ddof=1).mean() == pytest.approx(0.0095, rel=0.02)


def test_rounded_rows_lie_on_a_grid():
    before, after = case_with("rounded", 0.5, "normal_expon")
    distinct = np.unique(after.generated[:, 0])
    spread = np.concatenate([before.real, before.spare])[:, 0].std()
    np.testing.assert_allclose(np.diff(distinct), 0.5 * spread, rtol=1e-3)
    assert np.abs(after.generated - before.generated).max() < 0.26 * spread


def test_outliers_are_one_percent_of_the_rows():
    before, after = case_with("outliers", 0.01, "normal_expon")
    changed = (after.generated != before.generated).any(axis=1)
    assert changed.mean() == pytest.approx(0.01)
    ratio = (after.generated[changed] - 1).std() / (before.generated[changed] - 1).std()
    assert ratio == pytest.approx(5, rel=0.05)


def test_copies_are_training_rows():
    before, after = case_with("copied rows", 0.1, "uniform", rows=500)
    same = (after.generated[:, None] == before.train[None]).all(axis=2).any(axis=1)
    assert same.sum() == 50
    before, after = case_with("jittered copies", 0.1, "gaussian", rows=500)
    moved = after.generated - before.train
    assert moved.std() == pytest.approx(0.1, rel=0.1)


def test_swapped_labels():
    before, after = case_with("swapped labels", 1.0, "ten_modes")
    first, second = before.labels[1], after.labels[1]
    np.testing.assert_array_equal(second[first < 2], 1 - first[first < 2])
    np.testing.assert_array_equal(second[first >= 2], first[first >= 2])
    assert np.array_equal(after.labels[0], before.labels[0])


@pytest.mark.parametrize("source", [*SIX, "digits", "mixed", "gaussian", "ten_modes"])
def test_real_and_generated_rows_are_different_draws(source, monkeypatch):
    monkeypatch.chdir(PROJECT)
    case = draw(source, 100, 64, np.random.default_rng(0))
    assert case.real.shape == case.generated.shape == case.train.shape == (100, 64)
    rows = np.concatenate([case.real, case.generated, case.spare])
    assert len(np.unique(rows, axis=0)) == len(rows)
    low = known_law(source, case.real.shape[1]).low
    assert low is None or case.real.min() >= low


@pytest.mark.parametrize("columns", [1, 2])
def test_mixed_rows_are_of_several_laws(columns):
    rng = np.random.default_rng(0)
    drawn = [sample("mixed", 5000, columns, rng).rows for _ in range(40)]
    assert len({round(float(rows[:, 0].std()), 1) for rows in drawn}) >= 4
    assert 0 < sum(rows.max() <= 0 for rows in drawn) < 20


def test_repeats_depend_on_the_key_and_their_number_alone():
    setting = SMALL.powers[0]
    assert one_repeat(setting, 3) == one_repeat(replace(setting, repeats=9), 3)
    assert one_repeat(setting, 3)["p"] != one_repeat(setting, 2)["p"]
    assert one_repeat(replace(setting, columns=4), 3)["p"] != one_repeat(setting, 3)["p"]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The small calibration, uninterrupted."""
    folder = tmp_path_factory.mktemp("quick")
    return calibrate(QUICK, Run(folder / "cache"), folder / "calibration.json"), folder


def test_levels_hold(quick):
    """Passed by a level of 5% with chance > 0.999 (both settings together)."""
    for row in quick[0]["levels"]:
        assert row["errors"] == 0 and row["repeats"] == 60
        assert row["count"] <= binom.ppf(0.9997, 60, 0.05)
        for name, test in row["tests"].items():
            assert test["count"] <= binom.ppf(0.99997, 60, 0.055), name


def test_clear_faults_are_seen(quick):
    found = {row["setting"]: row for row in quick[0]["power"]}
    for setting in QUICK.powers:
        row = found[setting.key]
        assert (row["count"], row["errors"]) == (row["repeats"], 0), setting.key
    by = {row["fault"]: row["seen_by"] for row in found.values()}
    assert by["swapped labels"]["conditional_energy"] == 4
    assert by["jittered copies"].get("memorisation") == 4


def test_detectable_effects_are_what_a_check_looks_up(quick):
    result, folder = quick
    assert read_json(folder / "calibration.json") == result
    effects = detected(result, 100, 10)
    assert set(effects) == set(REQUIRED)
    assert all(effect is not None and 0.05 <= effect <= 0.5 for effect in effects.values())
    assert result["unfinished"] == []


def test_an_interrupted_run_continues_to_the_same_result(tmp_path):
    whole = calibrate(SMALL, Run(tmp_path / "whole"), tmp_path / "whole.json")
    shutil.copytree(tmp_path / "whole", tmp_path / "part")
    for setting, left in zip((SMALL.levels[0], SMALL.powers[0]), (3, 0), strict=True):
        path = cache_path(tmp_path / "part", setting, statistics_version())
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:left]) + lines[left][:20])  # killed within a line
    again = calibrate(SMALL, Run(tmp_path / "part"), tmp_path / "part.json")
    assert again == whole
    assert (tmp_path / "part.json").read_bytes() == (tmp_path / "whole.json").read_bytes()


def test_a_killed_process_continues(tmp_path):
    options = ("cache", "docs", "plot", "power")
    command = [sys.executable, "-m", "aae.calibration.measure", "--quick", "--minutes", "0.02"]
    command += [part for name in options for part in (f"--{name}", str(tmp_path / name))]
    endless = [part for part in command if part not in ("--minutes", "0.02")]
    process = subprocess.Popen(endless, stdout=subprocess.DEVNULL, start_new_session=True)
    path = cache_path(tmp_path / "cache", QUICK.levels[0], statistics_version())
    while process.poll() is None and len(finished_lines(path)) < 3:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)  # its worker too
    process.wait()
    before = finished(path)
    assert 3 <= len(before) < 60
    assert before[2] == one_repeat(QUICK.levels[0], 2)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    result = read_json(tmp_path / "cache" / "calibration.json")
    assert result["levels"][0]["repeats"] >= len(before)
    assert len(result["unfinished"]) > 0
    assert finished(path)[: len(before)] == before
    assert not (tmp_path / "power").exists()  # as long as it is not whole


def finished_lines(path):
    return path.read_text().splitlines() if path.exists() else []


def test_finished_repeats_are_not_run_again(tmp_path, monkeypatch):
    first = calibrate(SMALL, Run(tmp_path / "cache"), tmp_path / "one.json")
    monkeypatch.setattr(module, "one_repeat", None)
    assert calibrate(SMALL, Run(tmp_path / "cache"), tmp_path / "two.json") == first


def test_other_statistics_are_measured_anew(tmp_path):
    setting, run = SMALL.levels[0], Run(tmp_path)
    assert cache_path(tmp_path, setting, "other") != cache_path(tmp_path, setting, run.version)


def test_after_the_deadline_nothing_is_claimed(tmp_path):
    run = Run(tmp_path / "cache", deadline=time.monotonic())
    plan = replace(SMALL, detectable=(Point(40, 2, 2),))
    result = calibrate(plan, run, tmp_path / "calibration.json")
    assert result["levels"] == result["power"] == result["detectable"] == []
    assert len(result["unfinished"]) == 3


def fake(threshold):
    """Verdicts that see any fault of at least so large a size."""

    def one(setting, repeat):
        verdict = "different" if abs(setting.size) >= threshold else "not distinguished"
        return {"repeat": repeat, "verdict": verdict, "rejecting": [], "failed": [], "p": {}}

    return one


@pytest.mark.parametrize("threshold, expected", [(0, 0.01), (0.06, 0.07), (0.5, 0.5), (1, None)])
def test_smallest_effect(tmp_path, monkeypatch, threshold, expected):
    monkeypatch.setattr(module, "one_repeat", fake(threshold))
    assert smallest("std", Point(40, 2, 2), Run(tmp_path)) == expected


def test_a_new_statistic_is_calibrated(monkeypatch):
    new = Statistic(lambda pool: Outcome(0.0, 0.5, 0.0, 0.0, 0.0))
    monkeypatch.setitem(STATISTICS, "new", new)
    assert one_repeat(SMALL.levels[0], 0)["p"]["new"] == 0.5


@pytest.mark.parametrize("count, repeats", [(0, 20), (20, 20), (7, 100)])
def test_intervals_are_exact(count, repeats):
    low, high = share(count, repeats)["interval"]
    assert count == 0 or binom.sf(count - 1, repeats, low) == pytest.approx(0.025, rel=2e-3)
    assert count == repeats or binom.cdf(count, repeats, high) == pytest.approx(0.025, rel=2e-3)


def test_a_stale_calibration_is_recognised(tmp_path):
    now = statistics_version()
    assert stale({"statistics": now}) is None
    assert "make calibrate" in (stale({"statistics": "other"}) or "")
    folder = tmp_path / "verdict"
    shutil.copytree(PROJECT / "src" / "aae" / "verdict", folder)
    for name, old, new in (
        ("permutation", '"""', "# a comment\n" + '"""'),
        *((name, '"""', "X = 1\n" + '"""') for name in APART),
    ):
        file = folder / f"{name}.py"
        file.write_text(file.read_text().replace(old, new, 1))
        assert statistics_version(folder) == now, name
    file = folder / "permutation.py"
    file.write_text(file.read_text().replace("DEGREES = 4", "DEGREES = 5"))
    assert statistics_version(folder) != now


def test_tables_and_plot(quick, tmp_path):
    result = quick[0]
    assert "| mixed, with train | 60 | 10 | 239 | 60 |" in tables(result)
    write_plot(result, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def documented(head):
    """Rows of the table in the documentation whose first column has this head."""
    lines = (PROJECT / "docs" / "calibration.md").read_text().splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {head} |"))
    body = itertools.takewhile(lambda line: line.startswith("|"), lines[start + 2 :])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def test_the_documented_levels_hold():
    """With fewer repeats than 2000 (784 columns) a level can be refuted, not shown."""
    rows = {tuple(row[:4]): row[4:] for row in documented("real rows against real rows")}
    for setting in FULL.levels:
        given = f", with {', '.join(setting.given)}" * bool(setting.given)
        sizes = (str(each) for each in (setting.rows, setting.columns, setting.permutations))
        repeats, level, *_ = rows[f"{setting.source}{given}", *sizes]
        low, high = (float(each) / 100 for each in re.findall(r"[\d.]+", level)[1:])
        assert int(repeats) >= setting.repeats
        assert low <= ALPHA
        if setting.repeats >= 2000:
            assert high <= MOST
    shown = {setting.source for setting in FULL.levels if setting.repeats >= 2000}
    assert shown >= {*SIX, "digits"}


def test_the_packaged_power_is_the_documented_one():
    keys = ("rows", "columns", "std", "correlation", "mean")
    entries = known_power()["detectable"]
    ours = [[str(entry[key]) if key in entry else "" for key in keys] for entry in entries]
    assert ours == [[*row[:2], *row[3:]] for row in documented("rows")]
    assert {(entry["rows"], entry["columns"]) for entry in entries} == {
        (point.rows, point.columns) for point in FULL.detectable
    }


def test_the_packaged_table_holds_no_levels(quick):
    table = power_table(quick[0])
    assert set(table) == set(known_power())
    assert not {"levels", "power", "unfinished"} & set(table)
    assert detected(table, 100, 10) == detected(quick[0], 100, 10)
    settings = Settings()
    assert (table["alpha"], table["permutations"]) == (settings.alpha, settings.permutations)
