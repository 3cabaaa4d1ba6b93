"""The hub of a sweep: the git repository that its experiments start from and are delivered to."""

import json
import math
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dvc.utils.flatten import flatten

from aae.base.checks import Rule, expect

METRICS = "reports/metrics.json"
# `-x` would be an option of git's, `ext::ls` a command that it runs.
ADDRESS: Rule[str] = Rule(
    "a path, a URL or the name of a git remote",
    lambda value: not re.match(r"-|[\w-]+::|$", value),
)


class GitError(OSError):
    """git ended with an error; the message is its last line."""


@dataclass(frozen=True)
class Hub:
    """Experiments of one commit, in a repository that all jobs of a sweep reach.

    Attributes:
        project: the user's own repository.
        address: of the hub, as git takes it: a path or URL; the project itself by default.
        base: commit that the experiments change.
    """

    project: Path
    address: str
    base: str

    @classmethod
    def of(cls, project: Path, address: str | None) -> "Hub":
        """Return the hub of HEAD; an address may be a path, a URL or the name of a git remote.

        Raises:
            ValueError: an address that git would read as an option or a command.
            GitError: the hub can't be reached.
        """
        base = git(project, "rev-parse", "HEAD")
        if address is None:
            return cls(project, str(project), base)
        ADDRESS.check("the hub", address)
        url = git(project, "ls-remote", "--get-url", address)
        ADDRESS.check(f"the URL of {address}", url)
        path = (project / url).resolve()
        hub = cls(project, str(path) if path.exists() else url, base)
        # A branch, so that a clone of the hub holds the commit.
        git(project, "push", "--quiet", hub.address, f"{base}:refs/heads/sweeps/{base}")
        return hub

    def ref(self, name: str) -> str:
        """Where DVC keeps an experiment of the base commit."""
        return f"refs/exps/{self.base[:2]}/{self.base[2:]}/{name}"

    def experiments(self) -> dict[str, str]:
        """Name -> commit of every experiment of the base commit that the hub holds.

        Raises:
            GitError: the hub can't be reached.
        """
        lines = git(self.project, "ls-remote", self.address, self.ref("*")).splitlines()
        pairs = (line.split("\t") for line in lines)
        return {ref.removeprefix(self.ref("")): commit for commit, ref in pairs}

    def clone(self, folder: Path) -> None:
        """Clone the hub privately, with the base commit checked out as branch main."""
        git(self.project, "clone", "--quiet", "--no-checkout", self.address, str(folder))
        git(folder, "checkout", "--quiet", "-B", "main", self.base)

    def deliver(self, clone: Path, name: str) -> None:
        """Push an experiment of a private clone; what the hub holds is never overwritten.

        Another job may have delivered the same name meanwhile. With equal content, all is well.

        Raises:
            ValueError: the hub's experiment has other content; ours is there under another name.
            GitError: the hub can't be reached, or refuses.
        """
        ref = self.ref(name)
        try:
            # The lease with no value: only where there is no such ref yet.
            git(clone, "push", "--quiet", f"--force-with-lease={ref}:", self.address, ref)
        except GitError:
            if name not in self.experiments():
                raise
            git(clone, "fetch", "--quiet", self.address, ref)
            ours, theirs = (git(clone, "rev-parse", f"{it}^{{tree}}") for it in (ref, "FETCH_HEAD"))
            if ours != theirs:
                kept = f"{name}-{ours[:10]}"
                git(clone, "push", "--quiet", self.address, f"{ref}:{self.ref(kept)}")
                raise ValueError(
                    f"expected one result of {name}, got another one: kept both, this as {kept}"
                ) from None

    def bring(self, names: Iterable[str]) -> list[str]:
        """Fetch experiments into the user's repository, where none is overwritten.

        Returns:
            Those of the names that the hub holds.

        Raises:
            ValueError: the user's repository has another result under a name.
            GitError: the hub can't be reached.
        """
        held = self.experiments()
        there = [name for name in names if name in held]
        if not there or self.address == str(self.project):
            return there
        ours = Hub(self.project, str(self.project), self.base).experiments()
        both = [name for name in there if held[name] != ours.get(name, held[name])]
        new = [f"{self.ref(name)}:{self.ref(name)}" for name in there if name not in ours]
        objects = [*new, *(self.ref(name) for name in both)]
        if objects:
            git(self.project, "fetch", "--quiet", "--no-write-fetch-head", self.address, *objects)
        for name in both:  # made here and there: as good as one where their content is the same
            trees = {self._tree(commit) for commit in (ours[name], held[name])}
            remedy = (
                f"one result of {name} here and on the hub (`dvc exp remove {name}` drops ours)"
            )
            expect(len(trees) == 1, remedy, "two")
        return there

    def _tree(self, commit: str) -> str:
        return git(self.project, "rev-parse", f"{commit}^{{tree}}")

    def metric(self, name: str, key: str) -> float:
        """Read a number of an experiment's reports/metrics.json.

        Args:
            name: of the experiment.
            key: such as `auc.default`, or `uniform.default.auc` of a line of its `models`.

        Raises:
            ValueError: there is no such key.
        """
        self.bring([name])
        found = json.loads(git(self.project, "show", f"{self.ref(name)}:{METRICS}"))
        models = {each.pop("model"): each for each in found.pop("models", [])}
        value = flatten(found | models).get(key)
        number = isinstance(value, (int, float)) and math.isfinite(value)
        expect(number, f"the objective to be the key of a finite number in {METRICS}", key)
        return float(value)


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, which asks for no password, and return what it prints.

    Raises:
        GitError: it ended with an error.
    """
    # A hook's variables, such as GIT_DIR, would send git elsewhere.
    kept = {key: value for key, value in os.environ.items() if key not in LOCAL_VARIABLES}
    quiet = {"GIT_TERMINAL_PROMPT": "0"} | kept
    if words[0] in REMOTE and "GIT_SSH_COMMAND" not in kept:
        ssh = _run(folder, "config", "core.sshCommand", env=quiet).stdout.strip() or "ssh"
        quiet["GIT_SSH_COMMAND"] = f"{ssh} -oBatchMode=yes"
    done = _run(folder, *words, env=quiet)
    if done.returncode != 0:
        reason = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise GitError(f"git {words[0]}: {reason}")
    return done.stdout.strip()


def _run(folder: Path, *words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


REMOTE = ("clone", "fetch", "ls-remote", "push")  # may ask an ssh server
LOCAL_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
