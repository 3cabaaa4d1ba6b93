"""The three pages, of invented numbers: as many runs as the default configuration has."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from aae.check.checking import check
from aae.check.page import page as check_page
from aae.compare.comparison import compare_runs
from aae.compare.history import History
from aae.compare.metrics import AUC, PASSED
from aae.compare.pairing import Values
from aae.compare.revisions import Revision
from aae.compare.versions import Compared
from aae.compare.view import page as compare_page
from aae.report.page import page as report_page
from aae.report.runs import read_reports
from aae.verdict.judge import Settings
from support.report_runs import Shape, write_runs

NAMES = {f"noise_{i}": Shape(2, 784, 0) for i in range(6)}
NAMES |= {"pooled": Shape(2, 784, 3), "digits": Shape(2, 64, 10)}
VARIANTS: dict[str, Any] = {
    "default": {},
    "article": {"model": {"likelihood": "mse"}},
    "no_adversary": {"model": {"adversary": "none"}},
}


def report_text() -> str:
    """As many runs as the default configuration has, of rows that cannot be compressed."""
    write_runs(NAMES, VARIANTS, {0: False})
    metrics = Path("reports/runs/digits/default/0/metrics.json")
    passed = json.loads(metrics.read_text())
    passed |= {"verdict": "not distinguished", "reason": "no test told them apart", "rejecting": []}
    metrics.write_text(json.dumps(passed))
    return report_page(read_reports([*NAMES], VARIANTS, [0]))


def check_text() -> str:
    rows = np.random.default_rng(0).normal(size=(2, 300, 5))
    rows[1, :, 1] = rows[1, :, 0] + 1
    for name, side in zip(("real.npy", "made.npy"), rows, strict=True):
        np.save(name, side)
    settings = Settings(permutations=239)
    paths = Path("real.npy"), Path("made.npy")
    return check_page([check(*paths, settings=settings, tolerance={"std": 0.1})])


def compare_text() -> str:
    rng = np.random.default_rng(0)
    base, other = (
        {
            (name, "default"): {
                seed: {"AUC": float(rng.normal() + by), "rmse": float(rng.normal())}
                for seed in range(8)
            }
            for name in ("uniform", "digits")
        }
        for by in (0, 3)
    )
    found = compare_runs(base, other)
    compared = Compared("HEAD", "wider", (("model.latent", "2", "8"),), found)
    return compare_page([compared], history(rng))


def history(rng: np.random.Generator) -> History:
    """Three runs of a branch and six experiments, of one name and several seeds."""

    def revision(name: str, **model: Any) -> Revision:
        runs: dict[int, Values] = {
            seed: {AUC: float(rng.random()), PASSED: float(rng.random() < 0.5)} for seed in range(5)
        }
        cell = "digits", "default"
        return Revision(name, {"model": model}, {cell: runs}, {cell: {"real rows": 100}})

    return History(
        [revision(f"a{i}") for i in range(3)],
        [
            revision(f"e{i}", latent=2**i, prior="uniform" if i % 2 else "gaussian")
            for i in range(6)
        ],
        ["older is left out: expected metrics of older, got none"],
    )


PAGES = {"report": report_text, "check": check_text, "compare": compare_text}
