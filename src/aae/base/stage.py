"""A stage as a Hydra application: `python -m aae.stages.STAGE key=value`, params.yaml beside it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hydra
import yaml
from hydra.core.config_store import ConfigStore
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from aae.base.checks import MAPPING, NAME, one_of
from aae.base.journal import timed
from aae.base.plain_yaml import Refused, check_yaml

PARAMS = Path("params.yaml")


def _defaults() -> list[Any]:
    quiet = [{"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}]
    return ["_self_", "params@params", *quiet]


def _no_run_folder() -> dict[str, Any]:
    return {"run": {"dir": "."}, "output_subdir": None, "job": {"chdir": False}}


@dataclass
class Application:
    """Primary configuration of a stage; subclasses add the keys that select what it works on."""

    params: Any = None
    defaults: list[Any] = field(default_factory=_defaults)
    hydra: Any = field(default_factory=_no_run_folder)


Task = Callable[[DictConfig], None]


def stage(configuration: type[Application]) -> Callable[[Task], Callable[[], None]]:
    """Turn a function of the configuration into a Hydra application.

    An error of the user's (ValueError, OSError), words that Hydra refuses and want of memory end it
    with one line and exit code 1, a params.yaml that is no plain YAML with exit code 2.
    """

    def decorate(task: Task) -> Callable[[], None]:
        def checked(config: DictConfig) -> None:
            with one_line_errors():  # here, too: Hydra adds a line to what it hands on
                for key in ("name", "variant", "measure"):  # of folders, whoever wrote params.yaml
                    if key in config:
                        NAME.check(key, config[key])
                with timed(Path(sys.argv[0]).stem, selection(config)):
                    task(config)

        ConfigStore.instance().store(name="stage", node=configuration)
        folder = str(Path.cwd())
        application = hydra.main(version_base="1.3", config_path=folder, config_name="stage")
        run: Callable[[], None] = application(checked)

        def main() -> None:
            with one_line_errors():
                check_yaml([PARAMS])
                run()

        return main

    return decorate


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End the process with one line for what is no fault of the code."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises what it else prints with a traceback
    try:
        yield
    except (Refused, yaml.YAMLError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except (ValueError, OSError, HydraException, OmegaConfBaseException) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
    except MemoryError:
        sys.exit("error: expected memory for this stage, got none: fewer rows, or more memory")
    except KeyboardInterrupt:
        sys.exit("error: stopped; started again, it runs anew")


def selection(config: DictConfig) -> list[str]:
    """Values of the keys that select what a stage works on."""
    return [str(config[key]) for key in config if key != "params"]


def selected(params: DictConfig, group: str, name: str) -> dict[str, Any]:
    """Return params.GROUP.NAME as plain values.

    Raises:
        ValueError: there is no such name; the message lists those that there are.
    """
    section = OmegaConf.select(params, group) if OmegaConf.is_dict(params) else None
    MAPPING.check(f"{group} of {PARAMS}", section)
    one_of([str(key) for key in section or ()]).check(f"a name in {group}", name)
    values: dict[str, Any] = OmegaConf.to_container(section)[name]  # type: ignore
    if not isinstance(values, str):  # a path, of what is unpacked
        MAPPING.check(f"{group}.{name}", values)
    return values


def settings(path: Path) -> Any:
    """Return a YAML file as plain values."""
    return OmegaConf.to_container(OmegaConf.load(path))
