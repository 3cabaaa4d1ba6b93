"""Two users, each with a clone of his own, on one cache of DVC (root: it takes their numbers)."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.project import Completed
from support.toy_lanes import REPRODUCE, Toy
from support.users import User, why_not

GROUP = 12000
VERIFY = *REPRODUCE[:2], "aae.pipeline.integrity"
INTACT = "cache and outputs are what their names say\n"


@dataclass(frozen=True)
class Clone:
    """A clone, and whose it is."""

    toy: Toy
    user: User

    def run(self, *words: str) -> Completed:
        done = self.user.run(self.toy.path, *words)
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done

    def config(self, *words: str) -> None:
        done = self.run("dvc", "config", "--local", *words)
        assert done.returncode == 0, done.stderr

    def denied(self, path: Path, *words: str) -> None:
        """Run what has to end with one line about a file or folder, and where to read on."""
        done = self.run(*words)
        assert done.returncode == 1 and done.stdout == ""
        line = f"error: expected to be allowed to read and change {path}, got: Permission denied"
        assert done.stderr == f"{line}: for a cache that users share see docs/sweeps.md\n"


@dataclass(frozen=True)
class Lab:
    """What both users can reach."""

    cache: Path
    clones: tuple[Clone, Clone]

    @property
    def objects(self) -> list[Path]:
        return sorted(path for path in self.cache.glob("files/md5/??/*") if path.is_file())


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Folders that both may enter, as those of pytest are not."""
    if reason := why_not():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        top.chmod(0o755)
        shared = User(0, GROUP, top / "lab")
        shared.home.mkdir()
        shared.own(shared.home)
        shared.home.chmod(0o2775)
        cache = shared.home / "cache"
        # The first one lets nobody read what he makes: DVC has to, in a cache that is shared.
        users = (
            User(GROUP + place, GROUP, top / f"{place}", ("077", "022")[place]) for place in (0, 1)
        )
        yield Lab(cache, tuple(cloned(user, cache) for user in users))


def cloned(user: User, cache: Path) -> Clone:
    """A clone of a user, with this cache."""
    user.home.mkdir()
    toy = Toy.made(user.home / "project")
    user.own(user.home)
    clone = Clone(toy, user)
    clone.config("cache.dir", str(cache))
    clone.config("cache.shared", "group")
    return clone


def test_both_at_once(lab: Lab, tmp_path: Path, tally: Counter[str]) -> None:
    undisturbed = Toy.made(tmp_path / "project")
    undisturbed.reproduce()
    with ThreadPoolExecutor() as pool:
        ends = [*pool.map(lambda clone: clone.run(*REPRODUCE), lab.clones)]
    assert [end.returncode for end in ends] == [0, 0], ends
    for clone in lab.clones:
        assert clone.toy.outputs() == undisturbed.outputs()
        assert clone.run(*VERIFY).stdout == INTACT
        tally["results compared"] += len(undisturbed.outputs())


def test_what_is_damaged_of_the_other_is_mended(lab: Lab, tally: Counter[str]) -> None:
    mine, other = lab.clones
    assert mine.run(*REPRODUCE).returncode == other.run(*REPRODUCE).returncode == 0
    before = other.toy.outputs()
    damaged = mine.toy.path / "report"
    (cached,) = (each for each in lab.objects if each.read_bytes() == damaged.read_bytes())
    assert cached.stat().st_uid == mine.user.uid
    cached.write_bytes(b"damaged")
    damaged.unlink()
    end = other.run(*VERIFY)
    assert end.returncode == 1 and f"removed: report ({cached})" in end.stderr
    for clone in lab.clones:
        assert clone.run(*REPRODUCE).returncode == 0
        assert clone.run(*VERIFY).stdout == INTACT
        assert clone.toy.outputs() == before
    tally["inputs tried"] += 1


def test_a_cache_that_its_owner_has_not_shared(lab: Lab, tally: Counter[str]) -> None:
    mine, other = lab.clones
    for clone in lab.clones:
        clone.config("--unset", "cache.shared")
    assert mine.run(*REPRODUCE).returncode == 0
    made = mine.toy.outputs()
    lab.cache.chmod(0o755)
    for path in lab.cache.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o444)
    other.denied(lab.cache / "files/md5", *REPRODUCE)
    assert other.run(*VERIFY).stdout == INTACT and not (other.toy.path / "data").exists()
    assert mine.run(*VERIFY).stdout == INTACT and mine.toy.outputs() == made
    tally["inputs tried"] += 1


def test_a_file_that_one_may_not_read(lab: Lab, tally: Counter[str]) -> None:
    mine, other = lab.clones
    assert mine.run(*REPRODUCE).returncode == other.run(*REPRODUCE).returncode == 0
    (other.toy.path / "report").unlink()
    lab.objects[0].chmod(0o400)
    for words in (REPRODUCE, VERIFY):
        other.denied(lab.objects[0], *words)
        tally["inputs tried"] += 1
