"""Small models and batches for the tests of the networks."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from aae.model.autoencoder import AAE
from aae.model.configuration import Model
from aae.model.objective import Batch

GROUPS = (0, 0, 0, 1, 1)
LABELS = 3

# Every choice of the settings in at least one model, by what is special about it.
MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "clusters": {"labels": "ignored"},
    "one cluster": {"labels": "ignored", "clusters": 1},
    "semi-supervised": {"labelled": 20},
    "label-conditioned": {"labels": "adversary", "prior": "gaussian_mixture"},
    "no information": {"information": 0.0},
    "uniform prior": {"prior": "uniform"},
    "roll": {"prior": "swiss_roll"},
    "deterministic": {"posterior": "deterministic"},
    "noise-driven": {"posterior": "noise"},
    "classifier": {"classifier": True},
    "classifier of few labels": {"classifier": True, "labelled": 20},
    "data adversary": {"adversary": "data"},
    "both adversaries": {"adversary": "both"},
    "no adversary": {"adversary": "none"},
    "gaussian": {"likelihood": "gaussian"},
    "mse": {"likelihood": "mse"},
    "article": {
        "likelihood": "mse",
        "posterior": "deterministic",
        "labels": "ignored",
        "clusters": 1,
        "classifier": True,
    },
}


def settings(**changes: Any) -> Model:
    """Settings of small networks; without an information penalty where it has no closed form."""
    closed = {changes.get(key, "gaussian") for key in ("prior", "posterior")} == {"gaussian"}
    sizes: dict[str, Any] = {
        "likelihood": "residual",
        "encoder": [16],
        "decoder": [16],
        "discriminator": [8],
    }
    return Model(**sizes | ({} if closed else {"information": 0.0}) | changes)


def model(
    classes: int = LABELS, groups: tuple[int, ...] = GROUPS, seed: int = 0, **changes: Any
) -> AAE:
    """A model; columns share nothing unless the likelihood is `residual`."""
    keras.utils.set_random_seed(seed)
    chosen = settings(**changes)
    tied = chosen.likelihood == "residual"
    return AAE(np.array(groups if tied else range(len(groups))), classes, chosen)


def normal(*shape: int, seed: int = 0) -> tf.Tensor:
    """Standard normal numbers."""
    return tf.constant(np.random.default_rng([seed, *shape]).normal(size=shape), tf.float32)


def batch(made: AAE, rows: int = 64, seed: int = 0, unlabelled: int = 0) -> Batch:
    """Random rows; the first `unlabelled` ones have no label."""
    values = normal(rows, made.columns, seed=seed)
    labels = np.random.default_rng(seed).integers(LABELS, size=rows)
    labels[:unlabelled] = -1
    statistics = made.likelihood.statistics(values)
    layout = made.training_noise
    noise = layout.split(normal(rows, layout.width, seed=seed + 1))
    classes = tf.constant(labels, tf.int32)
    unknown = tf.fill(classes.shape, -1)
    return Batch(values, statistics, classes, unknown if made.role == "ignored" else classes, noise)
