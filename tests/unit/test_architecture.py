"""The rooms of src/aae: which may import which, and that each says what it is for."""

import ast
from pathlib import Path

import pytest
from support.project import PROJECT

PACKAGE = PROJECT / "src/aae"
# Room -> rooms that it may import. A room stands below all that it may import: arrows go one way.
ARROWS = {
    "base": (),
    "dataset": ("base",),
    "laws": ("base",),
    "tables": ("base",),
    "model": ("base", "dataset"),
    "generator": ("base", "dataset", "tables"),
    "verdict": ("base",),
    "evaluation": ("base", "dataset", "generator", "verdict"),
    "calibration": ("base", "laws", "tables", "verdict"),
    "report": ("base",),
    "compare": ("base", "report", "verdict"),
    "pipeline": ("base",),
    "sweep": ("base", "compare", "pipeline"),
    "studies": ("base", "compare", "dataset", "evaluation", "generator", "sweep", "verdict"),
    "benchmark": ("base", "dataset", "model", "verdict"),
    "check": ("base", "report", "tables", "verdict"),
    "api": ("base", "check", "dataset", "generator", "model", "tables", "verdict"),
    "cli": ("api", "base", "check", "compare", "generator", "sweep", "tables", "verdict"),
    "stages": (
        *("base", "dataset", "evaluation", "generator", "laws", "model", "report", "studies"),
        *("tables", "verdict"),
    ),
}


def imports(path: Path) -> set[str]:
    """Rooms that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{each.name}" for each in node.names}
    return {name.split(".")[1] for name in names if name.startswith("aae.")}


def used(room: str) -> set[str]:
    """Rooms that a room imports."""
    return set().union(*(imports(path) for path in (PACKAGE / room).rglob("*.py"))) - {room}


def test_the_package_is_rooms_without_loose_modules() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py"}
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(ARROWS)


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_what_it_may_and_no_less(room: str) -> None:
    assert used(room) == set(ARROWS[room])


def test_arrows_go_one_way() -> None:
    order = list(ARROWS)
    assert all(order.index(each) < order.index(room) for room in order for each in ARROWS[room])


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_says_what_it_is_for_and_names_its_modules(room: str) -> None:
    text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text())) or ""
    assert text.partition("\n")[0].endswith((".", "`."))
    modules = {path.stem for path in (PACKAGE / room).glob("*.py")} - {"__init__"}
    assert {name for name in modules if f"`{name}`" not in text} == set()


def test_rooms_of_the_package_are_imported_without_effect() -> None:
    for room in ARROWS:
        body = ast.parse((PACKAGE / room / "__init__.py").read_text()).body
        assert [type(each) for each in body] == [ast.Expr], room
