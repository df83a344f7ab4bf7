"""What a ready-made run is, and the encoders that papers and small machines use."""

from collections.abc import Callable
from dataclasses import dataclass

from mtlviz.engine.config import RunConfig

BERT = "google-bert/bert-base-uncased"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"


@dataclass(frozen=True)
class Preset:
    """A ready-made run.

    Attributes:
        title: One sentence for a person who chooses.
        make: Builds the settings; its argument replaces the pretrained encoder where there is one.
        pretrained: Whether it needs a pretrained encoder.
        lesson: What its tasks are made to show; empty where nobody knows beforehand.
    """

    title: str
    make: Callable[[str], RunConfig]
    pretrained: bool = False
    lesson: str = ""
