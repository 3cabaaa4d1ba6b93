"""A check as a page."""

from aae.check.checking import CAVEAT, Check
from aae.report.pages import render


def page(found: Check) -> str:
    """Lay out a check as one self-contained HTML page."""
    return render("check.html.jinja", found.to_dict() | {"caveat": CAVEAT})
