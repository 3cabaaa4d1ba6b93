"""What a model variant is: its architecture and its training, as configured and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from aae.checks import expect, expect_at_least, expect_choice, expect_sizes, expect_within

ADVERSARIES = ("latent", "data", "both", "none")
LIKELIHOODS = ("gaussian", "mse")


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
        likelihood: p(x | z): `gaussian` with learned variance, or `mse`, unit variance whose
            samples are the decoder's mean, as in the article.
        classifier: whether labelled data train a classifier head on the code of the
            reconstruction.

    Raises:
        ValueError: a value is out of range.
    """

    latent: int = 2
    encoder: list[int] = field(default_factory=lambda: [64, 32])
    decoder: list[int] = field(default_factory=lambda: [32, 64])
    discriminator: list[int] = field(default_factory=lambda: [64, 32])
    adversary: str = "latent"
    likelihood: str = "gaussian"
    classifier: bool = True

    def __post_init__(self) -> None:
        """Check the ranges."""
        expect_at_least("model.latent", self.latent, 1)
        expect_sizes("model.encoder", self.encoder)
        expect_sizes("model.decoder", self.decoder)
        expect_sizes("model.discriminator", self.discriminator)
        expect_choice("model.adversary", self.adversary, ADVERSARIES)
        expect_choice("model.likelihood", self.likelihood, LIKELIHOODS)
        expect(isinstance(self.classifier, bool), "model.classifier true or false", self.classifier)


@dataclass
class Train:
    """Training policy.

    Args:
        epochs: largest number of passes over the training rows.
        batch_size: rows a step.
        learning_rate: of Adam, for the autoencoder and the discriminators alike.
        reconstruction_weight: lambda of L_T = lambda L_R + (1 - lambda) L_C.
        validation_split: share of the training rows held back for validation.
        patience: epochs without a better validation loss before training stops.
        plateau_patience: epochs without one before the learning rate is reduced.
        plateau_factor: what the learning rate is multiplied with on a plateau.
        min_learning_rate: the learning rate is not reduced below this.

    Raises:
        ValueError: a value is out of range.
    """

    epochs: int = 200
    batch_size: int = 128
    learning_rate: float = 1e-3
    reconstruction_weight: float = 0.5
    validation_split: float = 0.2
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
        expect_within("train.reconstruction_weight", self.reconstruction_weight, "[0, 1]")
        expect_within("train.validation_split", self.validation_split, "(0, 1)")
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
