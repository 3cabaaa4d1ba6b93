"""Laws by kind: parameters that are refused, the schema, and law.json."""

import json
import math
from dataclasses import asdict, fields, make_dataclass

import numpy as np
import pytest
from support.laws import (
    COLUMNS,
    LAW,
    PARAMETERS,
    POOLED,
    every_law,
    pooled,
)

from aae.laws.contract import Sizes
from aae.laws.moments import PopulationMoments, cell_moments
from aae.laws.registry import LAWS, describe, law_from

NOTHING = {"kind": "normal_mixture", "means": [], "sigmas": [], "weights": []}
NUMBER = r"to be a number in \[-1e30, 1e30\], got "
POSITIVE = r"to be a number in \(0, 1e30\], got "
SHARE = r"to be a number in \[0, 1\], got "
BAD = [
    ({"kind": "foo"}, "unknown distribution kind 'foo': expected one of uniform, normal, density"),
    ({"kind": ["uniform"]}, r"unknown distribution kind \['uniform'\]: expected one of"),
    ({"low": 0}, "expected a kind, one of uniform, .*, got .'low'"),
    (None, "expected a law to be a mapping, got None"),
    ({"kind": "uniform", "scale": 1}, "unknown parameter 'scale' of 'uniform': .* low, high"),
    ({"kind": "uniform", "rows": 1}, "unknown parameter 'rows'"),
    ({"kind": "uniform", "low": 2.0}, r"expected low < high, got \(2.0, 1.0\)"),
    ({"kind": "uniform", "low": 1.0, "high": 1.0}, r"expected low < high, got \(1.0, 1.0\)"),
    ({"kind": "uniform", "low": math.nan}, f"expected low {NUMBER}nan"),
    ({"kind": "uniform", "high": math.inf}, f"expected high {NUMBER}inf"),
    ({"kind": "uniform", "high": 1e300}, f"expected high {NUMBER}1e.300"),
    ({"kind": "uniform", "high": "1"}, f"expected high {NUMBER}'1'"),
    ({"kind": "uniform", "high": True}, f"expected high {NUMBER}True"),
    ({"kind": "uniform", "low": 1.0, "high": 1 + 1e-9}, "expected a spread that float32 resolves"),
    ({"kind": "normal", "mean": 1e9}, r"resolves, got {'std': \[1.0\], 'mean': \[10+.0\]}"),
    ({"kind": "normal", "rho": 1.5}, f"expected rho {SHARE}1.5"),
    ({"kind": "normal", "rho": -0.1}, f"expected rho {SHARE}-0.1"),
    ({"kind": "normal", "mean": None}, f"expected mean {NUMBER}None"),
    ({"kind": "density", "center": [1.0]}, r"expected center to be a list of 2, .* got \[1.0\]"),
    ({"kind": "density", "center": 1.0}, "expected center to be a list of 2, .* got 1.0"),
    ({"kind": "density", "center": [0, "1"]}, rf"expected center\[1\] {NUMBER}'1'"),
    ({"kind": "density", "variance": 0}, f"expected variance {POSITIVE}0"),
    ({"kind": "density", "variance": 1e-9}, r"a spread .*, got {'std': \[0.0, 0.0\]"),
    ({"kind": "density", "points": 1}, "expected points to be a whole number >= 2, got 1"),
    ({"kind": "density", "points": 9.5}, "expected points to be a whole number >= 2, got 9.5"),
    ({"kind": "density", "low": 3}, r"expected low < high, got \(3, 2.0\)"),
    ({"kind": "expon_neg", "scale": -1.0}, f"expected scale {POSITIVE}-1.0"),
    ({"kind": "expon_neg", "scale": 1e-300}, "expected a spread that float32 resolves"),
    ({"kind": "normal_expon", "sigma": 0.0}, f"expected sigma {POSITIVE}0.0"),
    ({"kind": "normal_expon", "scale": -2}, f"expected scale {POSITIVE}-2"),
    ({"kind": "normal_mixture", "means": []}, r"as many means as .*, got \[0, 2, 2\]"),
    (NOTHING, "expected weights that sum to 1, got 0"),
    ({"kind": "normal_mixture", "means": "12"}, "expected means to be a list, .* got '12'"),
    ({"kind": "normal_mixture", "means": [1]}, r"as many means as .*, got \[1, 2, 2\]"),
    ({"kind": "normal_mixture", "sigmas": [1, 0]}, rf"expected sigmas\[1\] {POSITIVE}0"),
    ({"kind": "normal_mixture", "weights": [0.5, 0.4]}, "weights that sum to 1, got 0.9"),
    ({"kind": "normal_mixture", "weights": [1.5, -0.5]}, rf"expected weights\[0\] {SHARE}1.5"),
    ({"kind": "normal_mixture", "weights": [0.5, -0.5]}, rf"expected weights\[1\] {SHARE}-0.5"),
    ({"kind": "pooled"}, "expected at least one component, got {}"),
    (pooled(components=[1]), r"expected components to be a mapping, got \[1\]"),
    (pooled(components={"a": None}), "component 'a': expected a law to be a mapping, got None"),
    (pooled(components={"a": POOLED}), "component 'a': unknown distribution kind 'pooled'"),
    (pooled(held_out={"a": POOLED}), "held-out law 'a': unknown distribution kind 'pooled'"),
    (pooled(held_out={"a": {"kind": "b"}}), "held-out law 'a': unknown distribution kind 'b'"),
    (pooled(shares={"uniform": 1.0}), r"expected a share for each of .*, got \['uniform'\]"),
    (pooled(shares=dict.fromkeys(POOLED["shares"], 0.5)), "shares that sum to 1, got 1.5"),
    (pooled(shares=dict.fromkeys(POOLED["shares"], "x")), rf"shares\[uniform\] {SHARE}'x'"),
]


@every_law
def test_description_is_json_and_agrees_with_the_law(name):
    law, content = LAW[name], describe(LAW[name], COLUMNS)
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert (content["kind"], content["classes"]) == (law.kind, law.classes)
    assert (content["columns"], content["support"]) == (COLUMNS, list(law.support()))
    assert (content["atoms"] is None) == (law.atoms() is None)
    np.testing.assert_array_equal(PopulationMoments(**content["moments"]), law.moments(COLUMNS))
    assert content["cells"] == cell_moments(law.moments(COLUMNS))._asdict()


@every_law
def test_the_tabulated_cdf_is_that_of_all_cells(name):
    law, cdf = LAW[name], describe(LAW[name], COLUMNS)["cdf"]
    values, shares = np.array(cdf["values"]), np.array(cdf["shares"])
    assert (np.diff(values) > 0).all() and (np.diff(shares) >= 0).all()
    assert shares[0] >= 0 and shares[-1] == pytest.approx(1, abs=1e-3)
    cells = np.sort(law.sample(4000, COLUMNS, np.random.default_rng(0)).rows.ravel())
    seen = np.searchsorted(cells, values.astype("f4") + 1e-6, side="right") / len(cells)
    assert np.abs(seen - shares).max() < 0.03


@every_law
def test_the_cdf_does_not_depend_on_how_it_is_cut(name, monkeypatch):
    whole = describe(LAW[name], COLUMNS)["cdf"]
    monkeypatch.setattr("aae.laws.registry.CDF_CELLS", 5 * COLUMNS)
    cut = describe(LAW[name], COLUMNS)["cdf"]
    assert cut["values"] == whole["values"]
    np.testing.assert_allclose(cut["shares"], whole["shares"], rtol=1e-13)  # BLAS sums otherwise


@pytest.mark.parametrize("kind", LAWS)
def test_schema_takes_and_returns_parameters(kind):
    omegaconf = pytest.importorskip("omegaconf")
    # As the configuration combines them: a law's parameters beside the sizes.
    both = make_dataclass(kind, [], bases=(LAWS[kind], Sizes))
    given_values = PARAMETERS[kind] | {"rows": 5}
    config = omegaconf.OmegaConf.merge(omegaconf.OmegaConf.structured(both), given_values)
    content = omegaconf.OmegaConf.to_container(config)
    sizes = Sizes(**{each.name: content.pop(each.name) for each in fields(Sizes)})
    assert sizes == Sizes(rows=5)
    assert law_from(content) == LAW[kind]
    assert law_from(asdict(LAW[kind])) == LAW[kind]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("parameters", "message"), BAD)
def test_bad_parameters_are_refused_in_one_line(parameters, message):
    with pytest.raises(ValueError, match=message) as caught:
        law_from(parameters)
    assert "\n" not in str(caught.value)


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="expected kind 'uniform', got 'normal'"):
        LAWS["uniform"](kind="normal")
