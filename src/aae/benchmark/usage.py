"""Processor seconds and largest memory of a command.

`python -m aae.benchmark.usage COMMAND...` runs a command and prints them, as JSON. It is a process
of its own, and a small one: a process is said to have used at least the memory of the one that
started it.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What a command and all that it started have used.

    Attributes:
        seconds: of processors, user's and system's.
        wall: seconds from start to end.
        peak: memory of the largest process, in MiB.
    """

    seconds: float
    wall: float
    peak: float


def usage(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    fine: Collection[int] = (0,),
) -> Usage:
    """Run a command, silently, in a folder.

    Args:
        command: words.
        folder: to run in.
        environment: instead of this process's.
        fine: exit codes of a command that did its work.

    Raises:
        ValueError: it ended otherwise; the message has the last line that it wrote.
    """
    words = [sys.executable, "-m", "aae.benchmark.usage", *command]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in fine:
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        code = f"exit code {done.returncode} and {last!r}"
        raise ValueError(f"expected `{' '.join(command)}` to end well, got {code}")
    return Usage(**json.loads(done.stdout))


def main() -> None:
    """Run the command in the arguments, print what it used, and end as it ended."""
    started = time.monotonic()
    code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
    wall, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps(asdict(Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 2**10))))
    sys.exit(code)


if __name__ == "__main__":
    main()
