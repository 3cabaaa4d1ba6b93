"""requirements.lock is what pyproject.toml asks for: each package within its bounds, hashed."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.project import PROJECT

LOCKED = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; .+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def asked_for() -> list[Requirement]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(each) for part in (project["dependencies"], *extras) for each in part]


def test_the_lock_is_current() -> None:
    found = LOCKED.findall((PROJECT / "requirements.lock").read_text())
    locked = {canonicalize_name(name): version for name, version, _ in found}
    for wanted in asked_for():
        version = locked.get(canonicalize_name(wanted.name))
        assert version is not None and version in wanted.specifier, f"{wanted}: `make lock`"


def test_every_line_of_the_lock_is_a_version_with_hashes() -> None:
    text = (PROJECT / "requirements.lock").read_text()
    lines = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert len(LOCKED.findall(text)) == len(lines)
