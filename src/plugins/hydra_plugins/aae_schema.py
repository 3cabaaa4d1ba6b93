"""Types and checks of conf/, registered with Hydra before it composes params.yaml.

DVC loads this file because `hydra.plugins_path` in .dvc/config names src/plugins/. That folder is
not on the stages' path: Hydra would load it, and with it all modules, into every stage.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, field, fields, make_dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import II, DictConfig, ListConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError

# The package of this very checkout, whichever one is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from aae.base.checks import MAPPING, NAME, at_least, expect, list_of, one_of
from aae.base.plain_yaml import Refused, check_yaml
from aae.base.settings import check_keys
from aae.dataset.extent import check_range
from aae.evaluation.settings import Evaluate
from aae.laws.contract import Sizes
from aae.laws.registry import LAWS, law_from
from aae.model.configuration import Model, Recipe, Train
from aae.pipeline.refusals import REFUSALS, in_one_line
from aae.studies.measures import check_study
from aae.tables.source import TableSource


def keys_of(*kinds: type) -> type:
    """A dataclass with the keys and defaults of others, whose values may be anything.

    Their types are checked together with their ranges, by `checked_names`: one line for either.
    """
    settings = {each.name: each for kind in kinds for each in fields(kind)}
    return make_dataclass(
        kinds[-1].__name__, [(name, Any, _default(each)) for name, each in settings.items()]
    )


def _default(setting: Field[Any]) -> Any:
    """A setting's default; of lists a tuple, which OmegaConf makes a list.

    With a factory instead, `Table` would not survive being pickled, as launchers do: a field lacks
    a default by `dataclasses.MISSING`, of which unpickling makes another object.
    """
    if setting.default_factory is MISSING:
        return field(default=setting.default)
    made = setting.default_factory()
    if isinstance(made, list):
        return field(default=tuple(made))
    return field(default_factory=setting.default_factory)


Table = keys_of(TableSource)


CONF = Path(__file__).resolve().parents[3] / "conf"


@dataclass
class Schema:
    """All that params.yaml may hold.

    `names`, all distributions and tables, is resolved first, which checks the rest.
    """

    names: list[str] = II("checked_names:")
    seeds: Any = field(default_factory=list)
    distributions: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)  # type: ignore[valid-type]
    variants: dict[str, Any] = field(default_factory=dict)
    model: Any = field(default_factory=keys_of(Model))
    train: Any = field(default_factory=keys_of(Train))
    evaluate: Any = field(default_factory=keys_of(Evaluate))
    floors: dict[str, Any] = field(default_factory=dict)
    study: dict[str, Any] = field(default_factory=dict)
    packaged: dict[str, str] = field(default_factory=dict)  # files of tables that packages ship


def checked_names(_root_: DictConfig) -> list[str]:
    """Names of all distributions and tables; every other value is checked on the way.

    Interpolations are resolved before params.yaml is written, so that a value out of range
    stops here with one line and leaves the file as it was.

    Raises:
        ValueError: a value is out of range, or a name stands for two things.
    """
    config = _resolved(_root_)
    check_keys(Schema, config, "params.yaml")
    for name, parameters in config["distributions"].items():
        _check(f"distributions.{name}", _check_distribution, parameters)
    for name, parameters in config["tables"].items():
        _check(f"tables.{name}", partial(_check_table, name), parameters)
    MAPPING.check("evaluate", config["evaluate"])
    Evaluate(**config["evaluate"])
    _check_variants(config)
    _check_seeds(config["seeds"])
    names = [*config["distributions"], *config["tables"]]
    _check_names(names)
    _check_floors(config, names)
    check_study(config["study"])
    return names


def refusing(resolver: Callable[[DictConfig], list[str]]) -> Callable[[DictConfig], list[str]]:
    """A resolver whose refusal ends the process with its one line.

    DVC would put an error of any other kind under "unexpected error", with an offer of support.
    """

    def resolved(_root_: DictConfig) -> list[str]:
        with one_line():
            return resolver(_root_)

    return resolved


@contextmanager
def one_line() -> Iterator[None]:
    """Turn a refusal into an exit, with one line."""
    try:
        yield
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {in_one_line(error)}")


def exit_with_one_line(record: logging.LogRecord) -> bool:
    """A filter of what DVC says last: a refusal of Hydra's ends the process with its one line."""
    if record.exc_info and isinstance(error := record.exc_info[1], (*REFUSALS, ValueError)):
        sys.exit(f"error: {in_one_line(error)}")
    return True


def _resolved(root: DictConfig) -> Any:
    keys = [str(key) for key in root if key not in ("names", "hydra")]
    try:
        return OmegaConf.to_container(OmegaConf.masked_copy(root, keys), resolve=True)
    except InterpolationKeyError as error:
        # Such as the components of `pooled`, when one is not in the list of distributions.
        missing = str(error).splitlines()[0]
        raise ValueError(f"{missing}: select what it belongs to as well") from None


def _check_variants(config: dict[str, Any]) -> None:
    expect(bool(config["variants"]), "at least one variant", [])
    for variant, changes in config["variants"].items():
        NAME.check("variant's name", variant)
        Recipe.merged(config, variant, changes)


def _check_seeds(seeds: list[int]) -> None:
    list_of(at_least(0)).check("seeds", seeds)
    expect(bool(seeds), "at least one seed", seeds)
    expect(len(set(seeds)) == len(seeds), "each seed once", seeds)


def _check_floors(config: dict[str, Any], names: list[str]) -> None:
    known = {"names": names, "variants": [*config["variants"]]}
    given = config["floors"]
    expect(set(given) == set(known), "floors with names, variants", [*given])
    for key, values in given.items():
        list_of(one_of(tuple(known[key]))).check(f"floors.{key}", values)


def _check_names(names: list[str]) -> None:
    expect(bool(names), "at least one distribution or table", names)
    for place, name in enumerate(names):
        NAME.check("name of a distribution or table", name)
        expect(name not in names[:place], "each name once", name)


def _check_distribution(parameters: dict[str, Any]) -> None:
    names = [each.name for each in fields(Sizes)]
    complete = set(names) <= set(parameters)
    expect(complete, "/law@distributions.NAME: KIND in the defaults list of its file", parameters)
    sizes = Sizes(**{name: parameters.pop(name) for name in names})
    law_from(parameters).check_columns(sizes.columns)


def _check_table(name: str, values: dict[str, Any]) -> None:
    """Check what is set; and the table, where `ingest` has not read it: DVC takes long to ask."""
    source = TableSource(**values)
    path, described = (CONF.parent / each for each in (source.path, f"data/{name}/table.json"))
    if not path.is_file():  # `unpack` may be to write it; else DVC names it
        return
    if not described.exists() or described.stat().st_mtime < path.stat().st_mtime:
        from aae.tables.formats import opened
        from aae.tables.reading import choose

        with opened(path, scratch=CONF.parent / "data") as file:
            chosen = choose(file, path.name, source.label, source.group, source.drop)
            table = chosen.profile()
        check_range(table.extremes, table.columns)


def _check(key: str, check: Callable[[dict[str, Any]], object], parameters: Any) -> None:
    MAPPING.check(key, parameters)
    try:
        check(parameters)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def first_key(section: str, _root_: DictConfig) -> ListConfig:
    """The first name of a section, such as the variant that others are compared with; if any."""
    return ListConfig([str(key) for key in _root_[section]][:1])


store = ConfigStore.instance()
schema = OmegaConf.structured(Schema)
# Names of one's own would leave all that asking for them checks unchecked.
OmegaConf.set_readonly(schema._get_node("names"), True)
store.store(name="schema", node=schema)
for kind, law in LAWS.items():
    store.store(group="law", name=kind, node=keys_of(Sizes, law))
OmegaConf.register_new_resolver("first_key", first_key, replace=True)
OmegaConf.register_new_resolver("checked_names", refusing(checked_names), replace=True)
logging.getLogger("dvc.cli").addFilter(exit_with_one_line)
with one_line():  # now, before Hydra reads them
    check_yaml(sorted(Path(os.path.relpath(CONF)).rglob("*.yaml")))
