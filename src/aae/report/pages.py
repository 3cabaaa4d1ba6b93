"""Fill a template of this room: all pages have one frame, style and script, and need no other file.

The frame forbids every request: nothing is loaded, and no script runs but its own.
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aae.report.wording import effect, number, probability, spread

FILTERS: dict[str, Any] = {
    "number": number,
    "probability": probability,
    "spread": spread,
    "effect": effect,
}


def render(
    template: str,
    content: Mapping[str, Any],
    known: Mapping[str, Any] | None = None,
) -> str:
    """Fill a template; a name that it needs and `content` has not is an error.

    Args:
        template: name of a file in templates/.
        content: what the page is about.
        known: names that its macros see, too.
    """
    environment = Environment(
        loader=PackageLoader("aae.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals |= dict(known or {}) | {
        "style": _source("style.css"),
        "script": _source("script.js"),
        "script_hash": b64encode(sha256(_source("script.js").encode()).digest()).decode(),
    }
    return environment.get_template(template).render(content).lstrip()


def _source(name: str) -> Markup:
    """Return a file of templates/ as it is."""
    return Markup(files("aae.report").joinpath("templates", name).read_text(encoding="utf-8"))
