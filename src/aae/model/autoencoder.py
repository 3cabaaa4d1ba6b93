"""The adversarial autoencoder (Makhzani et al., arXiv 1511.05644) as Keras models."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.configuration import ADVERSARIES, Model
from aae.model.likelihood import CellLaw, Likelihood, Statistics
from aae.model.likelihoods import LIKELIHOODS
from aae.model.noise import Layout, Noise
from aae.model.priors import COMPONENTS, PRIORS
from aae.model.units import Units

Restored = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


class Code(NamedTuple):
    """What the encoder says of each row.

    Attributes:
        mean: of q(z | x), shape (rows, latent); a sample of it where q is driven by noise.
        log_variance: of q(z | x), alike; None where q is no normal law.
        logits: of q(c | x), shape (rows, classes); None where the decoder sees no category.
    """

    mean: tf.Tensor
    log_variance: tf.Tensor | None
    logits: tf.Tensor | None

    def sample(self, noise: tf.Tensor) -> tf.Tensor:
        """Codes z ~ q(z | x) from standard normal noise of shape (rows, latent)."""
        if self.log_variance is None:
            return self.mean
        return self.mean + tf.exp(self.log_variance / 2) * noise


class AAE(keras.Model):
    """Encoder, decoder and discriminators.

    Inputs and outputs of the networks are standardised rows; `units` converts.

    Args:
        groups: the group of each column, shape (columns,), whose columns share their units and,
            under the `residual` likelihood, all parameters.
        labels: number of classes of the labels; 0 where rows have none.
        settings: sizes, prior, posterior, adversary, likelihood, use of labels.
        units: instead of `Units`; likelihood: instead of the one that settings name.

    Attributes:
        units: to standardised rows and back; likelihood: p(x | z, c).
        classes: categories c: those of the labels, or clusters, or 1.
        conditions: categories that the decoder is conditioned on; 0 where it sees none.
        encoder: rows (and noise, for a noise-driven posterior) to the parts of `Code`.
        decoder: codes and one-hot category to the parts of p(x | z, c).
        discriminators: by what they see, `latent` and `data`: to one logit a row.
        classifier: the article's head, codes to class logits, or None.
        shares: p(c), shape (classes,).
        allowed: 1 for the categories that rows may belong to, shape (classes,).
        active: 1 for the code dimensions that the decoder listens to in a category, shape
            (classes, latent).
    """

    def __init__(
        self,
        groups: NDArray[np.int64],
        labels: int,
        settings: Model,
        units: Any = None,
        likelihood: Likelihood | None = None,
    ):
        """Build all networks."""
        super().__init__(name="aae")
        self.settings, self.columns, self.latent = settings, len(groups), settings.latent
        self.role = settings.labels if labels else "ignored"
        self.classes = settings.clusters if self.role == "ignored" else labels
        self.conditions = self.classes if self.role != "adversary" and self.classes > 1 else 0
        self.labelled_rows = settings.labelled if self.role == "given" else 0
        self.inferred = self.classes > 1 and (self.role == "ignored" or bool(self.labelled_rows))
        self.units: Any = units or Units(groups, name="units")
        self.likelihood: Any = likelihood or LIKELIHOODS[settings.likelihood](
            groups, self.classes, name="likelihood"
        )
        self.likelihood.build()
        self.encoder, self.decoder = self._encoder(), self._decoder()
        categories = self.classes if self.classes > 1 else 0
        seen = {"latent": settings.latent + categories, "data": self.columns}
        self.discriminators = {
            name: mlp(f"{name}_discriminator", width, settings.discriminator, 1)
            for name, width in seen.items()
            if name in ADVERSARIES[settings.adversary]
        }
        classified = bool(labels) and settings.classifier
        self.classifier = mlp("classifier", settings.latent, (), labels) if classified else None
        self.shares = self._setting("shares", (self.classes,), 1 / self.classes)
        self.allowed = self._setting("allowed", (self.classes,), 1.0)
        self.active = self._setting("active", (self.classes, settings.latent), 1.0)
        self.built = True  # all networks are; Keras saves no weights before

    def _setting(self, name: str, shape: tuple[int, ...], value: float) -> keras.Variable:
        """Create numbers that are saved with the weights, but not learned by gradient."""
        initial = keras.initializers.Constant(value)
        return self.add_weight(shape=shape, initializer=initial, trainable=False, name=name)

    @property
    def choices(self) -> tuple[int, ...]:
        """Numbers of categories to be tried: none and all, where no labels say what they are."""
        searching = self.role == "ignored" and self.classes > 1
        return (1, self.classes) if searching else (self.classes,)

    @property
    def categories(self) -> int:
        """How many categories are allowed."""
        return int(self.allowed.numpy().sum())

    def allow(self, categories: int) -> None:
        """Allow the first categories only, with equal shares."""
        allowed = np.arange(self.classes) < categories
        self.allowed.assign(allowed)
        self.shares.assign(allowed / categories)

    def _encoder(self) -> keras.Model:
        sizes = self.likelihood.sizes
        rows = keras.Input((len(sizes) + np.count_nonzero(sizes > 1),), name="rows")
        inputs = [rows]
        if self.settings.posterior == "noise":
            inputs.append(keras.Input((self.latent,), name="noise"))
        joined = keras.layers.Concatenate()(inputs) if len(inputs) > 1 else rows
        hidden = hidden_layers(joined, self.settings.encoder)
        outputs = {"mean": keras.layers.Dense(self.latent, name="mean")(hidden)}
        if self.settings.posterior == "gaussian":
            outputs["log_variance"] = keras.layers.Dense(self.latent, name="log_variance")(hidden)
        if self.conditions:
            outputs["logits"] = keras.layers.Dense(self.conditions, name="logits")(hidden)
        return keras.Model(inputs, outputs, name="encoder")

    def _decoder(self) -> keras.Model:
        codes = keras.Input((self.latent,), name="codes")
        classes = keras.Input((self.classes,), name="classes")
        joined = keras.layers.Concatenate()([codes, classes])
        inputs = joined if self.conditions else codes
        outputs = self.likelihood.heads(hidden_layers(inputs, self.settings.decoder))
        if self.likelihood.skip:
            straight = keras.layers.Dense(len(self.likelihood.sizes), use_bias=False, name="skip")
            outputs["mean"] = outputs["mean"] + straight(inputs)
        return keras.Model([codes, classes], outputs, name="decoder")

    def encode(self, rows: Statistics, noise: tf.Tensor) -> Code:
        """q(z | x) and q(c | x) of standardised rows; noise drives a noise-driven posterior."""
        features = self.likelihood.features(rows)
        noisy = self.settings.posterior == "noise"
        outputs = self.encoder([features, noise] if noisy else features)
        logits = outputs.get("logits")
        if logits is not None:
            logits += tf.math.log(self.allowed + 1e-30)
        return Code(outputs["mean"], outputs.get("log_variance"), logits)

    def decode(self, codes: tf.Tensor, classes: tf.Tensor) -> CellLaw:
        """p(x | z, c) in standardised units, of one-hot classes, shape (rows, classes)."""
        outputs = self.decoder([self.listened(codes, classes), classes])
        law: CellLaw = self.likelihood.law(outputs, classes)
        return law

    def listened(self, codes: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """What the decoder hears of codes in their one-hot classes: 0 in idle dimensions."""
        return codes * (classes @ self.active)

    @property
    def training_noise(self) -> Layout:
        """Noise of a training step: cells where a discriminator sees generated rows."""
        cells = self.columns if "data" in self.discriminators else 0
        rows = self.columns if self.likelihood.regularised else 0
        return Layout(self.latent, self.latent, cells, rows)

    @property
    def generator_noise(self) -> Layout:
        """Noise of a generated row."""
        return Layout(0, self.latent, self.columns if self.likelihood.stochastic else 0)

    def prior(self, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Codes z ~ p(z), shape (rows, latent), and one-hot c ~ p(c), shape (rows, classes)."""
        choice, place = uniform_of(noise.category), uniform_of(noise.place)
        ends = tf.cumsum(self.shares)
        number = tf.reduce_sum(tf.cast(choice[:, None] > ends[:-1], tf.float32), axis=1)
        if self.role == "adversary":  # each class has its own part of the prior
            place = (number + place) / self.classes
        components = self.classes if self.role == "adversary" else COMPONENTS
        codes = PRIORS[self.settings.prior](noise.prior, place, components)
        return codes, tf.one_hot(tf.cast(number, tf.int32), self.classes)

    def source(self, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Codes and one-hot categories of generated rows, as `prior` has them."""
        return self.prior(noise)

    def drawn(self, law: CellLaw, codes: tf.Tensor, classes: tf.Tensor, noise: Any) -> tf.Tensor:
        """Standardised rows from standard normal noise (rows, columns)."""
        return self.likelihood.sample(law, classes, noise)

    @property
    def restored(self) -> Restored:
        """From generated rows and their one-hot categories to rows in the data's units."""
        inverse = self.units.inverse if self.units.gridded else self.units.linear
        return lambda rows, classes: inverse(rows)

    def restored_mean(self, rows: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """A mean of rows in the data's units, on no grid."""
        return self.units.linear(rows)

    @property
    def properties(self) -> dict[str, str]:
        """What the graphs say about themselves, beside `latent`."""
        return {}

    @property
    def parts(self) -> list[keras.Model]:
        """All networks."""
        heads = [] if self.classifier is None else [self.classifier]
        return [self.encoder, self.decoder, *heads, *self.discriminators.values()]


def uniform_of(noise: tf.Tensor) -> tf.Tensor:
    """The standard normal distribution function: uniform noise on (0, 1) from normal noise."""
    return (1 + tf.math.erf(noise / math.sqrt(2))) / 2


def mlp(name: str, inputs: int, hidden: Sequence[int], outputs: int) -> keras.Model:
    """Multilayer perceptron with ReLU and a linear output."""
    rows = keras.Input((inputs,))
    return keras.Model(rows, keras.layers.Dense(outputs)(hidden_layers(rows, hidden)), name=name)


def hidden_layers(tensor: tf.Tensor, widths: Sequence[int]) -> tf.Tensor:
    """Apply dense ReLU layers."""
    for width in widths:
        tensor = keras.layers.Dense(width, activation="relu")(tensor)
    return tensor


def summary(model: AAE) -> str:
    """Architecture and parameter counts of every network, as text."""
    lines: list[str] = []
    for part in model.parts:
        part.summary(print_fn=lines.append, line_length=80)
    return "\n".join(lines) + "\n"
