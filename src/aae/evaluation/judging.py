"""Evaluation of a trained model against real rows: verdict, parts, moments, reconstruction."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import expect, expect_at_least, expect_within
from aae.dataset.splits import Rows, Split
from aae.generator.graphs import TrainedModel
from aae.verdict.closed_form import MOMENTS
from aae.verdict.diversity import diversity, mode_weights, nearest_labels
from aae.verdict.effects import Moments, ks_cells, ks_columns, sample_moments
from aae.verdict.hard_checks import KnownLaw
from aae.verdict.judge import Settings, Verdict, judge
from aae.verdict.pooling import rounded

AnyRows = NDArray[np.floating[Any]]
BLOCKS = 20  # of rows, for standard errors
STUDENT = 2.093  # 97.5% quantile of Student's law with BLOCKS - 1 degrees of freedom


@dataclass
class Evaluate:
    """How models are judged; the `evaluate` section of params.yaml.

    Args:
        rows: largest number of real rows, and of generated ones, that a verdict compares.
        permutations: of the labels, for the verdict and the real control.
        part_permutations: the same for the comparisons that only explain the verdict.
        alpha: level of the verdict, over all its tests.
        seed: of the generated rows, the permutations and the noise.
        resolution: differences below this share of a standard deviation are not looked at.
        noise_levels: of denoising, in standard deviations of each column.

    Raises:
        ValueError: a value is out of range.
    """

    rows: int = 1000
    permutations: int = 999
    part_permutations: int = 239
    alpha: float = 0.05
    seed: int = 0
    resolution: float = 1e-4
    noise_levels: list[float] = field(default_factory=lambda: [0.1, 0.5, 1.0])

    def __post_init__(self) -> None:
        """Check the ranges."""
        expect_at_least("evaluate.rows", self.rows, 2)
        expect_at_least("evaluate.seed", self.seed, 0)
        expect_within("evaluate.alpha", self.alpha, "(0, 1)")
        expect_within("evaluate.resolution", self.resolution, "(0, 1)")
        expect(
            isinstance(self.noise_levels, list),
            "a list of evaluate.noise_levels",
            self.noise_levels,
        )
        for level in self.noise_levels:
            expect_within("each of evaluate.noise_levels", level, "[0, 100]")
        for permutations in (self.permutations, self.part_permutations):
            expect_at_least("evaluate's permutations", permutations, 1)
            self.settings(permutations)

    def settings(self, permutations: int) -> Settings:
        """Settings of a verdict with so many permutations."""
        return Settings(permutations, self.alpha, self.seed, self.resolution)


class Blocks(NamedTuple):
    """Two disjoint blocks of real rows of one size that no model was trained on.

    Attributes:
        judged: generated rows are compared with these.
        encoded: what the encoder is given, and the real control.
    """

    judged: Split
    encoded: Split


def blocks(test: Split, rows: int) -> Blocks:
    """Cut two blocks of at most `rows` rows from the test rows.

    Raises:
        ValueError: fewer than 4 test rows.
    """
    size = min(rows, len(test.rows) // 2)
    if size < 2:
        raise ValueError(f"expected at least 4 test rows, got {len(test.rows)}")
    return Blocks(*(part(test, slice(start, start + size)) for start in (0, size)))


def part(data: Split, chosen: slice | NDArray[np.bool_]) -> Split:
    """Return some rows, loaded into memory, with their labels."""
    labels = None if data.labels is None else data.labels[chosen]
    return Split(np.array(data.rows[chosen]), labels)


def known_law(law: dict[str, Any]) -> KnownLaw:
    """Support, atoms and moments from the content of law.json."""
    low, high = law["support"]
    moments = law["moments"] and np.array([law["moments"][name] for name in MOMENTS])
    return KnownLaw(low, high, law["atoms"], moments)


@dataclass(frozen=True)
class Generated:
    """What a model makes, each of shape (rows, columns), or (rows, codes).

    Attributes:
        rows: from the generator; prior: the codes that they are decoded from.
        codes: drawn from q(z | x) of encoded rows; decoded: drawn from p(x | z, c) of these.
        mean: the reconstruction, mean of p(x | z, c) at the mean of q(z | x).
    """

    rows: Rows
    codes: Rows
    prior: Rows
    decoded: Rows
    mean: Rows


def generate(model: TrainedModel, encoded: Rows, *seed: int) -> Generated:
    """Draw as many rows from the generator as are given, and encode and decode those given.

    Args:
        model: trained.
        encoded: real rows, shape (rows, columns).
        seed: of all noise. With the training's seed among them, runs that differ in it alone have
            rows of their own even where training ends in the same model: or chance in the rows
            would look like a difference of models that no seed explains.
    """
    generator, encoder, decoder = (np.random.default_rng([*seed, part]) for part in range(3))
    rows, prior = model.generate(len(encoded), generator)
    found = model.encode(encoded, encoder)
    return Generated(
        rows=rows,
        codes=found.codes,
        prior=prior,
        decoded=model.decode(found.codes, decoder).rows,
        mean=model.reconstruct(encoded),
    )


def verdicts(
    made: Generated, real: Blocks, train: Rows, law: KnownLaw, config: Evaluate
) -> dict[str, Verdict]:
    """Judge the generated rows, and each part of the model that they come through.

    Returns:
        `generated`, the verdict, memorisation included; then, to tell which part is at fault,
        `reconstruction` (the decoder's mean of encoded rows), `decoded_codes` (p(x | z) of encoded
        rows), both against real rows, and `codes` against the prior.
    """
    judged, settings = real.judged.rows, config.settings(config.part_permutations)
    whole = config.settings(config.permutations)
    return {
        "generated": judge(judged, made.rows, whole, train=train, law=law),
        "decoded_codes": judge(judged, made.decoded, settings),
        "reconstruction": judge(judged, made.mean, settings),
        "codes": judge(made.prior, made.codes, settings),
    }


def moments(
    real: AnyRows, generated: AnyRows, resolution: float = Evaluate.resolution
) -> dict[str, Any]:
    """Moments of generated rows beside those of real rows.

    Args:
        real: rows, shape (n, columns).
        generated: rows, shape (m, columns).
        resolution: of the Kolmogorov-Smirnov distances, as in a verdict: where values repeat, a
            rounding error of 1e-7 would count as a difference.

    Returns:
        cells: name -> {real, generated, null} over all cells, null the interval in which 95% of
        samples of real rows lie, as many as the generated ones; columns: name -> the root mean
        square and the largest difference over columns; ks_cells, ks_columns_max:
        Kolmogorov-Smirnov distances of all cells, and of the column where it is largest.
    """
    found = [sample_moments(rows) for rows in (real, generated)]
    cells, columns = {}, {}
    errors_ = jackknife_errors(real)
    for name in MOMENTS:
        one, other = (moment(each.cells, name) for each in found)
        margin = STUDENT * errors_[name] * np.sqrt(1 + len(real) / len(generated))
        null = [float(one - margin), float(one + margin)]
        cells[name] = {"real": float(one), "generated": float(other), "null": null}
        gap = moment(found[1].columns, name) - moment(found[0].columns, name)
        columns[name] = {
            "rms_difference": float(np.sqrt(np.mean(gap**2))),
            "largest_difference": float(np.max(np.abs(gap))),
        }
    x, y = rounded(real, generated, resolution)
    return {
        "cells": cells,
        "columns": columns,
        "ks_cells": ks_cells(x, y),
        "ks_columns_max": float(ks_columns(x, y).max()),
    }


def jackknife_errors(rows: AnyRows) -> dict[str, float]:
    """Standard errors of the moments of all cells, by the jackknife over blocks of rows.

    Whole rows are left out, so that columns may depend on one another (Efron & Tibshirani 1993,
    chapter 11): sqrt((b - 1) / b sum (theta_(-i) - mean)^2) over b = `BLOCKS` blocks.
    """
    blocks_ = np.array_split(np.arange(len(rows)), min(BLOCKS, len(rows)))
    found = [sample_moments(np.delete(rows, left_out, axis=0)).cells for left_out in blocks_]
    values = {name: np.array([float(moment(each, name)) for each in found]) for name in MOMENTS}
    inflate = np.sqrt(len(blocks_) - 1)
    return {name: float(inflate * each.std()) for name, each in values.items()}


def moment(moments_: Moments, name: str) -> NDArray[np.float64]:
    """One of MOMENTS."""
    return np.asarray(getattr(moments_, name.removeprefix("excess_")))


def errors(rows: Rows, reconstructed: Rows) -> dict[str, Any]:
    """Errors of reconstructed rows.

    Returns:
        loss: the article's L_R = 1/2 sum_j (x_j - xhat_j)^2, mean over rows, in the data's units
        squared; loss_interval: 95% of samples of as many such rows have a mean loss within it;
        rmse: a cell, in the data's units; explained: 1 - sum of squares / sum of squares
        about the column means.
    """
    clean = rows.astype(np.float64)
    squares = (clean - reconstructed) ** 2
    spread = float(((clean - clean.mean(axis=0)) ** 2).sum())
    losses = squares.sum(axis=1) / 2
    # Of another sample: its mean varies as this one does.
    margin = 1.96 * float(losses.std(ddof=1)) * np.sqrt(2 / len(losses)) if len(losses) > 1 else 0
    return {
        "loss": float(losses.mean()),
        "loss_interval": [float(losses.mean() - margin), float(losses.mean() + margin)],
        "rmse": float(np.sqrt(squares.mean())),
        "explained": 1 - float(squares.sum()) / spread if spread else 0.0,
    }


def denoising(
    rows: Rows, reconstruct: Callable[[Rows], Rows], config: Evaluate
) -> list[dict[str, float]]:
    """Error against clean rows of what is made of rows with Gaussian noise added.

    Returns:
        For each level (in standard deviations of each column): level, rmse of the reconstruction,
        and rmse of the noisy rows themselves, which a useful denoiser stays below.
    """
    rng = np.random.default_rng([config.seed, 4])
    scale = rows.std(axis=0, dtype=np.float64)
    found = []
    for level in config.noise_levels:
        noisy = (rows + level * scale * rng.standard_normal(rows.shape)).astype(np.float32)
        found.append(
            {
                "level": level,
                "rmse": errors(rows, reconstruct(noisy))["rmse"],
                "noisy_rmse": errors(rows, noisy)["rmse"],
            }
        )
    return found


def code_moments(codes: Rows) -> dict[str, Any]:
    """Moments of each column of codes, and the largest correlation of two of them."""
    found = sample_moments(codes).columns
    alive = codes[:, np.ptp(codes, axis=0) > 0]
    correlations = np.corrcoef(alive, rowvar=False) if alive.shape[1] > 1 else 0.0
    return {name: moment(found, name).tolist() for name in MOMENTS} | {
        "largest_correlation": float(np.max(np.abs(np.triu(np.atleast_2d(correlations), 1))))
    }


def alone(model: TrainedModel, subsets: Mapping[str, Split], config: Evaluate) -> dict[str, Any]:
    """What a model makes of some rows alone: reconstruction, and moments of decoded rows.

    Returns:
        For each subset: rows, how many; reconstruction, as in `errors`; moments, as in `moments`.
    """
    found = {}
    for name, data in subsets.items():
        rows = np.array(data.rows)
        rng = np.random.default_rng([config.seed, 3])
        decoded = model.decode(model.encode(rows, rng).codes, rng)
        found[name] = {
            "rows": len(rows),
            "reconstruction": errors(rows, model.reconstruct(rows)),
            "moments": moments(rows, decoded.rows, config.resolution),
        }
    return found


def spread(real: AnyRows, generated: AnyRows, seed: int) -> dict[str, float]:
    """Precision, recall, density and coverage; no number where there are too few rows."""
    neighbours = 5
    if min(len(real), len(generated)) <= neighbours:
        return {}
    return asdict(diversity(real, generated, neighbours, seed))


def modes(real: Split, generated: Rows, train: Split, names: list[str]) -> dict[str, Any] | None:
    """Shares of the classes among real and generated rows, both labelled by their neighbours.

    Returns:
        classes, their shares of real and of generated rows, null (the interval in which 95% of
        shares of real rows lie, for each class) and the p-value of equal shares; None where the
        training rows have no labels.
    """
    if train.labels is None:
        return None
    known = np.array(train.rows)
    sides = [nearest_labels(rows, known, train.labels) for rows in (real.rows, generated)]
    found = mode_weights(*sides)
    sizes = sum(1 / len(side) for side in sides)
    margin = 1.96 * np.sqrt(found.real * (1 - found.real) * sizes)
    return {
        "classes": [names[index] for index in found.classes],
        "real": found.real.tolist(),
        "generated": found.generated.tolist(),
        "null": np.stack([found.real - margin, found.real + margin], axis=1).tolist(),
        "p": found.p,
    }


def by_class(data: Split, names: list[str]) -> dict[str, Split]:
    """Rows of each class that occurs, by its name; empty where rows have no labels."""
    if data.labels is None:
        return {}
    masks = {name: data.labels == index for index, name in enumerate(names)}
    return {name: part(data, mask) for name, mask in masks.items() if mask.any()}
