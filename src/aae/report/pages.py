"""Fill a template of this room; the pages need no other file."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(
    template: str,
    content: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
    known: Mapping[str, Any] | None = None,
) -> str:
    """Fill a template; a name that it needs and `content` has not is an error.

    Args:
        template: name of a file in templates/.
        content: what the page is about.
        filters: that the template uses, by name.
        known: names that its macros see, too.
    """
    environment = Environment(
        loader=PackageLoader("aae.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= dict(filters or {})
    environment.globals |= dict(known or {})
    return environment.get_template(template).render(content).lstrip()
