"""Names and cells that a browser could obey are text in a real one."""

from pathlib import Path

import pytest
from support.chromium import Chromium
from support.hostile import EVIL, PAGES, PLAIN

SHOWN = (
    "[...document.querySelectorAll('*')].map((e) => [e.tagName, ...e.getAttributeNames()].join())"
)
OPENED = "Page.javascriptDialogOpening"


def opened(browser: Chromium, folder: Path, page: str, word: str) -> list[str]:
    """Every element of a page that is made of a word, after each has been clicked and passed."""
    path = folder / "hostile.html"
    path.write_text(PAGES[page](word), encoding="utf-8")
    browser.view(1280)
    browser.open(path.as_uri())
    elements: list[str] = browser.run(SHOWN)
    browser.run(
        "document.querySelectorAll('*').forEach((e) => {"
        "e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));"
        "if (e.tagName != 'BUTTON' && e.tagName != 'SUMMARY') e.click?.(); })"
    )
    browser.run("new Promise((resolve) => setTimeout(resolve, 50))")
    assert browser.complaints == []
    assert {each.partition("#")[0] for each in browser.requests} == {path.as_uri()}
    assert OPENED not in {event["method"] for event in browser._events}
    return elements


@pytest.mark.parametrize("page", PAGES)
def test_no_dialog_opens_and_no_element_is_added(
    browser: Chromium, tmp_path: Path, page: str
) -> None:
    for word in EVIL:
        plain = opened(browser, tmp_path, page, PLAIN * len(word))
        assert opened(browser, tmp_path, page, word) == plain


def test_a_page_that_does_not_escape_would_be_seen(browser: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text("<p>" + EVIL[2].replace("alert", "Number"), encoding="utf-8")
    browser.open(path.as_uri())
    assert "IMG,src,onerror" in browser.run(SHOWN)
