"""Run one stage and record what it really reads: `python recorder.py OUT MODULE [key=value ...]`.

Nothing here knows dvc.yaml. A parameter counts as read when

- a field of a configuration dataclass that stands for it is read outside `__post_init__`: checking
  a value does not make a result depend on it; or
- it is looked up in the configuration, or in plain mappings made from it.

Unpacking a mapping into a dataclass is no read. OUT receives, as JSON, the keys read, the files of
data/ and reports/ opened for reading, and the modules imported.
"""

import dataclasses
import json
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hydra
import yaml
from omegaconf import DictConfig, OmegaConf

FOLDERS = ("data", "reports")


class Recorder:
    """What the stage has read; nothing is recorded while `paused` is not 0."""

    def __init__(self) -> None:
        self.paused = 1
        self.keys: set[str] = set()
        self.fields: list[tuple[Any, str]] = []
        self.files: set[str] = set()

    def key(self, key: str) -> None:
        if not self.paused:
            self.keys.add(key.removeprefix("params."))

    def field(self, instance: Any, name: str) -> None:
        if not self.paused:
            self.fields.append((instance, name))

    def opened(self, path: Any, mode: Any) -> None:
        if self.paused or not isinstance(path, str) or not str(mode).startswith("r"):
            return
        full = Path(path).absolute()
        relative = full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else full
        if relative.parts[0] in FOLDERS:
            self.files.add(str(relative))

    @contextmanager
    def switched(self, by: int) -> Iterator[None]:
        self.paused += by
        try:
            yield
        finally:
            self.paused -= by


RECORDER = Recorder()


class Tracked(dict[str, Any]):
    """A mapping of the configuration that records which of its keys are looked up."""

    def __init__(self, content: dict[str, Any], key: str):
        super().__init__({name: tracked(each, f"{key}.{name}") for name, each in content.items()})
        self._key = key

    def __getitem__(self, name: str) -> Any:
        RECORDER.key(f"{self._key}.{name}")
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        RECORDER.key(f"{self._key}.{name}")
        return super().get(name, default)

    def items(self) -> Any:
        for name in self:
            RECORDER.key(f"{self._key}.{name}")
        return super().items()

    def values(self) -> Any:
        self.items()
        return super().values()


def tracked(content: Any, key: str) -> Any:
    """Make nested mappings record their look-ups."""
    return Tracked(content, key) if isinstance(content, dict) else content


def watch_configuration() -> None:
    """Record look-ups in OmegaConf's mappings, and track plain mappings made from them."""
    to_container = OmegaConf.to_container

    def watched(config: Any, **options: Any) -> Any:
        with RECORDER.switched(1):
            plain, key = to_container(config, **options), config._get_full_key("")
        if not isinstance(plain, dict):
            RECORDER.key(key)
        return tracked(plain, key)

    OmegaConf.to_container = staticmethod(watched)  # type: ignore[assignment]
    for method in ("__getattr__", "__getitem__", "get"):
        setattr(DictConfig, method, watched_method(getattr(DictConfig, method)))
    iterate = DictConfig.__iter__

    def iterated(self: DictConfig) -> Iterator[Any]:
        for name in iterate(self):
            RECORDER.key(self._get_full_key(name))
            yield name

    DictConfig.__iter__ = iterated  # type: ignore[method-assign]


def watched_method(original: Callable[..., Any]) -> Callable[..., Any]:
    """Record the key that a look-up method of DictConfig is called with."""

    def method(self: DictConfig, key: Any, *rest: Any, **options: Any) -> Any:
        if not str(key).startswith("__"):
            RECORDER.key(self._get_full_key(key))
        return original(self, key, *rest, **options)

    return method


def watch_dataclasses() -> None:
    """Let every dataclass of the package record which of its fields are read."""
    original = dataclasses.dataclass

    def dataclass(cls: Any = None, /, **options: Any) -> Any:
        if cls is None:
            return lambda each: dataclass(each, **options)
        made = original(cls, **options)
        return watched_dataclass(made) if made.__module__.startswith("aae.") else made

    dataclasses.dataclass = dataclass


def watched_dataclass(cls: Any) -> Any:
    """Record reads of fields; reads from `__post_init__` do not count."""
    names = {each.name for each in dataclasses.fields(cls)}

    def getattribute(self: Any, name: str) -> Any:
        if name in names:
            RECORDER.field(self, name)
        return object.__getattribute__(self, name)

    cls.__getattribute__ = getattribute
    if "__post_init__" in vars(cls):
        check = cls.__post_init__

        def checked(self: Any) -> None:
            with RECORDER.switched(1):
                check(self)

        cls.__post_init__ = checked
    return cls


def watch_task() -> None:
    """Record while the stage's own function runs, not while Hydra composes its configuration."""
    original = hydra.main

    def main(*arguments: Any, **options: Any) -> Any:
        def decorate(task: Callable[[Any], None]) -> Any:
            def recorded(config: Any) -> None:
                with RECORDER.switched(-1):
                    task(config)

            return original(*arguments, **options)(recorded)

        return decorate

    hydra.main = main


def mappings(tree: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All mappings within nested mappings, with their keys."""
    if isinstance(tree, dict):
        yield key, tree
        for name, branch in tree.items():
            yield from mappings(branch, f"{key}.{name}" if key else name)


def fields_read(params: dict[str, Any]) -> set[str]:
    """Keys of the fields that were read: of the mapping whose values a dataclass holds."""
    nodes, found = list(mappings(params)), set[str]()
    for instance, name in RECORDER.fields:
        values = {
            each.name: object.__getattribute__(instance, each.name)
            for each in dataclasses.fields(instance)
        }
        for key, node in nodes:
            if all(each in node and equal(node[each], value) for each, value in values.items()):
                found.add(f"{key}.{name}")
    return found


def equal(configured: Any, value: Any) -> bool:
    """Whether a value is the configured one; arrays and other objects never are."""
    return isinstance(value, type(configured)) and bool(configured == value)


def audit(event: str, args: tuple[Any, ...]) -> None:
    """Record the files that are opened."""
    if event == "open":
        RECORDER.opened(*args[:2])


def main() -> None:
    """Run the stage, then write what was recorded."""
    out, module, *overrides = sys.argv[1:]
    watch_configuration()
    watch_dataclasses()
    watch_task()
    sys.addaudithook(lambda event, args: RECORDER.opened(*args[:2]) if event == "open" else None)
    sys.argv = [module, *overrides]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    params = yaml.safe_load(Path("params.yaml").read_text())
    record = {
        "keys": sorted(RECORDER.keys | fields_read(params)),
        "files": sorted(RECORDER.files),
        "modules": sorted(sys.modules),
    }
    Path(out).write_text(json.dumps(record))


if __name__ == "__main__":
    main()
