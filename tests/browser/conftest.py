"""One browser and the three pages, for all tests of this folder."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.chromium import Chromium, chromium
from support.pages import PAGES

Open = Callable[..., Chromium]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path, before = tmp_path_factory.mktemp("pages"), Path.cwd()
    os.chdir(path)
    try:
        for name, text in PAGES.items():
            (path / f"{name}.html").write_text(text(), encoding="utf-8")
    finally:
        os.chdir(before)
    yield path


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def show(browser: Chromium, folder: Path) -> Open:
    """Open a page at a width, light or dark, at a fragment."""

    def opened(name: str = "report", at: str = "", width: int = 1280, dark: bool = False) -> Any:
        browser.view(width, dark=dark)
        browser.open(f"{(folder / name).as_uri()}.html{at}")
        return browser

    return opened
