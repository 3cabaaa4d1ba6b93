"""What `aae sweep --best` prints: 80 columns, no word broken, one legend."""

import io

import numpy as np
from rich.console import Console

from aae.compare.ranking import ranking
from aae.sweep.best import LEGEND, Ranking, layout

VALUES = "model.latent=2 variants.default.train.discriminator_learning_rate=0.0003"


def printed(seeds: int, times: int = 1) -> str:
    rng = np.random.default_rng(0)
    names = ["HEAD", "sweep-0123456789abcdef0123456789abcdef"]
    values = {name: dict(enumerate(rng.normal(size=seeds) / 3e6)) for name in names}
    one = Ranking("AUC gap, mean", ranking(values), dict.fromkeys(names, VALUES))
    file = io.StringIO()
    Console(file=file, width=80).print(layout([one] * times))
    return file.getvalue()


def test_80_columns_hold_every_word() -> None:
    for seeds in (1, 9):
        text = printed(seeds)
        assert max(map(len, text.splitlines())) <= 80
        assert {*VALUES.split(), "sweep-0123456789abcdef0123456789abcdef"} <= {*text.split()}
        assert {"best", "behind", "chance"} <= {*text.split()}


def test_the_legend_is_printed_once() -> None:
    assert " ".join(printed(9, times=3).split()).count(LEGEND) == 1
