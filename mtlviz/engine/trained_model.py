"""A run's model after training: the one way to its answers, for the shell, the app and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from mtlviz.engine import checkpoint, purposes
from mtlviz.engine.answers import Answers, answered
from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.engine.device import resolve_device
from mtlviz.engine.evaluate import TaskScore, score_of
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.models.tokens import Tokenizer
from mtlviz.engine.models.words import WordTokenizer
from mtlviz.engine.predictions import Predictions, check_texts
from mtlviz.engine.purposes import generator
from mtlviz.engine.resuming import check_same_data, check_same_settings, load_model
from mtlviz.engine.switch import classes_in
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.tasks.task import Examples, Task, Texts
from mtlviz.engine.text_words import split_words
from mtlviz.engine.training import read_batches, untrained
from mtlviz.errors import unknown_choice


@dataclass(frozen=True)
class TrainedModel:
    """A model as its run scored best, ready to answer.

    Attributes:
        config: Settings of the run.
        tasks: Its tasks, as it loaded them.
        tokenizer: Turns texts into token numbers as in the run.
        model: The model with the values that scored best, or the latest where none was scored.
        device: Where it computes.
    """

    config: RunConfig
    tasks: tuple[Task, ...]
    tokenizer: Tokenizer
    model: MultiTaskModel
    device: torch.device

    def number(self, task: str) -> int:
        """The place of a task in the run.

        Raises:
            ConfigError: The run has no task of this name.
        """
        names = [each.name for each in self.tasks]
        if task not in names:
            raise unknown_choice("task of this run", task, names)
        return names.index(task)

    def predict(self, task: str, texts: Texts) -> Predictions:
        """What a task's head says of some texts, none of whose labels it can see.

        Raises:
            ConfigError: The run has no task of this name.
            DataError: There are no texts, or not as many in each as the task reads.
        """
        number = self.number(task)
        found = self._answers(number, texts)
        given = (found.answers, found.probabilities, found.best)
        return Predictions(self.tasks[number], texts, *given)

    def evaluate(self, task: str, examples: Examples) -> TaskScore:
        """Score a task's answers to labelled examples, just as the run was scored; without a loss.

        Raises:
            ConfigError: The run has no task of this name.
            DataError: There are no examples, or not as many texts in each as the task reads.
        """
        number = self.number(task)
        return score_of(self.tasks[number], examples, self._answers(number, examples.texts))

    def remarks(self, task: str, texts: Texts) -> list[str]:
        """One sentence each on what the model does not see of some texts: words, and long ends."""
        number = self.number(task)
        kind, data = KINDS[self.tasks[number].kind], self.config.data
        found = _unknown_words(self.tokenizer, texts)
        if kind.reads_tokens:
            return found
        joined = None if kind.reads_apart(data.tasks[number].head) else texts.second
        rows = self.tokenizer.encode(texts.first, joined, data.max_length + 1)
        cut = sum(len(row.ids) > data.max_length for row in rows)
        if cut:
            found.append(
                f"{cut:,} of {len(texts):,} texts are longer than the {data.max_length} tokens "
                "that this run reads: the rest of them is cut off."
            )
        return found

    def _answers(self, number: int, texts: Texts) -> Answers:
        task = self.tasks[number]
        check_texts(task, texts)
        # The form that batches read; a label nobody looks at, the same for all.
        blank = np.zeros((len(texts), 2) if KINDS[task.kind].reads_tokens else len(texts), np.int64)
        asked = Examples(texts.ids, texts.first, texts.second, blank)
        given = replace(task, splits={"test": asked})
        split = read_batches(self.config, number, given, "test", self.tokenizer, self.device)
        split.labelled = False
        return answered(self.model, number, split, self.device, self.config.optimisation.precision)


def trained_model(
    config: RunConfig,
    stored: Path,
    *,
    device: str | None = None,
    tasks: Sequence[Task] | None = None,
) -> TrainedModel:
    """The model that a run's checkpoint holds.

    Args:
        config: Settings of the run.
        stored: One of its checkpoints.
        device: Where to compute; where the run did if None.
        tasks: Its tasks where they are loaded already.

    Raises:
        MtlvizError: The checkpoint does not fit, or the data is gone or has changed.
    """
    check_choices(config)
    content = checkpoint.read(stored)
    check_same_settings(config, content.state["config"])
    place = resolve_device(device or config.device)
    drawn = generator(config.seed, purposes.DATA)
    loaded = tuple(tasks) if tasks is not None else load_tasks(config.data, drawn)
    check_same_data(loaded, content)
    tokenizer, model = untrained(config, loaded, place)
    load_model(model, content)
    phase = content.state["progress"].get("phase", 0)
    model.classes = classes_in(config, loaded, phase, place)
    _use_best(model, content)
    return TrainedModel(config, loaded, tokenizer, model.eval(), place)


def _unknown_words(tokenizer: Tokenizer, texts: Texts) -> list[str]:
    """A sentence where a vocabulary of whole words lacks some."""
    if not isinstance(tokenizer, WordTokenizer):
        return []
    words = [word for text in (*texts.first, *(texts.second or ())) for word in split_words(text)]
    unknown = sum(word not in tokenizer.known for word in words)
    if not unknown:
        return []
    return [
        f"{unknown:,} of {len(words):,} words are unknown to this run, which learned words from "
        "its training texts alone: it takes all of them for one unknown word."
    ]


def _use_best(model: MultiTaskModel, content: checkpoint.Stored) -> None:
    """Give a model the values that scored best, where it was ever scored."""
    best = content.under("best")
    # Files of earlier versions lack what phases set.
    known = dict(model.named_parameters()) | model.set_by_phases()
    checkpoint.load_tensors({name: known[name] for name in best if name in known}, best, "model")
