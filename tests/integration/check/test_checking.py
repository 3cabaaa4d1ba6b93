"""Two tables against each other: columns by name, labels by class, and what is said of both."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from aae.check.checking import check, shared
from aae.check.page import page
from aae.check.result import Check, exit_code
from aae.check.tables import Reading, label_pair, read_alike
from aae.verdict.judge import DIFFERENT, ERROR, NOT_DISTINGUISHED, UNDERPOWERED, Settings, Verdict
from aae.verdict.outcome import Outcome
from aae.verdict.power import known_power

QUICK = Settings(permutations=299)
KIND = Reading(label="kind")


def normal(seed, rows=60, columns=3):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype("f4")


def write_csv(path, rows, names, labels=None):
    """Write rows under their names, with a last column `kind` where there are labels."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, *(["kind"] if labels is not None else [])])
        for index, row in enumerate(rows.tolist()):
            writer.writerow([*row, *([labels[index]] if labels is not None else [])])
    return path


def write_npy(path, rows):
    np.save(path, rows)
    return path


@pytest.fixture
def real(tmp_path):
    return write_csv(tmp_path / "real.csv", normal(0), "abc")


def made(verdict, **changed):
    return Check(Verdict(verdict, "a reason", **changed), "real.csv", "made.csv", 0.05)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 0, 2], [2, 1, 0]])
def test_columns_are_aligned_by_name(real, tmp_path, order):
    rows = normal(1)
    path = write_csv(tmp_path / "other.csv", rows[:, order], [("abc")[j] for j in order])
    found = read_alike([real, path], Reading())[1].columns
    np.testing.assert_allclose(np.column_stack(found.columns), rows)
    assert found.column_names == ["a", "b", "c"]


def test_the_order_of_columns_does_not_matter(real, tmp_path):
    rows = normal(1)
    straight = write_csv(tmp_path / "made.csv", rows, "abc")
    (tmp_path / "turned").mkdir()
    turned = write_csv(tmp_path / "turned" / "made.csv", rows[:, ::-1], "cba")
    one, other = (check(real, path, settings=QUICK) for path in (straight, turned))
    assert one.to_dict() == other.to_dict()


def test_labels_stay_with_their_rows(tmp_path):
    rows, kinds = normal(1, 6), list("xyzxyz")
    wanted = write_csv(tmp_path / "a.csv", rows, "abc", kinds)
    path = write_csv(tmp_path / "b.csv", rows[:, ::-1], "cba", kinds)
    table = read_alike([wanted, path], KIND)[1]
    np.testing.assert_allclose(np.column_stack(table.columns.columns), rows)
    assert table.labels is not None
    assert [table.classes[label] for label in table.labels] == kinds


def test_columns_of_npy_files_keep_their_places(real, tmp_path):
    """There are no names to go by, on either side."""
    path = write_npy(tmp_path / "made.npy", normal(1))
    for pair in ([real, path], [path, real]):
        first, second = read_alike(pair, Reading())
        assert first.columns.column_names == second.columns.column_names
    np.testing.assert_allclose(np.column_stack(second.columns.columns), normal(0))


@pytest.mark.parametrize("names", ["abd", "dba", "xyz"])
def test_another_column_is_named(real, tmp_path, names):
    path = write_csv(tmp_path / "made.csv", normal(1), names)
    with pytest.raises(ValueError, match="columns of real.csv in made.csv") as caught:
        check(real, path, settings=QUICK)
    missing = next(name for name in "abc" if name not in names)
    other = next(name for name in names if name not in "abc")
    assert f"no {missing!r}" in str(caught.value)
    assert f"an unknown {other!r}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", ["csv", "npy"])
@pytest.mark.parametrize("columns", [2, 4])
def test_another_number_of_columns_is_told(real, tmp_path, columns, ending):
    rows, path = normal(1, columns=columns), tmp_path / f"made.{ending}"
    write_npy(path, rows) if ending == "npy" else write_csv(path, rows, "abcd"[:columns])
    told = {2: "got no 'c'", 4: "got an unknown 'd'"}[columns]
    if ending == "npy":  # there are no names
        told = f"^expected 3 columns in made.npy .*, got {columns}"
    with pytest.raises(ValueError, match=told):
        check(real, path, settings=QUICK)


def test_training_rows_are_aligned_too(real, tmp_path):
    path = write_csv(tmp_path / "made.csv", normal(1), "abc")
    other = write_csv(tmp_path / "train.csv", normal(2), "abd")
    with pytest.raises(ValueError, match="columns of real.csv in train.csv, got .*'d'"):
        check(real, path, train=other, settings=QUICK)


@pytest.fixture
def copies(tmp_path):
    """Real rows, generated rows that are training rows, and these."""
    rows = normal(1, 200)
    copied = write_csv(tmp_path / "made.csv", rows, "abc")
    train = write_csv(tmp_path / "train.csv", rows[:, ::-1], "cba")
    return write_csv(tmp_path / "real.csv", normal(0, 200), "abc"), copied, train


def test_memorised_rows_are_a_reason_of_their_own_unless_allowed(copies):
    """The law is right: nothing else speaks against these rows; columns stand in another order."""
    real, copied, train = copies
    found = check(real, copied, train=train, settings=QUICK)
    assert found.verdict.verdict != DIFFERENT
    assert found.exit_code == 1 and found.outcome.endswith(", training rows are memorised")
    allowed = replace(found, allow_memorisation=True)
    assert allowed.exit_code != 1 and allowed.outcome == found.verdict.verdict
    assert "memorised:" in allowed.verdict.reason


def test_unseen_rows_are_no_copies(copies, tmp_path):
    real, _, train = copies
    fresh = write_csv(tmp_path / "fresh.csv", normal(2, 200), "abc")
    assert not check(real, fresh, train=train, settings=QUICK).memorised


def test_the_same_rows_are_said_first(real):
    found = check(real, real, settings=QUICK)
    assert found.exit_code == 1 and "the same rows" in found.verdict.reason


def test_another_exit_code_of_several():
    words = {0: NOT_DISTINGUISHED, 1: DIFFERENT, 2: ERROR}
    for codes, all_together in (([0, 0], 0), ([0, 2], 2), ([2, 1], 1), ([0, 1], 1)):
        assert exit_code([made(words[code]) for code in codes]) == all_together


def test_several_generators_share_the_level():
    assert shared(Settings(alpha=0.05), 4).alpha == pytest.approx(0.0125)
    with pytest.raises(ValueError, match="expected permutations >= "):
        shared(Settings(permutations=299), 4)


@pytest.mark.parametrize(
    ("verdict", "code"), [(NOT_DISTINGUISHED, 0), (DIFFERENT, 1), (UNDERPOWERED, 2), (ERROR, 2)]
)
def test_exit_code(verdict, code):
    assert made(verdict).exit_code == code


def test_an_unknown_verdict_is_no_pass():
    assert made("something new").exit_code == 2


def test_a_difference_that_so_many_rows_would_not_show_is_no_pass(real, tmp_path, monkeypatch):
    path = write_csv(tmp_path / "made.csv", normal(1), "abc")
    for seen, code in ((0.01, 0), (0.9, 2), (None, 2)):
        entry = {"rows": 60, "columns": 3, "std": seen, "mean": 0.01, "correlation": 0.01}
        known = known_power() | {"detectable": [entry]}
        monkeypatch.setattr("aae.verdict.judge.known_power", lambda known=known: known)
        assert check(real, path, settings=QUICK).exit_code == code


@pytest.mark.parametrize("shift, code", [(0, 0), (2, 1)])
def test_exit_code_of_tables(tmp_path, shift, code):
    real = write_npy(tmp_path / "a.npy", normal(0, 500, 64))
    other = write_npy(tmp_path / "b.npy", normal(1, 500, 64) + shift)
    assert check(real, other, settings=QUICK).exit_code == code


def test_labels_are_indices_into_the_classes_of_both(tmp_path):
    first = write_csv(tmp_path / "a.csv", normal(0, 4), "abc", ["x", "z", "z", "x"])
    second = write_csv(tmp_path / "b.csv", normal(1, 3), "abc", ["y", "z", "y"])
    one, other, classes = label_pair(*read_alike([first, second], KIND))
    assert [*one, *other] == [0, 2, 2, 0, 1, 2, 1] and classes == ["x", "y", "z"]


def test_there_is_no_pair_without_labels(real):
    with pytest.raises(ValueError, match="^expected labels in real.csv, got none"):
        label_pair(*read_alike([real, real], Reading()))


def test_a_class_that_only_one_side_has_is_a_difference(tmp_path):
    """Rows are of one law: only the labels tell them apart."""
    kinds = ["x", "y"] * 30
    first = write_csv(tmp_path / "a.csv", normal(0), "abc", kinds)
    second = write_csv(tmp_path / "b.csv", normal(1), "abc", ["x", "z"] * 30)
    found = check(first, second, reading=KIND, settings=QUICK)
    assert found.exit_code == 1 and "mode_weights" in found.verdict.rejecting
    assert "mode_weights" not in check(first, first, reading=KIND, settings=QUICK).verdict.rejecting


def test_a_missing_label_column_is_named(real, tmp_path):
    first = write_csv(tmp_path / "a.csv", normal(0), "abc", ["x"] * 60)
    with pytest.raises(ValueError, match="^expected label column 'kind' in real.csv, got columns"):
        check(real, first, reading=KIND, settings=QUICK)


@pytest.mark.parametrize("ending", ["csv", "npy", "parquet"])
def test_generated_rows_need_no_labels(tmp_path, ending):
    first = write_csv(tmp_path / "a.csv", normal(0), "abc", ["x"] * 60)
    second = tmp_path / f"b.{ending}"
    if ending == "npy":
        write_npy(second, normal(1))
    elif ending == "csv":
        write_csv(second, normal(1), "abc")
    else:
        columns = dict(zip("abc", normal(1).T, strict=True))
        parquet.write_table(pa.table(columns), second)
    found = check(first, second, reading=KIND, train=second, settings=QUICK)
    assert found.verdict.columns == 3 and "mode_weights" not in found.verdict.tests
    assert found.notes == (f"classes are not compared: no column 'kind' in b.{ending}",)
    assert f"<li>classes are not compared: no column &#39;kind&#39; in b.{ending}</li>" in page(
        [found]
    )


def test_moments_are_of_each_column_the_worst_first(tmp_path):
    """Columns of different units are never mixed."""
    rows = normal(0, 200) * [1, 1000, 1]
    moved = normal(1, 200) * [1, 1000, 1] + [0, 0, 3]
    first, second = (
        write_csv(tmp_path / f"{i}.csv", x, "abc") for i, x in enumerate((rows, moved))
    )
    moments = check(first, second, settings=QUICK).moments
    assert moments[0]["column"] == "c" and {each["column"] for each in moments} == set("abc")
    by_name = {each["column"]: each for each in moments}
    for j, name in enumerate("abc"):
        for side, x in (("real", rows), ("generated", moved)):
            assert by_name[name]["mean"][side] == pytest.approx(x[:, j].mean(), abs=1e-4)
            assert by_name[name]["std"][side] == pytest.approx(x[:, j].std(), rel=1e-4)


def test_a_check_is_json(real, tmp_path):
    kinds = ["x", "y"] * 30
    first = write_csv(tmp_path / "a.csv", normal(0), "abc", kinds)
    second = write_csv(tmp_path / "b.csv", normal(1), "abc", kinds)
    found = check(first, second, reading=KIND, train=second, settings=QUICK).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["real_file"], found["generated_file"]) == ("a.csv", "b.csv")


def test_a_check_that_could_not_judge_is_json_too(tmp_path):
    first = write_npy(tmp_path / "a.npy", np.full((5, 3), 0.1))
    found = check(first, first, settings=QUICK)
    assert found.exit_code == 2 and json.dumps(found.to_dict(), allow_nan=False)
    assert found.verdict.verdict in page([found])


def test_the_page_is_self_contained(real, tmp_path):
    path = write_csv(tmp_path / "made.csv", normal(1), "abc")
    found = check(real, path, settings=QUICK)
    text = page([found])
    assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
    assert not re.search(r"src=|href=(?!.data:,)|url\(|@import|https?://|<script", text)
    wanted = [*found.verdict.tests, found.verdict.verdict, "real.csv", "made.csv", "skewness"]
    assert all(each in text for each in wanted)


def test_the_page_marks_what_rejects():
    outcome = Outcome(1.0, 0.001, 0.0, 0.5, 3.0)
    found = made(
        DIFFERENT,
        rejecting=("energy",),
        tests={"energy": outcome, "marginals": outcome},
        adjusted={"energy": 0.001, "marginals": 0.5},
        rows={"real": 3, "generated": 4},
    )
    marked = re.findall(r'<tr class="differs"><th scope="row">(\w+)', page([found]))
    assert marked == ["energy"]


def test_the_page_escapes_what_it_is_given():
    evil = "<script>alert('&')</script>"
    rows = {"real": 1, "generated": 1}
    verdict = Verdict(DIFFERENT, evil, failed=(evil,), rows=rows)
    text = page([Check(verdict, evil + ".csv", evil + ".npy", 0.05)])
    assert "<script" not in text and "alert" in text and "&lt;script&gt;" in text


def test_the_power_is_that_of_these_rows_where_it_is_asked_for(tmp_path):
    first, second = (write_npy(tmp_path / f"{n}.npy", normal(n, 100)) for n in (0, 1))
    looked_up, found = (check(first, second, power=asked) for asked in (False, True))
    assert looked_up.power == {} and "independent Gaussian columns" in looked_up.verdict.reason
    assert "in these rows: std " in found.verdict.reason and found.caveat == ""
    assert found.to_dict()["power"]["effects"].keys() >= {"std", "mean", "correlation"}
    assert found.verdict.tests == looked_up.verdict.tests


def pair_of(tmp_path, change, rows=800):
    """Files of two tables of one law, the second of which is changed."""
    one, other = (normal(seed, rows) for seed in (0, 1))
    return write_csv(tmp_path / "a.csv", one, "abc"), write_csv(
        tmp_path / "b.csv", change(other), "abc"
    )


@pytest.mark.parametrize(
    ("change", "tolerance", "code", "words"),
    [
        (lambda rows: rows, 0.5, 0, "within the tolerance"),
        (lambda rows: rows * [1, 1.3, 1], 0.6, 0, "within the tolerance"),
        (lambda rows: rows * [1, 1.3, 1], 0.1, 1, "by more than the tolerance"),
        (lambda rows: rows, 0.01, 2, "undecided at this tolerance"),
    ],
)
def test_a_tolerance_decides_the_exit_code_and_the_verdict_stays(
    tmp_path, change, tolerance, code, words
):
    paths = pair_of(tmp_path, change)
    found = check(*paths, settings=QUICK, tolerance={"std": tolerance, "mean": 0.5})
    assert found.exit_code == code and found.outcome == f"{found.verdict.verdict}, {words}"
    assert found.verdict == check(*paths, settings=QUICK).verdict
    said = found.to_dict()["tolerance"]
    assert said["effects"].keys() == {"std", "mean"} and said["confidence"] == 0.95
    text = page([found])
    assert "Within the tolerance?" in text and "relative error of a standard deviation" in text


def test_no_tolerance_excuses_the_same_rows_or_memorised_ones(real, copies):
    wide = dict.fromkeys(("std", "mean", "correlation"), 10.0)
    same = check(real, real, settings=QUICK, tolerance=wide)
    assert same.tolerance and same.tolerance.word == "within" and same.exit_code == 1
    unseen, copied, train = copies
    found = check(unseen, copied, train=train, settings=QUICK, tolerance=wide)
    assert found.memorised and found.exit_code == 1
    assert replace(found, allow_memorisation=True).exit_code == 0


def test_rows_that_cannot_be_judged_are_within_no_tolerance(tmp_path):
    first = write_npy(tmp_path / "a.npy", np.full((50, 3), 0.1))
    found = check(first, first, settings=QUICK, tolerance={"std": 1.0})
    assert found.exit_code == 2 and found.to_dict()["tolerance"]["effects"] == {}


def test_the_page_can_be_read_without_eyes_and_without_a_mouse(tmp_path):
    """Each drawing has a name, each table is scrolled by keys, headings go down in steps."""
    rows = normal(1, 400)
    rows[:, 2] = rows[:, 0]
    paths = pair_of(tmp_path, lambda other: other * [1, 2, 1] + rows[:, :1] * [0, 0, 2], 400)
    one = check(*paths, settings=QUICK, tolerance={"std": 0.1})
    for checks in ([one], [one, one]):
        text = page(checks)
        assert text.count("<main>") == 1 and text.count("<h1") == 1
        assert text.count("<svg") == text.count('role="img"') > 0
        regions = re.findall(r'role="region" aria-label="[^"]+" tabindex="0"', text)
        assert len(regions) == text.count("<table") > 0
        levels = [int(level) for level in re.findall(r"<h(\d)", text)]
        assert levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


def test_the_reason_comes_first_and_in_plain_words(tmp_path):
    found = check(*pair_of(tmp_path, lambda rows: rows * [1, 2, 1]), settings=QUICK)
    text = page([found])
    said = "The tables differ in the values of single columns (marginals)"
    assert text.index(said) < text.index("<table")
