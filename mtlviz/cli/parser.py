"""Flags that are wrong in one sentence, as everything else is."""

import argparse
from functools import partial
from typing import NoReturn

from mtlviz.errors import ConfigError
from mtlviz.limits import whole_number

RUN_NUMBER = partial(whole_number, what="RUN", low=1)
SWEEP_NUMBER = partial(whole_number, what="SWEEP", low=1)


class Parser(argparse.ArgumentParser):
    """A parser of flags whose mistakes are ConfigErrors, without the whole usage before them."""

    def error(self, message: str) -> NoReturn:
        """Refuse the flags.

        Raises:
            ConfigError: Always.
        """
        sentence = " ".join(message.split())
        sentence = sentence if len(sentence) <= 300 else f"{sentence[:299]}…"
        raise ConfigError(f"{sentence[:1].upper()}{sentence[1:]}; see {self.prog} --help.")
