"""conf/ and params.yaml: compose the one into the other, and list where they differ.

`python -m aae.pipeline.configure` does the first (`make params`).
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from aae.base.checks import INSIDE, NAME, at_least, list_of, mapping_of
from aae.base.files import replacing
from aae.base.plain_yaml import Refused, check_yaml

PARAMS, CONF = Path("params.yaml"), Path("conf")


def compose(target: Path) -> None:
    """Compose conf/ into a file, with the same code as `dvc exp run`.

    Raises:
        ValueError: conf/ holds an unknown key, a wrong type or a value out of range.
    """
    from dvc.utils.hydra import compose_and_dump

    from aae.pipeline.refusals import REFUSALS, in_one_line

    try:
        compose_and_dump(target, str(CONF.resolve()), None, "config", "src/plugins", [])
    except REFUSALS as error:
        raise ValueError(in_one_line(error)) from None
    except SystemExit as refusal:  # by the schema (src/plugins), as DVC needs it
        raise ValueError(str(refusal.code).removeprefix("error: ")) from None


def leaves(tree: Any, key: str = "") -> dict[str, Any]:
    """Flatten nested mappings into {"train.epochs": 200, ...}; lists count as values."""
    if not isinstance(tree, dict) or not tree:
        return {key: tree}
    flat: dict[str, Any] = {}
    for name, branch in tree.items():
        flat |= leaves(branch, f"{key}.{name}" if key else str(name))
    return flat


def differences(composed: Path, present: Path) -> list[str]:
    """Return a line for each key whose value differs between two parameter files."""
    wanted, actual = (leaves(yaml.safe_load(path.read_text())) for path in (composed, present))
    absent = "(absent)"
    return [
        f"  {key}: conf/ {wanted.get(key, absent)}, params.yaml {actual.get(key, absent)}"
        for key in dict.fromkeys([*wanted, *actual])
        if wanted.get(key, absent) != actual.get(key, absent)
    ]


def check() -> None:
    """Exit with 1 and a list of differences where params.yaml is not what conf/ composes to."""
    with tempfile.TemporaryDirectory() as folder:
        composed = Path(folder) / PARAMS
        composed_or_exit(composed)
        lines = differences(composed, PARAMS)
    if lines:
        head = "params.yaml differs from conf/:"
        tail = "`make params` takes conf/; `make reproduce PARAMS=keep` runs params.yaml as it is."
        sys.exit("\n".join([head, *lines, tail]))


def plain_or_exit(*others: Path) -> None:
    """Exit with 2 and one line where conf/, dvc.yaml or one of the others is not plain YAML."""
    try:
        check_yaml([*sorted(CONF.rglob("*.yaml")), Path("dvc.yaml"), *others])
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def check_names() -> None:
    """Exit with 1 and one line where a name in params.yaml is no name: of folders, in commands.

    Or where the path of a table, which DVC looks at before any stage checks it, leads elsewhere.
    """
    params = yaml.safe_load(PARAMS.read_text()) or {}
    try:
        for key in ("names", "variants", "distributions", "tables", "packaged"):
            list_of(NAME).check(key, list(params.get(key) or ()))
        list_of(at_least(0)).check("seeds", params.get("seeds"))
        mapping_of(INSIDE).check("packaged", params.get("packaged") or {})
        for name, source in (params.get("tables") or {}).items():
            INSIDE.check(f"tables.{name}.path", source.get("path"))
    except (ValueError, AttributeError, TypeError) as error:
        sys.exit(f"error in params.yaml: {error}")


def composed_or_exit(target: Path) -> None:
    """Compose conf/, or exit with 1 and one line that says what is wrong with it."""
    try:
        compose(target)
    except ValueError as error:
        sys.exit(f"error in conf/: {error}")


def main() -> None:
    """Write params.yaml."""
    plain_or_exit()
    with replacing(PARAMS) as temporary:
        composed_or_exit(temporary)
    print("wrote params.yaml from conf/")


if __name__ == "__main__":
    main()
