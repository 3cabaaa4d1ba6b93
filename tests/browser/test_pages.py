"""All three pages in a real browser: what axe-core objects to, requests, phones, prints."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.chromium import Chromium
from support.pages import PAGES

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
WIDTHS, DARK = (1280, 390), (False, True)

Open = Callable[..., Chromium]


def violations(browser: Chromium) -> list[str]:
    """What axe-core objects to, with the first element of each."""
    browser.run(AXE.read_text(encoding="utf-8") + "; 0")
    found = browser.run(
        "axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)"
    )
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


@pytest.mark.parametrize("dark", DARK, ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(show: Open, name: str, width: int, dark: bool) -> None:
    assert violations(show(name, width=width, dark=dark)) == []


@pytest.mark.parametrize("dark", DARK, ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation_in_what_was_folded(show: Open, width: int, dark: bool) -> None:
    shown = show(at="#pooled", width=width, dark=dark)
    shown.run("document.querySelectorAll('#pooled details').forEach((d) => { d.open = true; })")
    assert violations(shown) == []


def test_axe_would_object(show: Open) -> None:
    shown = show()
    shown.run("document.querySelector('main').append(new Image())")
    assert [each.partition(":")[0] for each in violations(shown)] == ["image-alt"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_for_and_nothing_complained_of(
    show: Open, folder: Path, name: str
) -> None:
    shown = show(name)
    shown.run("document.getElementById('_unfold')?.click()")
    shown.run("new Promise((resolve) => setTimeout(resolve, 300))")
    assert shown.requests == [(folder / f"{name}.html").as_uri()]
    assert shown.complaints == []


def test_the_frame_refuses_requests_and_other_scripts(show: Open) -> None:
    shown = show()
    shown.run("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))")
    shown.run(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))"
    )
    shown.run("new Promise((resolve) => setTimeout(resolve, 200))")
    assert len([each for each in shown.complaints if "Content Security Policy" in each]) == 2
    assert shown.run("typeof x") == "undefined"


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_off_screen_on_a_phone(show: Open, name: str) -> None:
    shown = show(name, width=360)
    assert shown.run("document.documentElement.scrollWidth") <= 360
    shown.run("document.getElementById('_unfold')?.click()")
    assert shown.run("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [600, 768, 1024, 1200, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_off_screen_in_between(show: Open, name: str, width: int) -> None:
    assert show(name, width=width).run("document.documentElement.scrollWidth") <= width


def test_a_sweep_and_the_last_runs_are_drawn_and_described(show: Open) -> None:
    shown = show("compare")
    heads = shown.run("[...document.querySelectorAll('h2')].map((h) => h.textContent)")
    assert "The last 3 runs of this branch" in heads and "6 experiments of this commit" in heads
    said = shown.run("[...document.querySelectorAll('svg')].map((s) => s.ariaLabel)")
    assert any(each.startswith("Parallel coordinates of 6 experiments") for each in said)
    assert all(each.endswith(".") for each in said)


@pytest.mark.parametrize("name", PAGES)
def test_a_print_is_a_few_pages_without_controls(show: Open, name: str) -> None:
    printed = show(name).pdf()
    assert printed.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 6
