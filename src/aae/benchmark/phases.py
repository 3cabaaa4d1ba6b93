"""What the train stage spends its processor time on.

`python -m aae.benchmark.phases FILE name=... variant=... seed=...` runs the stage as it is, with a
clock on it, and writes the seconds of each phase to FILE.
"""

import aae.base.one_thread  # noqa: F401

import json
import runpy
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from aae.benchmark.clock import Clock
from aae.benchmark.usage import usage
from aae.benchmark.workspace import SELECTED, environment, workspace

ROWS, COLUMNS = 1000, 784
START, IMPORT, TRACING = "start and files", "importing TensorFlow", "tracing"
TRAINING, EXPORT = "training", "export"


def phases(**train: Any) -> dict[str, float]:
    """Processor seconds of each phase of training the default recipe on the article's sizes.

    Args:
        train: settings of the training that differ from the project's params.yaml.
    """
    with workspace(ROWS, COLUMNS, **train) as folder:
        run = partial(usage, folder=folder, environment=environment())
        run([sys.executable, "-m", "aae.stages.generate", SELECTED[0]])
        run([sys.executable, "-m", "aae.benchmark.phases", "phases.json", *SELECTED])
        seconds: dict[str, float] = json.loads((folder / "phases.json").read_text())
    return seconds


def main() -> None:
    """Run the stage and write what the clock says."""
    clock, out = Clock(START), Path(sys.argv.pop(1))
    watch(clock)
    runpy.run_module("aae.stages.train", run_name="__main__", alter_sys=True)
    out.write_text(json.dumps(clock.read()))


def watch(clock: Clock) -> None:
    """Let the clock follow a training: its imports, its export, and each trace of a function."""
    with clock.phase(IMPORT):
        from aae.model.runtime import import_tensorflow

        import_tensorflow()
        import tensorflow as tf

        tf.function = traced(tf.function, clock)
        import aae.model.export
        import aae.model.training
    aae.model.export.export = clock.timed(EXPORT, aae.model.export.export)
    aae.model.training.fit = clock.timed(TRAINING, aae.model.training.fit)


def traced(function: Callable[..., Any], clock: Clock) -> Callable[..., Any]:
    """`tf.function` with a clock: Python code of what it compiles runs when it is traced, only."""

    def decorated(python: Callable[..., Any] | None = None, **options: Any) -> Any:
        if python is None:
            return partial(decorated, **options)
        return function(clock.timed(TRACING, python), **options)

    return decorated


if __name__ == "__main__":
    main()
