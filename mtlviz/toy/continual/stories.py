"""Stories of the continual lab: settings worth seeing, and the question that each answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.measures.transfer import transfer
from mtlviz.questions import Answer, Question, answered
from mtlviz.toy.continual.settings import ContinualToyConfig
from mtlviz.toy.continual.summary import ContinualSummary


@dataclass(frozen=True)
class Story:
    """A story.

    Attributes:
        title: Its name in the list.
        text: What is seen, before the question.
        told: What is told at the end, about this story alone.
        right: Which of the methods asked about comes closest to joint training.
        config: The settings.
    """

    title: str
    text: str
    told: str
    right: str
    config: ContinualToyConfig


ASKED: Mapping[str, tuple[str, str]] = {
    "replay": (
        "Replay of a few old examples",
        "Old data say best what they ask. But ten points with the weight of a whole task are "
        "learned by heart.",
    ),
    "lwf": (
        "Keeping the old heads' answers (LwF)",
        "The old heads' answers on new points stand in for old data. That is worth most where "
        "inputs are alike and heads are apart.",
    ),
    "frozen": (
        "Freezing what is shared",
        "With heads of their own nothing is forgotten, and nothing new is learned in what is "
        "shared. One head for all goes on changing.",
    ),
    "sequential": (
        "None of them is better than just going on",
        "So it would be if the new task asked for what the old ones had left.",
    ),
}
"""The methods that the question is about: a short name, and the reason for it or against it."""
_END = "**Which method comes closest to training on all tasks at once?**"
_MECHANISM = (
    "Nothing in the loss of a new task speaks for an old one: what both share moves where the "
    "newest wants it. Each method puts something in the old task's place, and which stand-in is "
    "worth most depends on **what comes when**."
)

STORIES: Mapping[str, Story] = {
    "sequence": Story(
        "Three tasks, one after another",
        "Three tasks on one cloud, each with **a head of its own**, arrive one after another; only "
        "the newest task's points are at hand.",
        "All tasks have the same inputs here, so the old heads' answers on the new points say "
        "nearly all that the old data did.",
        "lwf",
        ContinualToyConfig(),
    ),
    "late": Story(
        "A third task arrives late",
        "Tasks 1 and 2 train together; then **task 3 arrives**, with a head of its own, and only "
        "its points are at hand.",
        "A layer that served two tasks serves a third almost as it is: even freezing it costs "
        "little, and replay of ten points gains nothing.",
        "lwf",
        ContinualToyConfig(scenario="late"),
    ),
    "drift": Story(
        "One question, and the data drift",
        "**One question, one head**: which side of one bent boundary? The cloud moves along it in "
        "three steps, and only the points under it now are at hand.",
        "Under the moved cloud the old model's answers are guesses about places it has never seen: "
        "keeping them hinders the new step. Old points are what is missing.",
        "replay",
        ContinualToyConfig(scenario="drift", gap=2.2, capacity=6, seeds=12),
    ),
    "room": Story(
        "The same tasks with more room",
        "The three tasks of the first story with **twelve** shared units in place of five, each "
        "with a head of its own.",
        "More room leaves more units that the new task has no use for: less is forgotten, and not "
        "nothing.",
        "lwf",
        ContinualToyConfig(capacity=12),
    ),
}  # fmt: skip
_NEXT = {"sequence": "drift", "drift": "sequence", "late": "drift", "room": "sequence"}


def question(name: str) -> Question:
    """The question of a story; one that fits any settings where the name is none of theirs."""
    answers = tuple(Answer(text, reason, (method,)) for method, (text, reason) in ASKED.items())
    if name not in STORIES:
        return Question("continual.any", _END, answers, None, _MECHANISM)
    story = STORIES[name]
    right = list(ASKED).index(story.right)
    return Question(
        f"continual.{name}", f"{story.text} {_END}", answers, right,
        f"{story.told} {_MECHANISM}", _NEXT[name],
    )  # fmt: skip


def with_answer(asked: Question, summary: ContinualSummary) -> Question:
    """The question with what was found: the best of the methods asked about, if one is."""
    return answered(asked, [found] if (found := best_asked(summary)) else [])


def best_asked(summary: ContinualSummary) -> str | None:
    """The method asked about whose average score is above every other's beyond chance, if any."""
    averages = {name: summary.averages[name] for name in ASKED}
    if not all(np.isfinite(each).all() for each in averages.values()):
        return None
    best = max(averages, key=lambda name: float(averages[name].mean()))
    others = [each for name, each in averages.items() if name != best]
    won = [transfer(averages[best], each).verdict == "helps" for each in others]
    return best if all(won) else None
