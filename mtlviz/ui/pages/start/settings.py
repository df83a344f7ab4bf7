"""What a visitor of the start page has guessed."""

from typing import ClassVar, Literal

from mtlviz.settings import Settings, setting
from mtlviz.ui.core.part import Part


class Guess(Settings):
    """Who was guessed to help task 1; nobody yet."""

    link_prefix: ClassVar[str] = "start_"
    guess: Literal["", "Task 2 helps", "Task 3 helps", "Neither helps"] = setting("", linked=False)


GUESS = Part("start", Guess)
GUESSES = tuple(filter(None, GUESS.model.control("guess").offered()))
PARTS = (GUESS,)
