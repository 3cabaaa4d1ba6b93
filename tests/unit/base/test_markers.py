"""What stands between two markers of a document is replaced, and nothing else."""

import pytest

from aae.base.markers import put_between

TEXT = "before\n<!-- mine: begin -->\nold\n<!-- mine: end -->\nafter\n<!-- other: begin -->"


def test_what_is_between_is_replaced(tmp_path):
    document = tmp_path / "docs.md"
    document.write_text(TEXT)
    put_between(document, "mine", "first")
    put_between(document, "mine", "new")
    assert document.read_text() == TEXT.replace("\nold\n", "\n\nnew\n\n")


@pytest.mark.parametrize("name", ["other", "absent"])
def test_a_document_without_both_markers_is_refused(tmp_path, name):
    document = tmp_path / "docs.md"
    document.write_text(TEXT)
    with pytest.raises(ValueError, match=f"expected <!-- {name}: begin --> and .* in .*docs.md"):
        put_between(document, name, "new")
    put_between(tmp_path / "absent.md", name, "new")
    assert document.read_text() == TEXT
    assert [each.name for each in tmp_path.iterdir()] == ["docs.md"]
