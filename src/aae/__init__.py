"""Does this adversarial autoencoder model this distribution, and did my change help?

`fit` a model to rows, `load` one, `judge` generated rows: see `aae.api`, which is imported when one
of them is asked for.
"""

from importlib import import_module
from typing import Any

_PLACES = {"fit": "fitting", "load": "trained", "judge": "judging"}
__all__ = ["fit", "judge", "load"]


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module 'aae' has no attribute {name!r}")
    return getattr(import_module(f"aae.api.{_PLACES[name]}"), name)
