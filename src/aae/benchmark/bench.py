"""`make bench`: how fast it is on this machine, as ratios where it can be."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from aae.benchmark import plot, tables
from aae.benchmark.epoch import VARIANTS
from aae.benchmark.growth import many
from aae.benchmark.machine import machine
from aae.benchmark.peers import pythae_epoch
from aae.benchmark.phases import phases
from aae.benchmark.pipeline import reproduced
from aae.benchmark.result import BENCH, Epochs, Result, keep
from aae.benchmark.revision import code, git
from aae.benchmark.scale import Measured, check_disk, measure

Measurement = TypeVar("Measurement")


def main() -> None:
    """Measure, print the tables, and write BENCH, the plot and the documentation's tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=100_000, help="rows of the largest tables")
    parser.add_argument("--whole", action="store_true", help="reproduce all names, not two")
    parser.add_argument("--many", action="store_true", help="500 models, too")
    options = parser.parse_args()
    try:
        result = measured(options)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    keep(result)
    plot.draw(result.scale)
    tables.write(result)
    print(tables.speed(result))
    if result.many:
        print(f"\n{tables.growth(result.many)}")
    say(f"wrote {BENCH}, {plot.PLOT} and {tables.DOCS}")


def measured(options: argparse.Namespace) -> Result:
    """Measure everything that the options ask for.

    Raises:
        ValueError: the code has no revision, or the disk no room for the largest tables.
    """
    of_code, commit = code(), git("rev-parse", "--short", "HEAD")
    check_disk(options.largest)
    return Result(
        code=of_code,
        commit=commit,
        measured=datetime.now(UTC).date().isoformat(),
        command=command(sys.argv[1:]),
        machine=machine(),
        epochs=begun("epochs", epochs),
        phases=begun("the train stage", phases),
        reproduced=begun("make reproduce", partial(reproduced, options.whole)),
        scale=[*followed(measure(options.largest))],
        many=begun("500 models", many) if options.many else None,
    )


def begun(what: str, measurement: Callable[[], Measurement]) -> Measurement:
    """Say what is measured, and measure it."""
    say(what)
    return measurement()


def command(words: list[str]) -> str:
    """What to type for the same options."""
    return f"make bench BENCH='{' '.join(words)}'" if words else "make bench"


def epochs() -> Epochs:
    """Time epochs, each kind in a process of its own."""
    variants = {name: printed("epoch", name) for name in VARIANTS}
    return Epochs(variants, printed("article_loop")["epoch"], pythae_epoch())


def printed(module: str, *words: str) -> dict[str, float]:
    """Run a module of this room, and read the JSON that it prints."""
    run = [sys.executable, "-m", f"aae.benchmark.{module}", *words]
    done = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True)
    times: dict[str, float] = json.loads(done.stdout)
    return times


def followed(measurements: Iterator[Measured]) -> Iterator[Measured]:
    """Say each measurement as it is made."""
    for each in measurements:
        say(
            f"{each.stage}, {each.rows} x {each.columns}: {each.seconds:.1f} s, {each.peak:.0f} MiB"
        )
        yield each


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
