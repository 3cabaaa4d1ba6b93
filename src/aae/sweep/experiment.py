"""One job of a sweep: one DVC experiment in a private clone with a shared cache."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from aae.base.checks import expect
from aae.base.files import write_json
from aae.pipeline.processes import DVC, whole
from aae.sweep.hub import LOCAL_VARIABLES, Hub

RUNNING, DONE, FOUND, FAILED = "running", "done", "done before", "failed"


def name_of(base: str, overrides: Iterable[str]) -> str:
    """Name of an experiment: a hash of the commit and of what is changed, in any order."""
    text = "\n".join([base, *sorted(overrides)])
    return f"sweep-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def run(
    hub: Hub,
    folder: Path,
    overrides: Sequence[str],
    objective: str | None = None,
    targets: Sequence[str] = (),
) -> float | None:
    """Run an experiment and deliver it to the hub, unless it is there.

    What comes of it is written to FOLDER/NAME.json, the output of DVC to FOLDER/NAME.log. A
    failure is written there and not raised: other jobs go on.

    Args:
        hub: where the experiment starts from and goes to.
        folder: of the sweep, which all machines share.
        overrides: what to change, as in `dvc exp run -S`.
        objective: key of the number in reports/metrics.json to return.
        targets: stages to run, with all before them; every stage by default.

    Returns:
        The objective; None where there is none, or after a failure.
    """
    name, started = name_of(hub.base, overrides), time.monotonic()

    def record(state: str, message: str = "") -> None:
        seconds = time.monotonic() - started
        content = {"overrides": list(overrides), "state": state, "message": message}
        write_json(folder / f"{name}.json", content | {"seconds": seconds, "host": HOST})

    try:
        record(RUNNING)
        ran = run_once(hub, name, overrides, folder / f"{name}.log", targets)
        value = hub.metric(name, objective) if objective else None
        record(DONE if ran else FOUND)
        return value
    except (OSError, ValueError) as error:
        # On a full disk not even this can be written; the hub is without the experiment then.
        with suppress(OSError):
            record(FAILED, str(error))
    return None


def run_once(
    hub: Hub, name: str, overrides: Sequence[str], log: Path, targets: Sequence[str] = ()
) -> bool:
    """Run an experiment unless the hub holds it; returns whether it ran."""
    with claimed(name) as (clone, lock):
        if name in hub.experiments():
            return False
        hub.clone(clone)
        share_cache(hub.project, clone)
        settings = [word for override in overrides for word in ("-S", override)]
        # What did not change comes from the cache, even where the run cache has no record of it.
        run_dvc(clone, ["checkout", "--quiet", "--allow-missing"], log, lock)
        run_dvc(clone, ["exp", "run", "--name", name, *settings, *targets], log, lock)
        hub.deliver(clone, name)
        return True


@contextmanager
def claimed(name: str) -> Iterator[tuple[Path, IO[str]]]:
    """Yield the folder of an experiment's private clone, which is absent, and the lock on it.

    Whoever else on this machine has the same experiment waits. The kernel frees the lock of
    processes that died, and what they left in the folder is removed.
    """
    top = clones()
    with (top / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        clone = top / name
        try:
            shutil.rmtree(clone, ignore_errors=True)
            yield clone, lock
        finally:
            shutil.rmtree(clone, ignore_errors=True)


def remove_dead_clones() -> None:
    """Remove what killed jobs left on this machine."""
    top = clones()
    for path in top.glob("*.lock"):
        with path.open("w") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(top / path.stem, ignore_errors=True)


def clones() -> Path:
    """Folder of private clones on this machine, which nobody else can read.

    Raises:
        ValueError: another user made a folder of that name.
    """
    top = Path(tempfile.gettempdir()) / f"aae-sweep-{os.getuid()}"
    top.mkdir(mode=0o700, exist_ok=True)
    status = top.lstat()
    owned = status.st_uid == os.getuid() and not top.is_symlink() and not status.st_mode & 0o077
    expect(owned, f"{top} to be a folder that only you can read", oct(status.st_mode))
    return top


def share_cache(project: Path, clone: Path) -> None:
    """Give a private clone the user's own DVC settings (.dvc/config.local) and cache."""
    from dvc.config import Config

    own = Config(str(project / ".dvc"))
    cache = own["cache"].get("dir", str(project / ".dvc" / "cache"))
    with Config(str(clone / ".dvc"), validate=False).edit("local") as local:
        local.update(own.load_one("local"))
        local.setdefault("cache", {})["dir"] = str(Path(cache).resolve())


def run_dvc(clone: Path, words: Sequence[str], log: Path, lock: IO[str]) -> None:
    """Run DVC in a private clone; the lock lives as long as it does, even if we are killed.

    Raises:
        ChildProcessError: it ended with an error.
    """
    with (
        log.open("a") as out,
        whole(
            [sys.executable, "-P", str(DVC), *words],
            cwd=clone,
            env=environment(clone),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=(lock.fileno(),),
        ) as process,
    ):
        code = process.wait()
    if code != 0:
        raise ChildProcessError(f"`dvc {words[0]}` ended with {code}: {log}")


def environment(clone: Path) -> dict[str, Any]:
    """Variables under which DVC and the stages in a private clone are on their own."""
    ours = (*LOCAL_VARIABLES, "PYTHONPATH", "HYDRA_FULL_ERROR", "OLDPWD", "PWD")
    kept = {key: value for key, value in os.environ.items() if key not in ours}
    return kept | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
        "DVC_SITE_CACHE_DIR": str(clone / ".dvc" / "tmp" / "site"),
    }


HOST = socket.gethostname()
