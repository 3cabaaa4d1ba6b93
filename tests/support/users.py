"""Commands of other users than the one who tests, who has to be root."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from support.project import PROJECT, Completed, environment

# The interpreter may lie where its owner alone may look, as in /root: there, a mount of our own
# shows others nothing but it.
SCRIPT = """
interpreter=$1 closed=$2 mask=$3; shift 3
if [ -n "$closed" ]; then
  mount --bind "$interpreter" /mnt && mount -t tmpfs -o mode=755 none "$closed" &&
    mkdir -p "$interpreter" && mount --bind /mnt "$interpreter" || exit 99
fi
umask "$mask"
exec setpriv --clear-groups "$@"
"""


@dataclass(frozen=True)
class User:
    """Somebody by number, with a folder of his own.

    Attributes:
        uid, gid: numbers, which need no names.
        home: where he may write.
        umask: of what he makes.
    """

    uid: int
    gid: int
    home: Path
    umask: str = "022"

    def own(self, path: Path) -> None:
        """Give him a folder and all in it."""
        subprocess.run(["chown", "--recursive", f"{self.uid}:{self.gid}", path], check=True)

    def run(self, folder: Path, *words: str) -> Completed:
        """Run a command as he would."""
        identity = "--reuid", str(self.uid), "--regid", str(self.gid)
        given = sys.base_prefix, closed(Path(sys.base_prefix)), self.umask, *identity, *words
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", SCRIPT, "user", *given],
            cwd=folder,
            env=environment(self.home) | {"HOME": str(self.home), "LOGNAME": f"user{self.uid}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


def closed(path: Path) -> str:
    """The first folder on the way to a path that others may not enter; empty where all may."""
    way = [*reversed(path.parents), path]
    return next((str(each) for each in way if not each.stat().st_mode & 0o001), "")


def why_not() -> str:
    """Why nothing can be run as other users here; empty where it can."""
    if os.geteuid():
        return "expected root, to run commands as two users"
    if missing := [tool for tool in ("unshare", "setpriv") if not shutil.which(tool)]:
        return f"expected {' and '.join(missing)} (Debian: util-linux)"
    for each in (PROJECT, Path(sys.prefix), Path(tempfile.gettempdir())):
        if folder := closed(each):
            return f"expected {each} to be open to other users, got a closed {folder}"
    tried = User(12000, 12000, Path("/")).run(Path("/"), sys.executable, "-c", "")
    return f"expected to be allowed to mount, got: {tried.stderr}" if tried.returncode else ""
