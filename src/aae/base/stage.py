"""A stage as a Hydra application: `python -m aae.stages.STAGE key=value`, params.yaml beside it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from aae.base.checks import one_of
from aae.base.journal import timed


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

    An error of the user's (ValueError, OSError) ends it with one line and exit code 1.
    """

    def decorate(task: Task) -> Callable[[], None]:
        def checked(config: DictConfig) -> None:
            try:
                with timed(Path(sys.argv[0]).stem, selection(config)):
                    task(config)
            except (ValueError, OSError) as error:
                sys.exit(f"error: {error}")

        ConfigStore.instance().store(name="stage", node=configuration)
        folder = str(Path.cwd())
        application = hydra.main(version_base="1.3", config_path=folder, config_name="stage")
        run: Callable[[], None] = application(checked)
        return run

    return decorate


def selection(config: DictConfig) -> list[str]:
    """Values of the keys that select what a stage works on."""
    return [str(config[key]) for key in config if key != "params"]


def selected(params: DictConfig, group: str, name: str) -> dict[str, Any]:
    """Return params.GROUP.NAME as plain values.

    Raises:
        ValueError: there is no such name; the message lists those that there are.
    """
    one_of([str(key) for key in params[group]]).check(f"a name in {group}", name)
    values: dict[str, Any] = OmegaConf.to_container(params[group])[name]  # type: ignore
    return values


def settings(path: Path) -> Any:
    """Return a YAML file as plain values."""
    return OmegaConf.to_container(OmegaConf.load(path))
