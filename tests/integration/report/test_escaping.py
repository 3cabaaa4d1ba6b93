"""Whatever names, columns, classes, cells and revisions hold, pages show as text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.hostile import EVIL, PAGES, Built, plain

pieces = st.lists(
    st.sampled_from([*EVIL, *"<>\"'&;=/!-", "script", "&#x3c;", "\\u003c", "`"])
    | st.characters(exclude_categories=["C", "Z"]),
    min_size=1,
    max_size=5,
)


def assert_text(page: str, word: str) -> None:
    """Expect the elements of a page of a plain word, and the word as text."""
    built = Built(PAGES[page](word))
    assert built.elements == plain(page, len(word)).elements
    assert all(address.startswith(("#", "data:")) for address in built.addresses)
    assert word.replace("|", "/") in built.text.replace("|", "/")


@pytest.mark.parametrize("word", EVIL)
@pytest.mark.parametrize("page", PAGES)
def test_what_a_browser_would_obey_is_text(page: str, word: str) -> None:
    assert_text(page, word)


@pytest.mark.parametrize("page", ["check", "compare"])
@settings(deadline=None, max_examples=15)
@given(parts=pieces)
def test_any_word_is_text(page: str, parts: list[str]) -> None:
    assert_text(page, "".join(parts))
