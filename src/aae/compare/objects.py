"""Objects in DVC's cache, by their MD5: fetched from the default remote where they are missing."""

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aae.compare.contents import Entries, one_line

if TYPE_CHECKING:
    from dvc.repo import Repo


class Objects:
    """JSON objects of one repository, each read once."""

    def __init__(self, repo: "Repo") -> None:
        """Use an open DVC repository."""
        self._repo = repo
        self.json: Callable[[str], Any] = cache(self._json)

    def fetch(self, name: str, wanted: Iterable[str]) -> None:
        """Fetch objects of a revision that the cache lacks.

        Raises:
            ValueError: they are neither in the cache nor on the remote.
        """
        from dvc.config import NoRemoteError
        from dvc.exceptions import DvcException
        from dvc_data.hashfile.hash_info import HashInfo

        missing = self._absent(wanted)
        if not missing:
            return
        text = f"expected the metrics of {name} in DVC's cache or on its remote"
        try:
            self._repo.cloud.pull([HashInfo("md5", md5) for md5 in missing])
        except NoRemoteError:
            raise ValueError(f"{text}, got {len(missing)} files less, and no remote") from None
        except (DvcException, OSError) as error:
            raise ValueError(f"{text}, got: {one_line(error)}") from None
        failed = self._absent(missing)
        if failed:
            raise ValueError(f"{text}, got {len(failed)} of {len(missing)} files in neither")

    def _absent(self, wanted: Iterable[str]) -> list[str]:
        odb = self._repo.cache.local
        return [md5 for md5 in wanted if not Path(odb.oid_to_path(md5)).exists()]

    def entries(self, folder: str) -> Entries:
        """What a folder holds; FileNotFoundError where the cache lacks its list."""
        return {each["relpath"]: each["md5"] for each in self.json(folder)}

    def _json(self, md5: str) -> Any:
        path = Path(self._repo.cache.local.oid_to_path(md5))
        try:
            return json.loads(path.read_bytes())
        except ValueError:
            raise ValueError(f"expected JSON in {path}, got something else") from None
