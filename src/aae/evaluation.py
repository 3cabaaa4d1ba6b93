"""Evaluation."""

from dataclasses import dataclass, field


@dataclass
class Evaluate:
    rows: int = 1000
    permutations: int = 999
    alpha: float = 0.05
    seed: int = 0
    resolution: float = 1e-4
    noise_levels: list[float] = field(default_factory=lambda: [0.1, 0.5, 1.0])
