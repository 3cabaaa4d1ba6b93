"""Imported for its effect: Hydra has looked for its plugins, which takes longer than a stage."""

from hydra.core.plugins import Plugins

Plugins.instance()
