"""From the flags of `mtlviz train` to the settings of a run."""

import argparse
from collections.abc import Iterable

from mtlviz.engine.config import RunConfig, fields
from mtlviz.engine.presets import preset
from mtlviz.errors import ConfigError
from mtlviz.limits import json_or_text

# Short flags for the settings that change most; every other one is reached with --set.
SHORT = {
    "name": "name",
    "seed": "seed",
    "device": "device",
    "processes": "processes",
    "epochs": "optimisation.epochs",
    "scheduler": "optimisation.scheduler",
    "combiner": "optimisation.combiner",
    "weighting": "optimisation.weighting",
    "learning-rate": "optimisation.learning_rate",
    "encoder": "capacity.encoder",
    "width": "capacity.width",
    "sharing": "capacity.sharing",
    "batch-size": "data.batch_size",
}


CHECKPOINT = "checkpoint"
"""The encoder that --checkpoint is for."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add every flag that decides the settings."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--preset", metavar="NAME", help="a ready-made run; 'default' if neither is given"
    )
    source.add_argument("--config", metavar="FILE", help="settings as JSON")
    parser.add_argument(
        "--checkpoint", metavar="PLACE", help="pretrained encoder: a local folder or a hub name"
    )
    for flag, place in SHORT.items():
        help_text = dict(fields())[place].description or "name of the run"
        # argparse reads % as a placeholder.
        parser.add_argument(f"--{flag}", metavar="X", help=help_text.replace("%", "%%"))
    parser.add_argument(
        "--set", action="append", default=[], metavar="PLACE=VALUE",
        help="any other setting, such as data.tasks.0.label_noise=0.2; may be repeated",
    )  # fmt: skip


def settings(flags: argparse.Namespace) -> RunConfig:
    """The settings that the flags describe: preset or file, then short flags, then --set.

    Raises:
        ConfigError: If a preset, file, place or value is wrong, or --checkpoint would be of no use.
    """
    if flags.config:
        config = RunConfig.from_file(flags.config)
    else:
        config = preset(flags.preset or "default")
    if flags.checkpoint is not None:
        config = config.changed_at("capacity.checkpoint", flags.checkpoint)
    for flag, place in SHORT.items():
        given = getattr(flags, flag.replace("-", "_"))
        if given is not None:
            config = config.changed_at(place, json_or_text(given, f"--{flag}"))
    for place, value in _pairs(flags.set):
        config = config.changed_at(place, value)
    if flags.checkpoint is not None and config.capacity.encoder != CHECKPOINT:
        raise ConfigError(
            f"--checkpoint names a pretrained encoder, but these settings train the encoder "
            f"{config.capacity.encoder!r} from scratch: add --encoder {CHECKPOINT}, or leave "
            "--checkpoint out."
        )
    return config


def given(flags: argparse.Namespace) -> bool:
    """Whether any flag decides a setting."""
    names = ("preset", "config", "checkpoint", *(name.replace("-", "_") for name in SHORT))
    return bool(flags.set) or any(getattr(flags, name) is not None for name in names)


def _pairs(given: Iterable[str]) -> Iterable[tuple[str, object]]:
    """Places and values of --set."""
    for text in given:
        place, equals, value = text.partition("=")
        if not equals or not place:
            raise ConfigError(f"--set needs PLACE=VALUE, got {text!r}.")
        yield place, json_or_text(value, f"--set {place}")
