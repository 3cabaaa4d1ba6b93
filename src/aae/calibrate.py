"""Level and power of the verdict, measured: `python -m aae.calibrate`."""

import ast
import hashlib
import inspect
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aae.faults import FAULTS, SIX, draw, known_law
from aae.verdict import Settings, judge

PERMUTATIONS = 199


def statistics_version(module: str = "verdict") -> str:
    """Hash the code, not the comments, of all modules that a verdict depends on."""
    folder, queue, code = Path(__file__).parent, [module], {}
    while queue:
        name = queue.pop()
        tree = ast.parse((folder / f"{name}.py").read_text())
        code[name] = _without_docstrings(tree)
        used = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module]
        queue += [u[4:] for u in used if u.startswith("aae.") and u[4:] not in {*code, "power"}]
    return hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest()[:16]


def _without_docstrings(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body[0] = ast.Pass()
    return ast.unparse(tree)


@dataclass(frozen=True)
class Setting:
    """One point of the calibration.

    Attributes:
        source: of the rows, see `aae.faults.sample`.
        rows: a side.
        columns: of each row.
        repeats: how many verdicts.
        fault: planted in the generated rows; empty: real against real.
        size: of the fault.
        given: what the verdict gets besides rows: "train", "labels", "law".
    """

    source: str
    rows: int
    columns: int
    repeats: int
    fault: str = ""
    size: float = 0.0
    given: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name the point, whatever the number of repeats; seeds follow from it."""
        what = f"{self.fault} {self.size:g}" if self.fault else "level"
        given = f" {'+'.join(self.given)}" if self.given else ""
        return f"{what}: {self.source} n={self.rows} d={self.columns}{given}"


def one_repeat(setting: Setting, repeat: int) -> dict[str, Any]:
    """Draw, plant the fault and judge; a function of the setting's key and the repeat alone."""
    rng = np.random.default_rng([zlib.crc32(setting.key.encode()), repeat])
    case = draw(setting.source, setting.rows, setting.columns, rng)
    if setting.fault:
        case = FAULTS[setting.fault](case, setting.size, rng)
    verdict = judge(
        case.real,
        case.generated,
        Settings(permutations=PERMUTATIONS, seed=int(rng.integers(2**31))),
        train=case.train if "train" in setting.given else None,
        law=known_law(setting.source) if "law" in setting.given else None,
        labels=case.labels[:2] if case.labels and "labels" in setting.given else None,
    )
    p = {name: round(test.p, 9) for name, test in verdict.tests.items()}
    rejecting, failed = list(verdict.rejecting), list(verdict.failed)
    found = {"verdict": verdict.verdict, "rejecting": rejecting, "failed": failed, "p": p}
    return {"repeat": repeat} | found


def cache_path(folder: Path, setting: Setting, version: str) -> Path:
    """Name the file of finished repeats: another one after a change of statistics or fault."""
    fault = inspect.getsource(FAULTS[setting.fault]) if setting.fault else ""
    digest = hashlib.sha256(f"{version} {setting.key} {fault}".encode()).hexdigest()[:16]
    return folder / f"{digest}.jsonl"


LEVELS = (
    *(Setting(source, 200, 10, 2000, given=("law",)) for source in SIX),
    Setting("digits", 200, 64, 2000),
    Setting("mixed", 200, 1, 2000),
    Setting("mixed", 200, 2, 2000),
    Setting("normal_mixture", 200, 10, 2000, given=("train", "labels", "law")),
)


def bootstrap_run() -> None:
    import sys, time

    folder = Path(".calibration")
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    version = statistics_version()
    print(version)
    for s in LEVELS:
        path = cache_path(folder, s, version)
        t = time.time()
        done = len(path.read_text().splitlines()) if path.exists() else 0
        with path.open("a") as f:
            for r in range(done, s.repeats):
                f.write(json.dumps(one_repeat(s, r)) + "\n")
                f.flush()
        rec = [json.loads(l) for l in path.read_text().splitlines()]
        bad = sum(r["verdict"] == "different" for r in rec)
        print(
            s.key,
            len(rec),
            bad,
            bad / len(rec),
            sum(r["verdict"] == "error" for r in rec),
            time.time() - t,
            path.name,
            flush=True,
        )


if __name__ == "__main__":
    bootstrap_run()
