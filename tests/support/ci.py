"""The example CI files, and what of them runs in a shell."""

from pathlib import Path
from typing import Any

import yaml

from support.project import PROJECT

FILES = sorted((PROJECT / "docs/ci").glob("*.yml"))


def scripts(path: Path) -> list[str]:
    """What runs in a shell of its own, in order, but for what sets the environment up."""
    content = yaml.safe_load(path.read_text())
    job: dict[str, Any] = content["jobs"]["compare"] if "jobs" in content else content["compare"]
    shells = [step.get("run", "") for step in job["steps"]] if "steps" in job else []
    shells = shells or ["\n".join(line for line in job["script"] if not line.startswith("make"))]
    return [each for each in shells if each and not each.startswith("make")]
