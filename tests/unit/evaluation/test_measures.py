"""Laws of the evaluation: errors, denoising, blocks, classes, codes, moments and modes."""

import json

import numpy as np
import pytest
from scipy import stats

from aae.dataset.splits import Split
from aae.evaluation.codes import code_moments
from aae.evaluation.coverage import modes, spread
from aae.evaluation.moments import jackknife_errors, moment, moments
from aae.evaluation.reconstruction import alone, denoising, errors
from aae.evaluation.samples import Generated, blocks, by_class, first_rows, generate
from aae.evaluation.settings import Evaluate
from aae.evaluation.verdicts import Known, known_law, verdicts
from aae.generator.graphs import Decoded, Drawn, Encoded
from aae.verdict.closed_form import MOMENTS
from aae.verdict.effects import sample_moments
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.power import known_power

RESOLUTION = 1e-4


def normal(seed, rows=60, columns=3):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype("f4")


class Linear:
    """A model without a graph: the code is about the first two columns, noise is 0.1."""

    def encode(self, rows, rng):
        noise = rng.standard_normal((len(rows), 2), dtype=np.float32)
        return Encoded(rows[:, :2] + np.float32(0.1) * noise, rows[:, :2])

    def decode(self, codes, rng):
        mean = np.concatenate([codes, codes[:, :1]], axis=1)
        noise = rng.standard_normal(mean.shape, dtype=np.float32)
        return Decoded(mean + np.float32(0.1) * noise, mean)

    def reconstruct(self, rows):
        return self.decode(rows[:, :2], np.random.default_rng(0)).mean

    def generate(self, rows, rng):
        codes = rng.standard_normal((rows, 2), dtype=np.float32)
        return Drawn(self.decode(codes, rng).rows, codes)


def test_errors_of_a_perfect_reconstruction():
    found = errors(normal(0), normal(0))
    assert found == {"loss": 0, "loss_interval": [0, 0], "rmse": 0, "explained": 1}


def test_the_column_means_explain_nothing():
    rows = normal(0) + np.array([0, 5, -5], "f4")
    means = np.broadcast_to(rows.mean(axis=0, dtype=float), rows.shape)
    found = errors(rows, means)
    assert found["explained"] == pytest.approx(0, abs=1e-12)
    assert found["rmse"] == pytest.approx(np.sqrt(rows.var(axis=0, dtype=float).mean()))


@pytest.mark.parametrize("shape", [(1, 1), (20, 3), (5, 40)])
def test_loss_is_half_the_squares_of_a_row(shape):
    rows, other = normal(0, *shape), normal(1, *shape)
    found = errors(rows, other)
    lengths = [np.linalg.norm(row - back) for row, back in zip(rows, other, strict=True)]
    assert found["loss"] == pytest.approx(np.mean(np.square(lengths)) / 2, rel=1e-5)
    assert found["loss"] == pytest.approx(found["rmse"] ** 2 * shape[1] / 2)


def test_errors_scale_with_the_units():
    one, ten = (errors(unit * normal(0), unit * normal(1)) for unit in (1, 10))
    assert ten["rmse"] == pytest.approx(10 * one["rmse"])
    assert ten["loss"] == pytest.approx(100 * one["loss"])
    assert ten["explained"] == pytest.approx(one["explained"])


def test_rows_without_spread_explain_nothing():
    assert errors(np.ones((4, 2), "f4"), np.zeros((4, 2), "f4"))["explained"] == 0


def test_without_noise_denoising_is_reconstruction():
    rows = normal(0)
    (found,) = denoising(rows, lambda noisy: 0.5 * noisy, Evaluate(noise_levels=[0]))
    assert found == {"level": 0, "rmse": errors(rows, 0.5 * rows)["rmse"], "noisy_rmse": 0}


def test_what_is_done_to_nothing_has_the_error_of_the_noise():
    """Noise of a level is that share of each column's standard deviation."""
    rows = normal(0, 4000) * np.array([1, 10, 100], "f4")
    found = denoising(rows, lambda noisy: noisy, Evaluate(noise_levels=[0.1, 1.0]))
    scale = np.sqrt(rows.var(axis=0, dtype=float).mean())
    for each in found:
        assert each["rmse"] == each["noisy_rmse"]
        assert each["noisy_rmse"] == pytest.approx(each["level"] * scale, rel=0.06)


def test_a_perfect_denoiser():
    rows = normal(0)
    found = denoising(rows, lambda noisy: rows, Evaluate())
    assert [each["level"] for each in found] == [0.1, 0.5, 1.0]
    assert all(each["rmse"] == 0 < each["noisy_rmse"] for each in found)


def test_noise_repeats_by_seed():
    one, same, other = (
        denoising(normal(0), lambda noisy: noisy, Evaluate(seed=seed)) for seed in (1, 1, 2)
    )
    assert one == same != other


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("count, rows", [(4, 2), (5, 100), (9, 3), (100, 50), (101, 7)])
def test_blocks_are_disjoint_and_of_one_size(count, rows, labelled):
    ids = np.arange(count)
    real = blocks(Split(ids[:, None].astype("f4"), ids if labelled else None), rows)
    judged, encoded = (set(part.rows[:, 0]) for part in real)
    assert len(judged) == len(encoded) == min(rows, count // 2)
    assert not judged & encoded and judged | encoded <= set(ids)
    for part in real:
        assert (part.labels is not None) == labelled
        assert not labelled or np.array_equal(part.labels, part.rows[:, 0])


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_rows_for_two_blocks(count):
    with pytest.raises(ValueError, match=f"^expected at least 4 test rows, got {count}$"):
        blocks(Split(normal(0, count), None), 10)


def test_by_class():
    labels = np.array([0, 2, 0, 2, 3])  # one row of `d` alone has no moments
    found = by_class(Split(normal(0, 5), labels), ["a", "b", "c", "d"])
    assert list(found) == ["a", "c"]
    for name, index in (("a", 0), ("c", 2)):
        np.testing.assert_array_equal(found[name].rows, normal(0, 5)[labels == index])
        np.testing.assert_array_equal(found[name].labels, np.full(len(found[name].rows), index))


def test_of_many_rows_some_of_each_class_are_taken(monkeypatch):
    monkeypatch.setattr("aae.evaluation.samples.SUBSET_ROWS", 4)
    labels = np.arange(60) % 20
    found = by_class(Split(normal(0, 60), labels), [f"k{each}" for each in range(20)])
    assert {len(each.rows) for each in found.values()} == {2}
    found = by_class(Split(normal(0, 60), labels % 2), ["a", "b"])
    assert {len(each.rows) for each in found.values()} == {4}


@pytest.mark.parametrize(("rows", "cells"), [(7, 10**6), (10**6, 23)])
def test_of_many_training_rows_the_first_are_loaded(rows, cells, monkeypatch):
    monkeypatch.setattr("aae.evaluation.samples.TRAIN_ROWS", rows)
    monkeypatch.setattr("aae.evaluation.samples.LOADED_CELLS", cells)
    for count in (7, 8):
        train = Split(normal(0, count), np.arange(count))
        loaded = first_rows(train)
        np.testing.assert_array_equal(loaded.rows, train.rows[:7])
        np.testing.assert_array_equal(loaded.labels, np.arange(7))


def test_there_are_no_classes_without_labels():
    assert by_class(Split(normal(0), None), ["a"]) == {}


def test_code_moments_of_the_prior():
    """Each number within 5 standard errors, and the largest of 6 correlations too."""
    n = 4000
    found = code_moments(normal(0, n, 4))
    law = {"mean": (0, 1), "std": (1, 0.5), "skewness": (0, 6), "excess_kurtosis": (0, 24)}
    for name, (value, variance) in law.items():
        assert np.shape(found[name]) == (4,)
        assert np.abs(np.array(found[name]) - value).max() < 5 * np.sqrt(variance / n)
    assert found["largest_correlation"] < 5 / np.sqrt(n)


@pytest.mark.parametrize("sign", [-1, 1])
def test_equal_codes_are_correlated(sign):
    codes = normal(0)
    codes[:, 2] = sign * codes[:, 0]
    assert code_moments(codes)["largest_correlation"] == pytest.approx(1)


def test_a_single_code_is_correlated_with_none():
    assert code_moments(normal(0, columns=1))["largest_correlation"] == 0


@pytest.mark.parametrize("constant", [0.0, 0.1, 0.7])
def test_codes_without_spread_have_no_correlation(constant):
    codes = normal(0)[:, :2]
    codes[:, 1] = constant
    found = code_moments(codes)
    assert found["largest_correlation"] == 0 and json.dumps(found, allow_nan=False)


def test_moments_of_the_same_rows():
    found = moments(normal(0), normal(0), RESOLUTION)
    assert found["ks_cells"] == found["ks_columns_max"] == 0
    for name in MOMENTS:
        assert found["cells"][name]["real"] == found["cells"][name]["generated"]
        assert found["columns"][name] == {"rms_difference": 0, "largest_difference": 0}


@pytest.mark.parametrize("error", [1e-7, -1e-7])
def test_rounding_errors_of_repeated_values_are_no_distance(error):
    """As many rows hold each value on both sides: the distance is 0, but for the last bits."""
    values = np.tile(np.linspace(-1, 1, 50, dtype="f4"), (6, 1)).T
    found = moments(values, values + np.float32(error), RESOLUTION)
    assert not np.array_equal(values, values + np.float32(error))
    assert found["ks_cells"] == found["ks_columns_max"] == 0


def test_moments_of_a_shift():
    found = moments(normal(0), normal(0) + np.array([0, 0, 3], "f4"), RESOLUTION)
    assert found["columns"]["mean"] == {
        "rms_difference": pytest.approx(3**0.5, rel=1e-6),
        "largest_difference": pytest.approx(3, rel=1e-6),
    }
    gap = found["cells"]["mean"]["generated"] - found["cells"]["mean"]["real"]
    assert gap == pytest.approx(1, rel=1e-6)
    assert found["columns"]["std"]["largest_difference"] == pytest.approx(0, abs=1e-6)


def test_moments_agree_with_scipy():
    real, made = normal(0), np.exp(normal(1))
    found = moments(real, made, RESOLUTION)
    cells = made.astype(float).ravel()
    assert found["cells"]["skewness"]["generated"] == pytest.approx(stats.skew(cells))
    assert found["cells"]["excess_kurtosis"]["generated"] == pytest.approx(stats.kurtosis(cells))
    distances = [stats.ks_2samp(real[:, j], made[:, j]).statistic for j in range(3)]
    assert found["ks_columns_max"] == pytest.approx(max(distances))
    assert found["ks_cells"] == pytest.approx(stats.ks_2samp(real.ravel(), cells).statistic)


def labelled(seed, rows, weights):
    """Three classes that lie far apart."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, size=rows, p=weights)
    return Split((rng.normal(size=(rows, 2)) + 10 * labels[:, None]).astype("f4"), labels)


FAIR = [0.5, 0.3, 0.2]


def test_modes_of_one_law():
    """p is about uniform; a right test passes with chance > 0.9999."""
    train, repeats = labelled(0, 60, FAIR), 100
    p = []
    for seed in range(repeats):
        real, made = labelled([seed, 1], 200, FAIR), labelled([seed, 2], 200, FAIR)
        shares = modes(real, made.rows, train, ["a", "b", "c"], Evaluate())
        assert shares is not None
        p.append(shares["p"])
    assert stats.kstest(p, "uniform").pvalue > 1e-5


def test_modes_are_shares_of_classes():
    real, made = labelled(1, 300, FAIR), labelled(2, 300, [0.9, 0.1, 0.0])
    found = modes(real, made.rows, labelled(0, 60, FAIR), ["a", "b", "c"], Evaluate())
    assert found is not None
    assert found["classes"] == ["a", "b", "c"] and found["p"] == 0.001
    for name, split in (("real", real), ("generated", made)):
        assert found[name] == pytest.approx(np.bincount(split.labels, minlength=3) / 300)


def test_there_are_no_modes_without_labels():
    train = Split(normal(0), None)
    assert modes(train, normal(1), train, [], Evaluate()) is None


def test_spread_needs_more_rows_than_neighbours():
    assert spread(normal(0, 5), normal(1), 0) == spread(normal(1), normal(0, 5), 0) == {}
    assert set(spread(normal(0, 6), normal(1, 6), 0)) == {
        *("precision", "recall", "density", "coverage")
    }


def test_generate_repeats_by_seed():
    seeds = (1, 0), (1, 0), (2, 0), (1, 1)
    one, same, *others = (generate(Linear(), normal(0), *seed) for seed in seeds)
    for name in ("rows", "codes", "prior", "decoded", "mean"):
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
        assert len(getattr(one, name)) == 60
    for other in others:
        for name in ("rows", "codes", "prior", "decoded"):
            assert not np.array_equal(getattr(one, name), getattr(other, name))
        np.testing.assert_array_equal(one.mean, other.mean)


def test_rows_come_from_their_codes():
    """Noise of 0.1 between codes and rows: 240 cells of each, none 6 standard deviations out."""
    made = generate(Linear(), normal(0), 0)
    for rows, codes in ((made.rows, made.prior), (made.decoded, made.codes)):
        assert 0 < np.abs(rows[:, :2] - codes).max() < 0.6
    assert 0 < np.abs(made.codes - normal(0)[:, :2]).max() < 0.6
    np.testing.assert_array_equal(made.mean, Linear().reconstruct(normal(0)))


def test_generator_encoder_and_decoder_share_no_noise():
    made = generate(Linear(), normal(0), 0)
    noises = [
        made.prior.ravel() * np.float32(0.1),
        (made.rows[:, :2] - made.prior).ravel(),
        (made.codes - normal(0)[:, :2]).ravel(),
        (made.decoded[:, :2] - made.codes).ravel(),
    ]
    correlations = np.corrcoef(noises) - np.eye(4)
    assert np.abs(correlations).max() < 5 / np.sqrt(120)


def test_alone():
    data = Split(normal(0), None)
    found = alone(Linear(), {"some": data}, Evaluate())["some"]
    mean = Linear().reconstruct(data.rows)
    assert found["rows"] == 60 and found["reconstruction"] == errors(data.rows, mean)
    assert found["moments"]["cells"]["mean"]["real"] == pytest.approx(data.rows.mean(), abs=1e-6)


def test_verdicts_tell_the_parts_apart():
    """Each part is compared with what it should be: only the one that is wrong is different."""
    config = Evaluate(permutations=199, part_permutations=199)
    real = blocks(Split(normal(0, 400), None), 200)
    wrong, right = 3 * normal(1, 200), normal(2, 200)
    known = Known(normal(4, 200), KnownLaw(), known_power())
    compared = {"rows": "generated", "decoded": "decoded_codes", "codes": "codes"}
    for name, wanted in compared.items():
        arrays = dict.fromkeys([*compared, "mean"], right) | {"prior": normal(3, 200), name: wrong}
        found = verdicts(Generated(**arrays), real, known, config)
        different = [each for each in found if found[each].verdict == "different"]
        assert different == [wanted]


def test_known_law():
    found = known_law({"support": [None, 0.0], "atoms": [-1.0, 0.0], "moments": None})
    assert found == KnownLaw(None, 0.0, [-1.0, 0.0])


@pytest.mark.parametrize("count, columns", [(2, 1), (20, 3), (45, 7)])
def test_jackknife_leaves_out_one_block_after_another(count, columns):
    rows = (5 + 3 * normal(0, count, columns)).astype(float)
    blocks_ = np.array_split(np.arange(count), min(20, count))
    left = [sample_moments(np.delete(rows, each, axis=0)).cells for each in blocks_]
    for name, error in jackknife_errors(rows).items():
        values = np.array([float(moment(each, name)) for each in left])
        wanted = np.sqrt((len(values) - 1) / len(values) * ((values - values.mean()) ** 2).sum())
        assert error == pytest.approx(wanted, rel=1e-6, abs=1e-9)
