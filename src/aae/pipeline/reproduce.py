"""`make reproduce`: run all that is out of date, one lane a name, lanes side by side."""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import yaml

from aae.base.jobs import add_jobs
from aae.pipeline.configure import PARAMS, check

LOGS = Path(".dvc/tmp/lanes")


def main() -> None:
    """Check params.yaml against conf/, then reproduce."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_jobs(parser, "lanes")
    parser.add_argument("--params", choices=["conf", "keep"], default="conf")
    options = parser.parse_args()
    if options.params == "conf":
        check()
    if up_to_date():
        print("Everything is up to date: reports/index.html")
        return
    if options.jobs > 1:
        run_lanes(lanes(), options.jobs)
    # What the lanes share (the report) and whatever they left, in DVC's own order.
    sys.exit(subprocess.run(["dvc", "repro"]).returncode)


def up_to_date() -> bool:
    """Ask DVC once, in this process, whether any stage has to run."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            return not repo.status(targets=["dvc.yaml"])  # the studies run on request
    except DvcException:  # `dvc repro` will say what is wrong
        return False


def lanes() -> dict[str, list[str]]:
    """Targets of each name: with what they depend on, all but the report."""
    params = yaml.safe_load(PARAMS.read_text())
    return {
        name: [f"reference@{name}"]
        + [
            f"evaluate@{name}-{variant}-{seed}"
            for variant in params["variants"]
            for seed in params["seeds"]
        ]
        for name in params["names"]
    }


def run_lanes(targets: dict[str, list[str]], jobs: int) -> None:
    """Run one `dvc repro` a lane; exit with 1 when one failed, after all others have ended.

    Stages that two `dvc repro` share must not run side by side (DVC fails: "is busy"); names share
    none.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    started, failed = time.monotonic(), []
    print(f"{len(targets)} lanes, {jobs} side by side; their output goes to {LOGS}/NAME.log")
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(run_lane, name, chosen): name for name, chosen in targets.items()}
        for place, lane in enumerate(as_completed(running), start=1):
            name, seconds = running[lane], time.monotonic() - started
            state = "done" if lane.result() == 0 else "FAILED"
            print(f"[{place}/{len(targets)}] {name}: {state} after {seconds:.0f} s", flush=True)
            failed += [name] if state == "FAILED" else []
    for name in failed:
        print(f"\n{name}, end of {LOGS}/{name}.log:", *tail(LOGS / f"{name}.log"), sep="\n  ")
    if failed:
        sys.exit(f"error: {len(failed)} of {len(targets)} lanes failed: {', '.join(failed)}")


def run_lane(name: str, targets: Iterable[str]) -> int:
    """Run the targets of one name; returns DVC's exit code."""
    with (LOGS / f"{name}.log").open("w") as log:
        command = ["dvc", "--wait-for-lock", "repro", *targets]
        return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode


def tail(log: Path, lines: int = 12) -> list[str]:
    """Return the last lines of a log that are not empty."""
    return [line for line in log.read_text().splitlines() if line.strip()][-lines:]


if __name__ == "__main__":
    main()
