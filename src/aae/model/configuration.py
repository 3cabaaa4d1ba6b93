"""What a model variant is: its architecture and its training, as configured and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from aae.base.checks import expect, expect_at_least, expect_choice, expect_sizes, expect_within

ADVERSARIES = ("latent", "data", "both", "none")
LIKELIHOODS = ("residual", "gaussian", "mse")
PRIORS = ("gaussian", "gaussian_mixture", "swiss_roll", "uniform")
POSTERIORS = ("gaussian", "deterministic", "noise")
LABELS = ("given", "adversary", "ignored")
SCHEDULES = ("cosine", "plateau")


@dataclass
class Model:
    """Architecture of the adversarial autoencoder.

    Args:
        latent: dimension of the latent code z.
        encoder: widths of the encoder's hidden layers, input side first.
        decoder: widths of the decoder's hidden layers, code side first.
        discriminator: widths of each discriminator's hidden layers.
        adversary: what the discriminator sees: `latent` codes against the prior (Makhzani et
            al., 2015), `data` rows against generated rows, `both`, or `none`.
        likelihood: p(x | z): `residual`, one mean, variance and law of residuals for all columns of
            one marginal law; `gaussian` with learned variance; or `mse`, unit variance whose
            samples are the decoder's mean, as in the article.
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

    latent: int = 2
    encoder: list[int] = field(default_factory=lambda: [64, 32])
    decoder: list[int] = field(default_factory=lambda: [32, 64])
    discriminator: list[int] = field(default_factory=lambda: [64, 32])
    adversary: str = "latent"
    likelihood: str = "residual"
    prior: str = "gaussian"
    posterior: str = "gaussian"
    information: float = 1.0
    labels: str = "given"
    labelled: int = 0
    clusters: int = 3
    classifier: bool = False

    def __post_init__(self) -> None:
        """Check the ranges."""
        expect_at_least("model.latent", self.latent, 1)
        expect_sizes("model.encoder", self.encoder)
        expect_sizes("model.decoder", self.decoder)
        expect_sizes("model.discriminator", self.discriminator)
        expect_choice("model.adversary", self.adversary, ADVERSARIES)
        expect_choice("model.likelihood", self.likelihood, LIKELIHOODS)
        expect_choice("model.prior", self.prior, PRIORS)
        expect_choice("model.posterior", self.posterior, POSTERIORS)
        expect_within("model.information", self.information, "[0, 1000]")
        expect_choice("model.labels", self.labels, LABELS)
        expect_at_least("model.labelled", self.labelled, 0)
        expect(
            self.labelled == 0 or self.labels == "given",
            "model.labelled 0 unless model.labels is given",
            self.labelled,
        )
        expect_at_least("model.clusters", self.clusters, 1)
        expect(isinstance(self.classifier, bool), "model.classifier true or false", self.classifier)
        divergence = self.prior == "gaussian" and self.posterior == "gaussian"
        expect(
            divergence or self.information == 0,
            "model.information 0 unless model.prior and model.posterior are gaussian",
            self.information,
        )
        if self.prior == "swiss_roll":
            expect_at_least("model.latent of a swiss_roll", self.latent, 2)


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
        label_noise: share of the labels that another class replaces, drawn at random: what a
            model makes of wrong labels.
        schedule: `cosine`: all epochs, the learning rates fall to 0 and the weights are averaged;
            `plateau`: early stopping and a lower learning rate where the validation loss stays.
        patience: epochs without a better validation loss before training stops.
        plateau_patience: epochs without one before the learning rate is reduced.
        plateau_factor: what the learning rate is multiplied with on a plateau.
        min_learning_rate: the learning rate is not reduced below this.

    Raises:
        ValueError: a value is out of range.
    """

    epochs: int = 300
    batch_size: int = 200
    learning_rate: float = 5e-3
    discriminator_learning_rate: float = 1e-3
    reconstruction_weight: float = 0.5
    adversary_weight: float = 10.0
    validation_split: float = 0.1
    label_noise: float = 0.0
    schedule: str = "cosine"
    patience: int = 10
    plateau_patience: int = 5
    plateau_factor: float = 0.2
    min_learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        """Check the ranges."""
        expect_at_least("train.epochs", self.epochs, 1)
        expect_at_least("train.batch_size", self.batch_size, 1)
        expect_at_least("train.patience", self.patience, 1)
        expect_at_least("train.plateau_patience", self.plateau_patience, 1)
        expect_within("train.learning_rate", self.learning_rate, "(0, 1]")
        expect_within(
            "train.discriminator_learning_rate", self.discriminator_learning_rate, "(0, 1]"
        )
        expect_within("train.reconstruction_weight", self.reconstruction_weight, "[0, 1]")
        expect_within("train.adversary_weight", self.adversary_weight, "[0, 1000]")
        expect_within("train.validation_split", self.validation_split, "(0, 1)")
        expect_within("train.label_noise", self.label_noise, "[0, 1]")
        expect_choice("train.schedule", self.schedule, SCHEDULES)
        expect_within("train.plateau_factor", self.plateau_factor, "(0, 1)")
        expect_within("train.min_learning_rate", self.min_learning_rate, "(0, 1]")


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
        for section in changes:
            expect_choice(f"variants.{variant}'s section", section, tuple(sections))
        merged = {}
        for section, kind in sections.items():
            known = tuple(item.name for item in fields(kind))
            difference = changes.get(section) or {}
            for key in difference:
                expect_choice(f"variants.{variant}.{section}'s key", key, known)
            merged[section] = kind(**{**base[section], **difference})
        return cls(**merged)
