"""Fill a template that lies beside the modules; the pages need no other file."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, content: Mapping[str, Any]) -> str:
    """Fill a template; a name that it needs and `content` has not is an error."""
    environment = Environment(
        loader=PackageLoader("aae", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(content)
