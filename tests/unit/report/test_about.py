"""Laws of the first screen: every sentence follows from the numbers of the runs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.report_runs import Shape, arrays_of, history_of, metrics_of, outcome, verdict

from aae.report.about import answers, parameters, phrase
from aae.report.grid import all_tests, grid, position
from aae.report.runs import DataReport, ModelRun, VariantRuns
from aae.report.wording import could_show, effect, failure, floor_said, listed

SHAPE = Shape(2, 16, 0)
SETTINGS = {"latent": 2, "adversary": "latent", "likelihood": "residual", "clusters": 3}


def run(passed: bool, seed: int = 0, rows: Any = None, **changes: Any) -> ModelRun:
    arrays = arrays_of(SHAPE, passed) | ({} if rows is None else {"generated": rows})
    history = {key: np.array([float(each["epoch"]) for each in history_of(False)]) for key in "e"}
    recipe = {"model": SETTINGS | changes, "train": {}}
    return ModelRun(seed, metrics_of(SHAPE, passed), arrays, history, "", recipe, {}, {})


def report(name: str, *variants: tuple[str, ModelRun]) -> DataReport:
    control = verdict(True)
    control["reason"] = "no test; effects seen with 80% power in rows: std 0.1, mean 0.2"
    runs = tuple(VariantRuns(each, {}, (model,)) for each, model in variants)
    reference = {"control": control | {"reconstruction": {}}, "baselines": {}, "explained": []}
    return DataReport(name, reference, runs)


def test_the_answer_counts_and_names_what_failed() -> None:
    cases = [report("a", ("v", run(True))), report("b", ("v", run(False)))]
    (answer,) = answers(cases)
    assert answer.counts == "1 of 2 not distinguished, 1 different"
    assert answer.failures == {"b": "trees, trees tell 25%"}


def test_underpowered_is_counted_apart_from_different() -> None:
    weak = run(True)
    weak.metrics.update(verdict="underpowered", reason="no difference seen; few rows")
    cases = [report("a", ("v", weak)), report("b", ("v", run(False)))]
    (answer,) = answers(cases)
    assert answer.counts == "0 of 2 not distinguished, 1 underpowered, 1 different"
    assert answer.failures["a"] == "underpowered: no difference seen"


WANTED = "std 0.05, correlation of all pairs 0.1, mean 0.1"
POWER = "no difference seen, but too few rows to see one: effects seen with 80% power in"


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("std 0.13, correlation of all pairs 7.7e-09, mean 0.1", "standard deviations off by less "
         "than 13%"),
        ("std 0.05, correlation of all pairs none, mean 0.3", "wrong correlations and means off by "
         "less than 0.3 standard deviations"),
        ("std none, mean 0.01", "wrong standard deviations"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", ["about 6,800 rows a side would show {}", "how many rows would "
                                  "show {} cannot be said"])  # fmt: skip
def test_underpowered_says_what_would_go_unseen(shown: str, said: str, more: str) -> None:
    weak = run(True)
    reason = f"{POWER} rows of this name: {shown}; {more.format(WANTED)}"
    weak.metrics.update(verdict="underpowered", reason=reason)
    (answer,) = answers([report("a", ("v", weak))])
    assert answer.failures["a"] == f"underpowered: {said} would go unseen"
    assert grid([report("a", ("v", weak))])[0].says == f"{said} would go unseen"


def test_underpowered_without_sizes_says_its_reason() -> None:
    weak = run(True)
    weak.metrics.update(verdict="underpowered", reason="no difference seen; 3 rows")
    assert failure(weak.metrics) == "no difference seen"


def test_a_hard_check_comes_before_tests() -> None:
    metrics = metrics_of(SHAPE, False) | {"failed": ["values off the grid (x1: 3 rows)", "b"]}
    assert failure(metrics) == "values off the grid"


def test_many_tests_are_counted_with_the_worst_pair() -> None:
    names = ["energy", "pairs", "marginals", "covariance"]
    metrics = metrics_of(SHAPE, False) | {
        "rejecting": names,
        "tests": {n: outcome(True) for n in names},
    }
    assert failure(metrics) == "4 of 4 tests, most of all x1 with x2"


def test_variants_are_phrases_of_what_they_change() -> None:
    variants = report(
        "a",
        ("base", run(True)),
        ("bare", run(True, adversary="none", clusters=1)),
        ("same", run(True)),
        ("article", run(True, likelihood="mse")),
    ).variants
    assert phrase(variants, 0).startswith("codes of 2 dimensions, noise drawn from the residuals")
    assert phrase(variants, 1) == "as base, but no discriminator, other clusters"
    assert phrase(variants, 2) == "as base, but the same settings"
    assert phrase(variants, 3).startswith("the source article's model: squared error")


@pytest.mark.parametrize(
    ("shift", "words"), [(0.0, "the same"), (1e-8, "the same"), (1.0, "differ")]
)
def test_the_page_says_where_the_adversary_makes_no_difference(shift: float, words: str) -> None:
    rows = np.random.default_rng(0).standard_normal((20, 16))
    without = run(True, rows=rows + shift, adversary="none")
    _, answer = answers([report("a", ("base", run(True, rows=rows)), ("bare", without))])
    assert words in answer.remark and answer.remark.startswith("The adversary made no difference")


def test_a_verdict_that_the_adversary_changes_is_named() -> None:
    pair = ("base", run(True)), ("bare", run(False, rows=np.ones((20, 16)), adversary="none"))
    _, answer = answers([report("a", *pair)])
    assert "on a the verdict changes" in answer.remark and "no difference" not in answer.remark


def test_other_changes_are_no_matter_of_the_adversary() -> None:
    pair = ("base", run(True)), ("other", run(True, adversary="none", latent=3))
    assert answers([report("a", *pair)])[1].remark == ""


def test_the_grid_has_a_cell_for_each_test_and_says_what_rows_could_show() -> None:
    cases = [report("a", ("v", run(True)), ("w", run(False)))]
    passed, failed = grid(cases)
    assert all_tests(cases) == ["energy", "classifier"]
    assert passed.says == "would show std 0.1, mean 0.2" and failed.says == "trees, trees tell 25%"
    assert [cell.rejects for cell in failed.cells if cell] == [0, 1]
    assert all(cell and cell.start <= cell.tick <= cell.end for cell in passed.cells)


def test_a_test_that_was_not_run_has_no_cell() -> None:
    other = run(True)
    other.metrics["tests"] = {"energy": outcome(False)}
    (line,) = grid([report("a", ("v", other))])
    assert line.cells[1] is None


def test_positions_grow_with_the_effect_and_stay_inside() -> None:
    places = [position(each, 500.0) for each in (-99, -3, 0, 1, 5, 50, 500, 9999)]
    assert places == sorted(places) and places[0] == 0 and places[-1] == places[-2] == 100


def test_what_rows_could_show_is_found_in_any_reason() -> None:
    case = report("a", ("v", run(True)))
    assert could_show(case) == "std 0.1, mean 0.2"
    case.reference["control"]["reason"] = "told apart by energy"
    assert could_show(case) == ""


def test_words() -> None:
    assert [effect(each) for each in (-0.04, 2.26, -1.0, 341.7)] == ["0.0", "2.3", "−1.0", "342"]
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]


def test_parameters_are_summed_over_networks() -> None:
    text = (
        " Trainable params: 1,200 (4 KB)\n Non-trainable params: 7\n Trainable params: 34 (1 B)\n"
    )
    assert parameters(ModelRun(0, {}, {}, {}, text, {}, {}, {})) == "1,234"


def test_the_readme_says_what_the_article_variant_is() -> None:
    conf = Path(__file__).parents[3] / "conf/variants/article.yaml"
    assert "source article's model" in conf.read_text()


def test_a_floor_tells_estimation_error_from_misfit() -> None:
    def judged(*rejecting: str, area: float) -> dict[str, Any]:
        tests = {"classifier": {"statistic": area}}
        return {"verdict": "different", "rejecting": rejecting, "tests": tests}

    floor = judged("classifier", area=0.6) | {"learned_from": 90}
    text = floor_said(judged("classifier", "pairs", area=0.7), floor)
    assert text.startswith(
        "A perfect model of this class, learned from 90 rows, would be different"
    )
    assert "Trees: estimation error, which only more rows would cure" in text
    assert "Pairs of columns: misfit" in text and "0.600" in text and "0.700" in text
