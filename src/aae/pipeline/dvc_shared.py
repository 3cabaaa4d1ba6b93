"""DVC's command line, for many processes that share one run cache.

DVC 3.67 looks for the newest entry of a stage among all files of a folder, those included that
another process is still writing. It takes such a file for a broken entry and deletes it, or fails
as the file gets its final name meanwhile, or as the folder is empty yet. Here, only whole entries
are looked at. Run as a file, this module needs no `aae` to be installed.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from dvc.cli import main
from dvc.stage import cache


def newest(self: cache.StageCache, stage: Any) -> Any:
    """Newest entry of a stage; None where there is none."""
    key = cache._get_stage_hash(stage)
    if not key:
        return None
    ages = {}
    for path in Path(self._get_cache_dir(key)).glob("[!.]*"):  # a temporary name has a dot
        with suppress(FileNotFoundError):
            ages[path.name] = path.stat().st_mtime
    return self._load_cache(key, max(ages, key=lambda name: ages[name])) if ages else None


def read_whole_entries_alone() -> None:
    """Let DVC in this process do so."""
    cache.StageCache._load = newest


if __name__ == "__main__":
    read_whole_entries_alone()
    sys.exit(main(sys.argv[1:]))
