"""What names a run's revision: MD5 as DVC computes it, and a copy of the page with times."""

from pathlib import Path

from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree

from aae.report.dated import dated
from aae.report.provenance import _md5, folder_md5

PAGE = "<p><!-- revision --></p><p><!-- run digits/default/0 --></p>"
ENTRY = {"seconds": 12.3, "ended": "2026-01-31T10:00:00+00:00"}


def test_a_folder_has_the_md5_that_dvc_gives_it(tmp_path: Path) -> None:
    tree = Tree()
    for name in ("b/z", "b.txt", "a"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        tree.add(tuple(name.split("/")), None, HashInfo("md5", _md5(path)))
    tree.digest()
    assert folder_md5(tmp_path) == tree.hash_info.value


def test_a_copy_of_the_page_says_revision_and_times() -> None:
    runs = {"train/digits/default/0": ENTRY, "evaluate/digits/default/0": ENTRY | {"seconds": 40}}
    text = dated(PAGE, "Made at <b>.", runs)
    assert "<!--" not in text and "Made at &lt;b&gt;." in text
    assert "trained in 12 s (2026-01-31), evaluated in 40 s (2026-01-31)" in text


def test_a_run_of_elsewhere_has_no_time() -> None:
    assert "Not run on this machine." in dated(PAGE, "", {})
