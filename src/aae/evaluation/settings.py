"""How models are judged: the `evaluate` section of params.yaml."""

from dataclasses import dataclass

from aae.base.checks import at_least, list_of, within
from aae.base.settings import check_fields, same_as, setting
from aae.verdict.judge import Settings


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

    rows: int = setting(1000, at_least(2))
    permutations: int = same_as(Settings, "permutations")
    part_permutations: int = setting(239, at_least(1))
    alpha: float = same_as(Settings, "alpha")
    seed: int = same_as(Settings, "seed")
    resolution: float = same_as(Settings, "resolution")
    noise_levels: list[float] = setting([0.1, 0.5, 1.0], list_of(within("[0, 100]")))

    def __post_init__(self) -> None:
        """Check each setting, and that either number of permutations can reject at alpha."""
        check_fields(self, "evaluate")
        for name in ("permutations", "part_permutations"):
            try:
                self.settings(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"evaluate.{name}: {error}") from None

    def settings(self, permutations: int) -> Settings:
        """Settings of a verdict with so many permutations."""
        return Settings(permutations, self.alpha, self.seed, self.resolution)
