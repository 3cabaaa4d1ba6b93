"""What is configured of a table: ranges, and a schema."""

from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from support.tables import refusal

from aae.tables.source import TableSource


@pytest.mark.parametrize(
    "values, part",
    [
        ({}, "path to be a relative path inside the project, without `:`, ending in one of .csv, "),
        ({"path": "/data/x.csv"}, "'/data/x.csv'"),
        ({"path": "data/../../x.csv"}, "inside the project"),
        *[({"path": f"{way}://host/x.csv"}, "without `:`") for way in ("https", "s3", "remote")],
        ({"path": "x.txt"}, "'x.txt'"),
        ({"path": ".csv"}, "'.csv'"),
        ({"path": 3}, "got 3"),
        ({"label": ""}, "label to be a column name, or nothing, got ''"),
        ({"label": 3}, "label to be a column name, or nothing, got 3"),
        ({"group": ""}, "group to be a column name, or nothing, got ''"),
        *[
            ({"test_share": share}, f"test_share to be a number in (0, 1), got {share!r}")
            for share in (0.0, 1, -1.0, np.nan, True, "0.5")
        ],
        *[
            ({"seed": seed}, f"seed to be a whole number >= 0, got {seed!r}")
            for seed in (-1, 1.5, True, "0")
        ],
    ],
)
def test_refused_sources(values: dict[str, Any], part: str) -> None:
    values = {"path": "x.csv"} | values if values else {}
    refusal(lambda: TableSource(**values), part)


def test_a_source_is_a_schema() -> None:
    values = {"path": "data/raw/digits.csv", "label": "digit", "test_share": 0.25, "seed": 3}
    merged = OmegaConf.merge(OmegaConf.structured(TableSource), values)
    assert OmegaConf.to_object(merged) == TableSource(**values)
    with pytest.raises(OmegaConfBaseException):
        OmegaConf.merge(OmegaConf.structured(TableSource), {"columns": 3})
