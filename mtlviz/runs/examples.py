"""EXAMPLES: recorded runs that come with the app, so that no page is empty at first sight.

    mtlviz replicate NAME --quick --pack FILE

makes the file of one anew. They hold numbers alone: no sentence of any data set.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock

from mtlviz.engine.config import RunConfig
from mtlviz.errors import DataError, unknown_choice
from mtlviz.runs import sharing_study
from mtlviz.runs.pack_file import ENDING, unpacked
from mtlviz.runs.recorded_runs import Opened, fingerprint, open_pack
from mtlviz.runs.store import Store

FOLDER = Path(__file__).with_name("example_packs")
_OPENING = Lock()


@dataclass(frozen=True)
class Example:
    """A pack that comes with the app.

    Attributes:
        title: What it is, in a few words.
        shows: What is to be seen in it, in one sentence.
        is_study: Whether its runs are a study of ways of sharing, which the Capacity lab shows.
    """

    title: str
    shows: str
    is_study: bool = False


EXAMPLES: dict[str, Example] = {
    "built-in": Example(
        "Four built-in tasks: classic, PCGrad, round robin",
        "Reviews, letters, topics and similarity share an encoder in three ways: whom does that "
        "help? Three seeds, each task alone as well.",
    ),
    "course": Example(
        "SST, Quora and STS on a pretrained encoder",
        "MiniLM trained by classic, PCGrad and round robin on few examples; three seeds, each task "
        "alone as well.",
    ),
    "sentences": Example(
        "Six sentence sets: one encoder, PCGrad, own adapters",
        "MiniLM shared whole, with PCGrad, and by adapters of each task's own, gradients layer by "
        "layer; three seeds, each task alone as well.",
    ),
    "sharing": Example(
        "Six real tasks by ways of sharing MiniLM",
        "One encoder for all, LoRA, adapters, a generated one and fused ones, each task alone: six "
        "ways over three seeds, as a study of the Capacity lab as well.",
        is_study=True,
    ),
    "families": Example(
        "Thirty-two tasks in four planted families",
        "Who lowers whose loss among 32 tasks, and each with an encoder of its own: are the "
        "families found? Affinities, gradients and embeddings over three seeds.",
    ),
    "halves": Example(
        "Questions, sentiment and inference in phases",
        "MiniLM trained on SQuAD, SST-2 and MNLI in pairs, one task in two halves around the other "
        "and both together: too short to tell, but every switch is to be seen.",
    ),
}
"""By name; the file of each has its name."""


def example_file(name: str) -> Path:
    """The file of an example.

    Raises:
        ConfigError: If there is no such example.
    """
    if name not in EXAMPLES:
        raise unknown_choice("example", name, EXAMPLES)
    return FOLDER / f"{name}{ENDING}"


def packaged() -> list[str]:
    """Names of the examples whose files are here."""
    return [name for name in EXAMPLES if example_file(name).is_file()]


@lru_cache(maxsize=64)
def example_of(pack: str) -> str:
    """Name of the example that a pack is, by its fingerprint; empty for a pack of somebody's."""
    return next((name for name in packaged() if fingerprint(_content(name)) == pack), "")


def example_settings(name: str) -> list[RunConfig]:
    """Settings of an example's runs, without opening it.

    Raises:
        ConfigError: If there is no such example.
        DataError: If its file is missing or damaged.
    """
    text, _ = unpacked(_content(name))
    return [RunConfig.from_values(each["config"]) for each in text["runs"]]


def _content(name: str) -> bytes:
    try:
        return example_file(name).read_bytes()
    except OSError as error:
        raise DataError(f"The example {name} is not in this installation.") from error


def open_example(store: Store, name: str) -> Opened:
    """Open an example; at once where it was opened before.

    Raises:
        ConfigError: If there is no such example.
        DataError: If its file is missing or damaged.
    """
    content = _content(name)
    # A class opens one example at once: it is there once all the same.
    with _OPENING:
        opened = open_pack(store, content)
        if not EXAMPLES[name].is_study:
            return opened
        study = sharing_study.stored_as_study(store, opened.title, opened.runs)
    return replace(opened, study=study)
