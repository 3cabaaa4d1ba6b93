"""What Hydra refuses of conf/ and of overrides, in one line as all other errors here."""

from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from aae.base.checks import one_of

REFUSALS = HydraException, OmegaConfBaseException
UNKNOWN_KEY = ConfigKeyError, ConfigAttributeError
NOTES = "\n    full_key:", "\nConfig search path:"  # after which there is nothing for users


def in_one_line(error: Exception) -> str:
    """An error, in one line: "expected ..., got ..." where it is one of Hydra's or OmegaConf's."""
    if not isinstance(error, REFUSALS):
        return str(error)
    chain = [each for each in (error, error.__cause__) if each]
    for each in chain:
        if isinstance(each, UNKNOWN_KEY) and isinstance(each.parent_node, DictConfig):
            return _unknown_key(each.parent_node, str(each.full_key))
    text = ": ".join(map(_without_notes, chain))
    if isinstance(error, OverrideParseException):
        text = f"{error.override}: {text}"
    return f"expected settings that Hydra accepts, got: {' '.join(text.split())}"


def _unknown_key(section: DictConfig, full_key: str) -> str:
    name, _, key = full_key.rpartition(".")
    choices = [one_of([*map(str, section)]).expected] if section else []
    if OmegaConf.get_type(section) is dict:
        choices.append("a new one (+KEY=VALUE)")
    return f"expected {name or 'params.yaml'}'s key to be {' or '.join(choices)}, got {key!r}"


def _without_notes(error: BaseException) -> str:
    text = str(error)
    for note in NOTES:
        text = text.split(note)[0]
    return text
