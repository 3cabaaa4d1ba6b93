"""What a model variant is: its architecture and its training, as configured and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aae.base.checks import FLAG, MAPPING, at_least, expect, list_of, one_of, within
from aae.base.settings import check_fields, check_keys, setting

# What discriminators see. `auto` is that of codes, except under `Table`, which says why.
ADVERSARIES = {
    "auto": ("latent",),
    "latent": ("latent",),
    "data": ("data",),
    "both": ("latent", "data"),
    "none": (),
}
LIKELIHOODS = ("auto", "residual", "joint", "gaussian", "mse")
SAMPLING = ("joint", "prior")
PRIORS = ("gaussian", "gaussian_mixture", "swiss_roll", "uniform")
POSTERIORS = ("gaussian", "deterministic", "noise")
LABELS = ("given", "adversary", "ignored")
SCHEDULES = ("cosine", "plateau")
DEVICES = ("auto", "cpu")
WIDTHS = list_of(at_least(1))  # of hidden layers; none is allowed


@dataclass
class Model:
    """Architecture of the adversarial autoencoder.

    Args:
        latent: dimension of the latent code z.
        encoder: widths of the encoder's hidden layers, input side first.
        decoder: widths of the decoder's hidden layers, code side first.
        discriminator: widths of each discriminator's hidden layers.
        adversary: what the discriminator sees: `latent` codes against the prior (Makhzani et
            al., 2015), `data` rows against generated rows, `both`, or `none`; `auto`: codes, where
            rows are generated from the prior's codes, else none.
        likelihood: p(x | z): `residual`, one mean, variance and law of residuals for all columns of
            one marginal law; `joint`, on normal scores of columns that differ, residuals that
            depend on one another and on the code; `auto`: `residual` where columns are
            exchangeable within rows, else `joint`; `gaussian` with learned variance; or `mse`,
            unit variance whose samples are the decoder's mean, as in the article.
        codes: dimension of z under `joint`, whose columns need more of them; `latent` otherwise.
        sampling: codes that rows are generated from under `joint`: from the `joint` law of codes
            and residuals, or from the `prior`.
        prior: p(z), see `aae.model.priors`.
        posterior: q(z | x): `gaussian`, `deterministic`, or `noise`, a function of the row and of
            noise (Makhzani et al., section 2).
        information: weight of KL(q(z | x) || p(z)) beside the likelihood; 0 unless prior and
            posterior are gaussian.
        labels: what labels are for, where rows have them: `given` to the decoder (and learned by
            the encoder), shown to the `adversary` alone, or `ignored`.
        labelled: number of training rows whose labels are `given`, none of them held back for
            validation; 0: of all.
        clusters: most categories that the encoder finds where no labels are given.
        classifier: whether labelled data train a classifier head on the code of the
            reconstruction, as in the article.

    Raises:
        ValueError: a value is out of range.
    """

    latent: int = setting(2, at_least(1))
    encoder: list[int] = setting([64, 32], WIDTHS)
    decoder: list[int] = setting([32, 64], WIDTHS)
    discriminator: list[int] = setting([64, 32], WIDTHS)
    adversary: str = setting("auto", one_of(tuple(ADVERSARIES)))
    likelihood: str = setting("auto", one_of(LIKELIHOODS))
    codes: int = setting(8, at_least(1))
    sampling: str = setting("joint", one_of(SAMPLING))
    prior: str = setting("gaussian", one_of(PRIORS))
    posterior: str = setting("gaussian", one_of(POSTERIORS))
    information: float = setting(1.0, within("[0, 1000]"))
    labels: str = setting("given", one_of(LABELS))
    labelled: int = setting(0, at_least(0))
    clusters: int = setting(3, at_least(1))
    classifier: bool = setting(False, FLAG)

    def __post_init__(self) -> None:
        """Check each setting, and those that go together."""
        check_fields(self, "model")
        given = self.labels == "given" or self.labelled == 0
        expect(given, "model.labelled 0 unless model.labels is given", self.labelled)
        divergence = self.prior == "gaussian" and self.posterior == "gaussian"
        expect(
            divergence or self.information == 0,
            "model.information 0 unless model.prior and model.posterior are gaussian",
            self.information,
        )
        expect(
            self.likelihood != "joint" or not self.beyond_joint,
            "model.likelihood other than joint with labels of the adversary or of few rows, a "
            "classifier, or another prior or posterior than gaussian",
            self.likelihood,
        )
        if self.prior == "swiss_roll":
            at_least(2).check("model.latent of a swiss_roll", self.latent)

    @property
    def all_labels_given(self) -> bool:
        """Whether a row's label is its category, in all rows."""
        return self.labels == "given" and self.labelled == 0

    @property
    def beyond_joint(self) -> bool:
        """Whether a mode of the paper is asked for that `joint` does not have."""
        shapes = self.prior, self.posterior
        labels = self.labels == "adversary" or self.labelled > 0
        return labels or self.classifier or shapes != ("gaussian", "gaussian")


@dataclass
class Train:
    """Training policy.

    Args:
        epochs: largest number of passes over the training rows.
        batch_size: rows a step; all of them where there are fewer.
        learning_rate: of Adam, for the autoencoder.
        discriminator_learning_rate: the same for the discriminators.
        reconstruction_weight: lambda of L_T = lambda L_R + (1 - lambda) L_C.
        adversary_weight: of the adversarial losses within L_C.
        validation_split: share of the training rows held back for validation.
        max_steps: largest number of steps: where all epochs would have more, each passes over a
            share of the rows, another one every time.
        steps: of training under `joint`, whatever the number of rows, up to `max_steps`.
        noise: standard deviation of what is added to the scores of a step's rows under `joint`.
        decay: of weights under `joint`, a step and unit of the learning rate.
        label_noise: share of the labels that another class replaces, drawn at random: what a
            model makes of wrong labels.
        schedule: `cosine`: all epochs, the learning rates fall to 0 and the weights are averaged;
            `plateau`: early stopping and a lower learning rate where the validation loss stays.
        patience: epochs without a better validation loss before training stops.
        plateau_patience: epochs without one before the learning rate is reduced.
        plateau_factor: what the learning rate is multiplied with on a plateau.
        min_learning_rate: the learning rate is not reduced below this.
        device: `auto`: a GPU where TensorFlow finds one (untested: there was none); `cpu`: none.

    Raises:
        ValueError: a value is out of range.
    """

    epochs: int = setting(300, at_least(1))
    batch_size: int = setting(200, at_least(1))
    learning_rate: float = setting(5e-3, within("(0, 1]"))
    discriminator_learning_rate: float = setting(1e-3, within("(0, 1]"))
    reconstruction_weight: float = setting(0.5, within("[0, 1]"))
    adversary_weight: float = setting(10.0, within("[0, 1000]"))
    validation_split: float = setting(0.1, within("(0, 1)"))
    max_steps: int = setting(6000, at_least(1))
    steps: int = setting(1500, at_least(1))
    noise: float = setting(0.3, within("[0, 10]"))
    decay: float = setting(1.0, within("[0, 100]"))
    label_noise: float = setting(0.0, within("[0, 1]"))
    schedule: str = setting("cosine", one_of(SCHEDULES))
    patience: int = setting(10, at_least(1))
    plateau_patience: int = setting(5, at_least(1))
    plateau_factor: float = setting(0.2, within("(0, 1)"))
    min_learning_rate: float = setting(1e-4, within("(0, 1]"))
    device: str = setting("auto", one_of(DEVICES))

    def __post_init__(self) -> None:
        """Check each setting."""
        check_fields(self, "train")


@dataclass(frozen=True)
class Recipe:
    """A variant in full: what stands in `model` and `train`, with the variant's differences."""

    model: Model
    train: Train

    @classmethod
    def merged(cls, base: Mapping[str, Any], variant: str, changes: Mapping[str, Any]) -> "Recipe":
        """Put the differences of a variant over the base configuration.

        Args:
            base: holds the sections `model` and `train`.
            variant: the variant's name, for messages.
            changes: sections `model` and `train`, each with the keys that differ.

        Raises:
            ValueError: an unknown section or key, or a value out of range.
        """
        sections = {"model": Model, "train": Train}
        MAPPING.check(f"variants.{variant}", changes)
        for section in changes:
            one_of(tuple(sections)).check(f"variants.{variant}'s section", section)
        merged = {}
        for section, kind in sections.items():
            difference = changes.get(section) or {}
            check_keys(kind, base[section], section)
            check_keys(kind, difference, f"variants.{variant}.{section}")
            merged[section] = kind(**{**base[section], **difference})
        return cls(**merged)
