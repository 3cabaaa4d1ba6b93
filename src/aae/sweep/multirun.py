"""`aae sweep`: a Hydra multirun in which one job is one DVC experiment."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hydra import main as hydra_main
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from aae.base.checks import expect
from aae.pipeline.processes import stop_as_after_ctrl_c
from aae.pipeline.refusals import REFUSALS, in_one_line
from aae.sweep.experiment import DONE, FAILED, FOUND, name_of, remove_dead_clones, run
from aae.sweep.hub import GitError, Hub, git
from aae.sweep.progress import Watch

SWEEPS = Path(".dvc/tmp/sweeps")
PLUGINS = Path("src/plugins")
MEASURE = "measure"  # the stage of dvc.yaml that a study's settings select
QUIET = ("hydra/job_logging=none", "hydra/hydra_logging=none", "hydra.output_subdir=null")
Job = Callable[[DictConfig], float | None]
Plan = dict[str, list[str]]  # name of an experiment -> its overrides


def sweep(words: Sequence[str], address: str | None = None, objective: str | None = None) -> int:
    """Run the experiments of a sweep that the hub does not hold yet.

    Args:
        words: of Hydra's command line, such as `model.latent=2,8`.
        address: of the hub; this repository by default.
        objective: key in reports/metrics.json that a job returns to Hydra's sweeper.

    Returns:
        Exit code 0 when all experiments are there, 1 when some failed.

    Raises:
        ValueError: changes that are not committed, or words that Hydra refuses.
        GitError: the hub can't be reached.
    """
    flags = [word for word in words if word.startswith("-")]
    expect(not flags, "overrides like model.latent=2,8", flags)
    project = Path.cwd()
    check_committed(project)
    remove_dead_clones()
    hub = Hub.of(project, address)
    plan = planned(hub, words)
    present = hub.bring(plan)
    if plan and len(present) == len(plan):
        print(f"All {len(plan)} experiments were done before: `dvc exp show`")
        return 0
    stop_as_after_ctrl_c("stopped: the same command runs what is missing")
    folder = project / SWEEPS / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir(parents=True)
    with Watch(folder, len(plan)) as watch:
        error = launch(words, folder, job_of(hub, folder, objective))
    return outcome(hub, plan, watch, error)


def check_committed(project: Path) -> None:
    """Expect that what the experiments start from is what git has.

    Raises:
        ValueError: the folder is not a repository's top, or holds changes.
    """
    top = Path(git(project, "rev-parse", "--show-toplevel"))
    expect(top.resolve() == project.resolve(), f"to be started in {top}", str(project))
    lines = git(project, "status", "--porcelain", "--untracked-files=all").splitlines()
    read = ("conf/", "src/", "data/", "dvc.yaml")
    written = ("docs/", "reports/studies/")  # the tables of another study: no experiment's input
    changes = [line.split(maxsplit=1) for line in lines]
    changed = [
        path
        for state, path in changes
        if not (state == "??" and path.endswith(".gitignore"))  # DVC's own, of a new output
        and (path.startswith(read) or (state != "??" and not path.startswith(written)))
    ]
    expect(not changed, "all changes in a commit (or stashed): jobs start from HEAD", changed)


def planned(hub: Hub, words: Sequence[str]) -> Plan:
    """Experiments of a sweep over listed values; none where a sweeper is to choose them.

    Raises:
        ValueError: words that Hydra can't read.
    """
    # As Hydra's own sweeper and DVC do it.
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser

    try:
        parsed = OverridesParser.create().parse_overrides(list(words))
        if any(each.key_or_group == "hydra/sweeper" for each in parsed):
            return {}
        swept = [each for each in parsed if not each.is_hydra_override()]
        tasks = BasicSweeper.split_arguments(swept, None)[0]
    except REFUSALS as error:
        raise ValueError(in_one_line(error)) from None
    return {name_of(hub.base, task): task for task in tasks}


def job_of(hub: Hub, folder: Path, objective: str | None) -> Job:
    """Return the function that Hydra's launcher runs, maybe elsewhere, for each job."""

    def job(config: DictConfig) -> float | None:
        overrides = list(HydraConfig.get().overrides.task)
        return run(hub, folder, overrides, objective, targets(config))

    return job


def targets(config: DictConfig) -> list[str]:
    """What a study asks for: its measurements alone; every stage for any other sweep."""
    return [MEASURE] if OmegaConf.select(config, "study.measures") else []


def launch(words: Sequence[str], folder: Path, job: Job) -> Exception | None:
    """Let Hydra run the jobs; returns an error of the launcher, whose other jobs may go on.

    Raises:
        ValueError: words that Hydra refuses.
    """
    # Where Hydra, and jobs in other processes, find the schema of conf/; DVC and the stages, which
    # the jobs start, do not get to see it.
    sys.path.append(str(PLUGINS.resolve()))
    paths = [*filter(None, [os.environ.get("PYTHONPATH")]), sys.path[-1]]
    os.environ |= {"PYTHONPATH": os.pathsep.join(paths), "HYDRA_FULL_ERROR": "1"}
    place = folder.relative_to(Path.cwd()) / "hydra"
    sys.argv = ["aae sweep", "--multirun", *QUIET, f"hydra.sweep.dir={place}", *words]
    conf = str(Path("conf").resolve())
    try:
        hydra_main(version_base="1.3", config_path=conf, config_name="config")(job)()
    except REFUSALS as error:
        raise ValueError(in_one_line(error)) from None
    except Exception as error:  # of whatever library launches
        return error
    return None


def outcome(hub: Hub, plan: Plan, watch: Watch, error: Exception | None) -> int:
    """Bring the experiments home and say which failed; returns the exit code."""
    wanted = plan | {name: state["overrides"] for name, state in watch.states.items()}
    try:
        there, lost = hub.bring(wanted), None
    except (GitError, ValueError) as problem:
        done = {name for name, state in watch.states.items() if state["state"] in (DONE, FOUND)}
        there, lost = sorted(done), problem
    # The hub has the last word, but for a name that stands there for another result.
    reported = {name for name, state in watch.states.items() if state["state"] == FAILED}
    failed = sorted((set(wanted) - set(there)) | reported)
    for name in failed:
        print(f"\n{name} {' '.join(wanted[name])}: FAILED", *watch.reasons(name), sep="\n  ")
    if error is not None and (failed or not plan):
        print(f"\n{type(error).__name__}: {error}", file=sys.stderr)
    print(f"{len(there)} of {len(wanted)} experiments are there: `dvc exp show`")
    if failed:
        print(f"error: {len(failed)} failed: {', '.join(failed)}", file=sys.stderr)
    if lost:
        print(f"error: could not bring all of them here: {lost}", file=sys.stderr)
    return int(bool(failed or lost) or (error is not None and not plan))
