"""Of which code something was measured."""

import subprocess

from aae.base.checks import expect


def code() -> str:
    """Git's name of the content of src at HEAD, the same in all commits that have this code.

    Raises:
        ValueError: src has changes that are not committed, which no name stands for.
    """
    changed = git("status", "--porcelain", "--", "src")
    wanted = "src without changes that are not committed: speed is that of a revision"
    expect(not changed, wanted, " ".join(changed.split()))
    return git("rev-parse", "HEAD:src")


def git(*words: str) -> str:
    """What a command of git prints."""
    command = ["git", "--no-optional-locks", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
