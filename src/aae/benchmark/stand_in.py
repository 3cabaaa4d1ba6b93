"""What stands in for a stage where only what is around stages is measured.

Copied over a module of aae.stages in a clone, it copies what the real stage wrote for one name,
variant and seed to the outputs of those in the arguments, with a file more that makes each
unlike any other. It adds the seconds since its process began to the journal.
"""

import json
import shutil
import sys
import time
from pathlib import Path

STAGE = Path(__file__).stem
TEMPLATE, JOURNAL = Path(".dvc/tmp/template"), Path(".dvc/tmp/stages.jsonl")
OUTPUTS = {
    "generate": ["data/{name}/train", "data/{name}/test", "data/{name}/law.json"],
    "reference": ["reports/reference/{name}"],
    "train": ["models/{name}/{variant}/{seed}"],
    "evaluate": ["reports/runs/{name}/{variant}/{seed}"],
}


def main() -> None:
    """Make the outputs of a stage."""
    selected = dict(word.split("=") for word in sys.argv[1:])
    kept = json.loads((TEMPLATE / "selected.json").read_text())
    for pattern in OUTPUTS[STAGE]:
        copy(TEMPLATE / pattern.format(**kept), Path(pattern.format(**selected)))
    entry = {"run": "/".join([STAGE, *selected.values()]), "seconds": since_start()}
    with JOURNAL.open("a") as file:
        file.write(json.dumps(entry) + "\n")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder; to a folder, add a file that names it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copy(source, target)
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    (target / "own.txt").write_text(f"{target}\n")


def since_start() -> float:
    """Seconds since this process began, as Linux counts them in hundredths."""
    started = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / 100


if __name__ == "__main__":
    main()
