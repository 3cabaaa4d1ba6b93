"""Where something was measured."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = "tensorflow", "numpy", "onnxruntime", "dvc"


def machine() -> dict[str, Any]:
    """Processor, cores, memory in GiB, system, and versions of what takes the time."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor(Path("/proc/cpuinfo")),
        "cores": os.cpu_count() or 1,
        "memory": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    } | {name: version(name) for name in PACKAGES}


def processor(information: Path) -> str:
    """The processor's name as Linux tells it, else its architecture."""
    lines = information.read_text().splitlines() if information.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
