"""All settings speak one dialect: each has one default and one rule, and a wrong value is named."""

import ast
import sys
from copy import deepcopy
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from support.project import PROJECT

from aae.base.settings import rule_of
from aae.evaluation.settings import Evaluate
from aae.laws.contract import Sizes
from aae.laws.registry import LAWS
from aae.model.configuration import Model, Train
from aae.pipeline.configure import leaves
from aae.tables.source import TableSource
from aae.verdict.judge import Settings

sys.path.append(str(PROJECT / "src/plugins"))
from hydra_plugins.aae_schema import checked_names  # noqa: E402

KINDS: tuple[type, ...] = (Sizes, *LAWS.values(), TableSource, Model, Train, Evaluate, Settings)
CLASSES = {each.__name__: each for each in KINDS}
NEEDED = {"TableSource": {"path": "a.csv"}}
FIELDS = [
    (name, each.name) for name, kind in CLASSES.items() for each in fields(kind) if rule_of(each)
]
PARAMS = yaml.safe_load((PROJECT / "params.yaml").read_text())

simple = st.none() | st.text(max_size=3) | st.integers(max_value=-1) | st.floats(allow_nan=True)
anything = (
    simple | st.booleans() | st.lists(simple, min_size=1) | st.dictionaries(st.text(), simple)
)
OUTSIDE = st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e31, -1e31, 10**400])


def field_of(name: str, key: str) -> Field[Any]:
    return next(each for each in fields(CLASSES[name]) if each.name == key)


def default_of(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


def wrong(default: Any) -> st.SearchStrategy[Any]:
    """Values of another type than a default's, and numbers that no range holds."""
    match default:
        case bool():
            return anything.filter(lambda value: not isinstance(value, bool))
        case int():
            return anything
        case float():
            other = anything.filter(lambda value: not isinstance(value, (int, float)))
            return other | OUTSIDE | st.booleans()
        case str() | None:
            return anything.filter(lambda value: value is not None and not isinstance(value, str))
        case list():
            return anything.filter(lambda value: not isinstance(value, list))
        case dict():
            return anything.filter(lambda value: not isinstance(value, dict))
    raise AssertionError(f"no wrong values of {default!r}")


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_has_a_rule(name: str) -> None:
    without = {each.name for each in fields(CLASSES[name]) if rule_of(each) is None}
    assert without == ({"kind"} if name in {law.__name__ for law in LAWS.values()} else set())


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in ("Pooled", *NEEDED)])
def test_defaults_obey_their_rules(name: str) -> None:
    CLASSES[name]()


@settings(deadline=None, max_examples=10)
@given(st.data())
@pytest.mark.parametrize(("name", "key"), FIELDS)
def test_a_value_of_a_wrong_type_or_range_is_named(name: str, key: str, data: Any) -> None:
    value = data.draw(wrong(default_of(field_of(name, key))))
    with pytest.raises(ValueError) as caught:
        CLASSES[name](**{**NEEDED.get(name, {}), key: value})
    message = str(caught.value)
    assert message.startswith("expected ") and ", got " in message and len(message.split("\n")) == 1
    assert key in message.partition(" to be ")[0]


CONFIGURED = [
    key
    for key, value in leaves(PARAMS).items()
    if key.partition(".")[0] not in ("names", "variants") and value != {}
]


@settings(deadline=None, max_examples=3)
@given(st.data())
@pytest.mark.parametrize("key", CONFIGURED)
def test_a_wrong_value_of_any_key_is_named_before_anything_is_written(key: str, data: Any) -> None:
    params = deepcopy(PARAMS)
    *path, last = key.split(".")
    branch = params
    for each in path:
        branch = branch[each]
    branch[last] = data.draw(wrong(branch[last]))
    with pytest.raises(ValueError) as caught:
        checked_names(OmegaConf.create(params))
    assert "expected " in str(caught.value) and "\n" not in str(caught.value)
    assert last in str(caught.value)


def constants(path: Path) -> dict[str, Any]:
    """Names that a file gives a default to, as field or argument, and the constants if it does."""
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            found[ast.unparse(node.target)] = node.value.value
        elif isinstance(node, ast.arguments):
            places = [*node.posonlyargs, *node.args]
            pairs: list[tuple[ast.arg, ast.expr | None]] = [
                *zip(places[::-1], node.defaults[::-1], strict=False)
            ]
            pairs += [*zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            found |= {
                place.arg: value.value for place, value in pairs if isinstance(value, ast.Constant)
            }
    return found


def test_no_other_code_states_a_default() -> None:
    """Of settings whose name means one thing only: not of `rows`, `seed` or `alpha`."""
    named = {key for _, key in FIELDS if "_" in key} | {"permutations", "resolution"}
    stated = {
        (path.relative_to(PROJECT).as_posix(), name)
        for path in (PROJECT / "src").rglob("*.py")
        for name in constants(path)
        if name in named
    }
    assert stated == set()


@pytest.mark.parametrize("section", ["model", "train", "evaluate"])
def test_conf_states_no_default_of_a_section(section: str) -> None:
    assert yaml.safe_load((PROJECT / f"conf/{section}/default.yaml").read_text()) is None


def entries(group: str) -> list[tuple[str, dict[str, Any]]]:
    files = sorted((PROJECT / "conf" / group).glob("*.yaml"))
    return [item for each in files for item in yaml.safe_load(each.read_text())[group].items()]


@pytest.mark.parametrize(("name", "values"), entries("distributions") + entries("tables"))
def test_conf_states_no_default_of_a_name(name: str, values: dict[str, Any]) -> None:
    kind = PARAMS["distributions"].get(name, {}).get("kind")
    classes = [TableSource] if kind is None else [Sizes, LAWS[kind]]
    defaults = {each.name: default_of(each) for kind in classes for each in fields(kind)}
    assert {key for key, value in values.items() if value == defaults.get(key)} == set()


def test_the_command_line_states_no_default() -> None:
    found = constants(PROJECT / "src/aae/cli/check.py")
    assert not {"permutations", "alpha"} & set(found)
