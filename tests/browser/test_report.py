"""The report in a real browser: budgets, first screen, sorting, filtering, folding, by keyboard."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from support.chromium import Chromium
from support.pages import VARIANTS

BYTES, ELEMENTS, HEIGHT, SECONDS = 2_000_000, 6000, 12_000, 1.0
WIDTHS = (1280, 390)
TAB, ENTER, SPACE = ("Tab", 9, ""), ("Enter", 13, "\r"), (" ", 32, " ")

Open = Callable[..., Chromium]


def lines(browser: Chromium) -> list[list[str]]:
    """Name and variant of each line of the grid that is shown."""
    rows = "document.querySelectorAll('#_grid tbody tr:not([hidden])')"
    found = browser.run(f"[...{rows}].map((row) => [row.dataset.name, row.dataset.variant])")
    return list(found)


def set_field(browser: Chromium, name: str, value: str) -> None:
    browser.run(
        f"(() => {{ const field = document.getElementById('_filter').elements[{name!r}];"
        f"field.value = {value!r};"
        "for (const kind of ['input', 'change'])"
        "field.dispatchEvent(new Event(kind, {bubbles: true})); })()"
    )


def focused(browser: Chromium) -> str:
    return str(browser.run("document.activeElement.textContent.trim()"))


def test_the_report_is_light(show: Open, folder: Path) -> None:
    assert (folder / "report.html").stat().st_size < BYTES
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        shown = show()
        taken.append(time.perf_counter() - start)  # a blank page is opened before it
    assert min(taken) < SECONDS
    for width in WIDTHS:
        shown = show(width=width)
        assert shown.run("document.querySelectorAll('*').length") < ELEMENTS
        assert shown.run("document.documentElement.scrollHeight") < HEIGHT


def test_the_answer_is_on_the_first_screen(show: Open) -> None:
    shown = show()
    words = shown.run("document.querySelector('.answer').textContent")
    assert "1 of 8 not distinguished, 7 different" in words and "noise_0: trees" in words
    assert shown.run("document.querySelector('#_grid tbody tr').getBoundingClientRect().top") < 800
    heads = shown.run(
        "[...document.querySelectorAll('#_grid th')].map((h) => h.textContent.trim())"
    )
    assert heads[:5] == ["name", "variant", "verdict", "energy", "classifier"]


def test_the_grid_is_sorted_by_keyboard_and_says_so(show: Open) -> None:
    shown = show()
    as_listed = lines(shown)
    shown.run("document.querySelector('#_grid thead button').focus()")
    for direction, reverse in (("ascending", False), ("descending", True)):
        shown.press(*ENTER)
        assert lines(shown) == sorted(as_listed, key=lambda line: line[0], reverse=reverse)
        assert shown.run("document.querySelector('#_grid th').ariaSort") == direction
    shown.press(*TAB)
    assert focused(shown) == "variant"
    shown.press(*SPACE)
    assert [line[1] for line in lines(shown)] == sorted(line[1] for line in as_listed)
    set_field(shown, "sort", "-1")
    assert lines(shown) == as_listed


def test_the_grid_is_filtered_and_counts_what_is_left(show: Open) -> None:
    shown = show()
    set_field(shown, "name", "DIG")
    assert lines(shown) == [["digits", variant] for variant in VARIANTS]
    set_field(shown, "verdict", "different")
    assert lines(shown) == [["digits", "article"], ["digits", "no_adversary"]]
    set_field(shown, "test", "energy")
    assert lines(shown) == []
    set_field(shown, "test", "classifier")
    set_field(shown, "variant", "article")
    assert lines(shown) == [["digits", "article"]]
    assert shown.run("document.getElementById('_shown').textContent") == "1 of 24 lines"
    shown.run("document.querySelector('#_filter [type=reset]').click()")
    shown.run("new Promise((resolve) => setTimeout(resolve, 50))")
    assert len(lines(shown)) == 24


def test_a_section_has_a_link_of_its_own(show: Open) -> None:
    shown = show(at="#digits/article")
    assert shown.run("document.getElementById('digits').open")
    assert shown.run("document.getElementById('digits/article').open")
    top = shown.run("document.getElementById('digits/article').getBoundingClientRect().top")
    assert -1 <= top < 800
    assert not shown.run("document.getElementById('pooled').open")


def test_links_of_the_grid_unfold_what_they_point_to(show: Open) -> None:
    shown = show()
    links = shown.run("[...document.querySelectorAll('main a')].map((a) => a.hash.slice(1))")
    assert len(links) >= 24
    shown.run("document.querySelector('#_grid a[href=\"#pooled/article\"]').click()")
    shown.run("new Promise((resolve) => setTimeout(resolve, 200))")
    assert shown.run("document.getElementById('pooled/article').open")
    shown.run("document.getElementById('_unfold').click()")
    for link in links:
        assert shown.run(f"!!document.getElementById(decodeURIComponent({link!r}))")


def test_everything_unfolds_and_folds(show: Open) -> None:
    shown = show()
    few = shown.run("document.querySelectorAll('*').length")
    shown.run("document.getElementById('_unfold').focus()")
    shown.press(*ENTER)
    assert shown.run("document.querySelectorAll('details:not([open]), template').length") == 0
    assert shown.run("document.querySelectorAll('*').length") > 3 * few
    shown.press(*TAB)
    shown.press(*SPACE)
    assert shown.run("document.querySelectorAll('.part[open], .name[open]').length") == 0
    assert shown.run("document.documentElement.scrollHeight") < HEIGHT


def test_a_section_unfolds_by_keyboard_and_its_tables_are_reached(show: Open) -> None:
    shown = show()
    shown.run("document.querySelector('#digits > summary').focus()")
    shown.press(*ENTER)
    shown.run("new Promise((resolve) => setTimeout(resolve, 100))")
    assert shown.run("document.querySelectorAll('#digits img').length") > 3
    shown.press(*TAB)  # the variant's own summary
    assert focused(shown).startswith("default")
    shown.press(*TAB)
    assert shown.run("document.activeElement.className") == "scroll"


def test_every_picture_is_described_by_a_sentence(show: Open) -> None:
    shown = show()
    shown.run("document.getElementById('_unfold').click()")
    said = shown.run(
        "[...document.querySelectorAll('img, svg[role=img]')]"
        ".map((each) => each.alt ?? each.getAttribute('aria-label'))"
    )
    sentences = [each for each in said if each != "to"]
    assert len(sentences) > 300
    assert all(re.fullmatch(r"[^<>]{20,}\.", each) for each in sentences)


def test_a_print_has_the_grid_and_no_cards(show: Open, browser: Chromium) -> None:
    shown = show(width=1032)  # A4, landscape
    head = "getComputedStyle(document.querySelector('#_grid thead')).display"
    assert shown.run(head) == "none"
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert shown.run(head) == "table-header-group"
        assert shown.run("document.documentElement.scrollWidth") <= 1032
        # Folded sections are left out, which a line says; what is unfolded is printed.
        heights = "[...document.querySelectorAll('.name, .paper')].map((e) => e.offsetHeight > 0)"
        assert shown.run(heights) == [True] + [False] * 8
        shown.run("document.querySelector('#digits').open = true")
        assert shown.run(heights) == [True] + [False] * 7 + [True]
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")


def test_without_scripts_the_grid_can_be_read(show: Open, browser: Chromium) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        shown = show()
        text = shown.run("document.body.innerText")
        assert "unfolds with JavaScript" in text and "digits" in text
        assert shown.run("document.getElementById('_filter').hidden")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
