"""A table as people have them: mixed columns, gaps, and dependences that are known."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

Columns = Mapping[str, Any]
CITIES = [f"city {j}" for j in range(8)]


def people(rows: int, seed: int) -> pa.Table:
    """Whole numbers, money with many zeros, three kinds of categories, a boolean, gaps, a class.

    Education raises wages, hours and the chance of a gain; men work longer; the wage of the
    self-employed is often missing; the city says the height; time stamps grow with the number.
    """
    rng = np.random.default_rng(seed)
    education = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    male = rng.random(rows) < 0.6
    work = np.where(rng.random(rows) < 0.1 + 0.2 * education, "self", "private")
    work = np.where(rng.random(rows) < 0.1, "state", work)
    city = rng.choice(8, rows, p=np.arange(8, 0, -1) / 36)
    age = np.clip(np.round(18 + rng.gamma(4, 6, rows)), 18, 90)
    hours = np.round(np.clip(38 + 4 * male + 2 * education + rng.normal(0, 6, rows), 5, 80))
    wage = np.round(np.exp(2.5 + 0.4 * education + 0.01 * age + rng.normal(0, 0.3, rows)), 2)
    gain = rng.random(rows) < 0.1 + 0.25 * education
    missing = rng.random(rows) < np.where(work == "self", 0.5, 0.08)
    rich = wage + 0.3 * hours + rng.normal(0, 3, rows) > 36
    time = 1_700_000_000_000 + (age * 1e9 + rng.normal(0, 5e9, rows)).astype(np.int64)
    return pa.table(
        {
            "age": age.astype(np.int64),
            "work": pa.array(work, mask=rng.random(rows) < 0.05),
            "education": np.array(["school", "college", "doctor"])[education],
            "city": np.array(CITIES)[city],
            "male": male,
            "hours": hours.astype(np.int64),
            "wage": pa.array(wage, mask=missing),
            "gain": np.where(gain, np.round(np.exp(7 + rng.normal(0, 1, rows))), 0).astype(
                np.int64
            ),
            "height": np.round(160 + 8 * male + 2.0 * city + rng.normal(0, 5, rows), 1),
            "time": time,
            "rich": np.where(rich, ">50K", "<=50K"),
        }
    )


def numbers(table: pa.Table) -> dict[str, Any]:
    """Columns as NumPy arrays: numbers with NaN for a gap, or text with an empty one."""
    columns = {}
    for name in table.column_names:
        cells = table.column(name)
        if pa.types.is_string(cells.type):
            columns[name] = np.array(cells.fill_null("").to_pylist())
        else:
            columns[name] = cells.cast("float64").to_numpy()
    return columns


def _mean(of: str, where: Callable[[Columns], Any]) -> Callable[[Columns], float]:
    return lambda c: float(np.nanmean(c[of][where(c)]) - np.nanmean(c[of][~where(c)]))


def _correlation(one: str, other: str) -> Callable[[Columns], float]:
    def value(c: Columns) -> float:
        both = ~np.isnan(c[one]) & ~np.isnan(c[other])
        return float(np.corrcoef(c[one][both], c[other][both])[0, 1])

    return value


def _missing(c: Columns) -> float:
    gap = np.isnan(c["wage"])
    return float(gap[c["work"] == "self"].mean() - gap[c["work"] == "private"].mean())


def _work(c: Columns) -> float:
    doctors, school = c["education"] == "doctor", c["education"] == "school"
    own = c["work"] == "self"
    return float(own[doctors].mean() - own[school].mean())


# What `people` plants, each a number that is 0 where the columns are independent.
PLANTED: dict[str, Callable[[Columns], float]] = {
    "wage of doctors": _mean("wage", lambda c: c["education"] == "doctor"),
    "wage of school": _mean("wage", lambda c: c["education"] == "school"),
    "hours of men": _mean("hours", lambda c: c["male"] == 1),
    "height of men": _mean("height", lambda c: c["male"] == 1),
    "height in city 7": _mean("height", lambda c: c["city"] == "city 7"),
    "height in city 0": _mean("height", lambda c: c["city"] == "city 0"),
    "no gain at school": lambda c: float(
        (c["gain"] == 0)[c["education"] == "school"].mean()
        - (c["gain"] == 0)[c["education"] == "doctor"].mean()
    ),
    "gaps of the self-employed": _missing,
    "self-employed doctors": _work,
    "time by age": _correlation("time", "age"),
    "wage by age": _correlation("wage", "age"),
    "wage of the rich": _mean("wage", lambda c: c["rich"] == ">50K"),
    "doctors among the rich": lambda c: float(
        (c["education"] == "doctor")[c["rich"] == ">50K"].mean()
        - (c["education"] == "doctor")[c["rich"] != ">50K"].mean()
    ),
}
