"""Flags that are wrong in one sentence, as everything else is."""

import argparse
from typing import NoReturn

from mtlviz.errors import ConfigError


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
