"""`make reproduce`: run all that is out of date, one lane a name, lanes side by side."""

import argparse
import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from aae.base.files import leftovers, remove_leftovers
from aae.base.jobs import add_jobs
from aae.pipeline.alone import alone
from aae.pipeline.configure import PARAMS, check, check_names, plain_or_exit
from aae.pipeline.integrity import LOCK, check_before_use, outputs, remove_torn_lock
from aae.pipeline.lanes import run_lanes
from aae.pipeline.processes import DVC, stop_as_after_ctrl_c, whole

OUTPUTS = Path("data"), Path("models"), Path("reports")
STOPPED = "stopped: the same command runs what is missing"


def main() -> None:
    """Check params.yaml against conf/, then reproduce."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_jobs(parser, "lanes")
    parser.add_argument("--params", choices=["conf", "keep"], default="conf")
    options = parser.parse_args()
    plain_or_exit(PARAMS)
    if options.params == "conf":
        check()
    check_names()
    stop_as_after_ctrl_c(STOPPED)
    try:
        with alone() as lock:
            sys.exit(reproduce_what_is_out_of_date(options.jobs, lock))
    except KeyboardInterrupt:
        sys.exit(STOPPED)


def reproduce_what_is_out_of_date(jobs: int, lock: int) -> int:
    """Clear up after killed processes and check what is cached, then run; returns the exit code."""
    remove_torn_lock()
    outputs(LOCK)  # refused here, in one line, where it is damaged
    for folder in OUTPUTS:
        remove_leftovers(folder)
    for each in leftovers(Path()):  # of what `dvc_shared` writes
        if each.name.endswith(f"-{LOCK}"):
            each.unlink()
    if up_to_date():
        print("Everything is up to date: reports/index.html")
        return 0
    check_before_use()
    return reproduce(jobs, lock)


def up_to_date() -> bool:
    """Ask DVC once, in this process, whether any stage has to run."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            return not repo.status(targets=["dvc.yaml"])
    except DvcException:  # `dvc repro` will say what is wrong
        return False


def reproduce(jobs: int, lock: int) -> int:
    """Run all lanes, then what they share (the report) and whatever they left, in DVC's order."""
    if jobs > 1:
        run_lanes(lanes(yaml.safe_load(PARAMS.read_text())), jobs, lock)
    words = [sys.executable, "-P", str(DVC), "--wait-for-lock", "repro"]
    with whole(words, pass_fds=(lock,)) as process:
        return process.wait()


def lanes(params: Mapping[str, Any]) -> dict[str, list[str]]:
    """Targets of each name, with what they depend on all but the report; long lanes first."""
    sizes, floors = training_sizes(), params["floors"]

    def longest(name: str) -> tuple[bool, float]:
        return name not in floors["names"], -sizes.get(name, float("inf"))

    def models(stage: str, name: str, variants: Sequence[str]) -> list[str]:
        pairs = itertools.product(variants, params["seeds"])
        return [f"{stage}@{name}-{variant}-{seed}" for variant, seed in pairs]

    return {
        name: [
            f"reference@{name}",
            *models("evaluate", name, params["variants"]),
            *(models("floor", name, floors["variants"]) if name in floors["names"] else []),
        ]
        for name in sorted(params["names"], key=longest)
    }


def training_sizes() -> dict[str, int]:
    """Bytes of each name's training rows when they were last made, as dvc.lock has it."""
    paths = {Path(out["path"]): out["size"] for out in outputs(LOCK) if "size" in out}
    return {path.parent.name: size for path, size in paths.items() if path.name == "train"}


if __name__ == "__main__":
    main()
