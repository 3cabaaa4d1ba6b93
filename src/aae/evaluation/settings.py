"""How models are judged: the `evaluate` section of params.yaml."""

from dataclasses import dataclass, field

from aae.base.checks import expect, expect_at_least, expect_within
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
