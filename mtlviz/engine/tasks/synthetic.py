"""Built-in tasks: sentences from a small grammar with planted sentiment, topic and similarity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.task import Examples, Kind, Task
from mtlviz.engine.tasks.vocabulary import (
    FAMILIES,
    TOPICS,
    Concept,
    Vocabulary,
    polarities,
    vocabulary,
)
from mtlviz.errors import ConfigError, unknown_choice

# One entry per slot of the sentence: which concept, and which of its two words.
Choice = tuple[tuple[Concept, int], ...]
Label = float | tuple[int, ...]
_SLOTS = 6
_TRAIT_SLOTS = (0, 3, 4)
_HIGHEST_SCORE = 5.0
_VERB_SLOT = 2
# What answers a question: person, thing, and the two adjectives of the thing.
_PARTS = {"who": (1,), "what": (5,), "how": (3, 4)}
_UNKNOWN = "when"
_PRAISED = "praise"


@dataclass(frozen=True)
class _Rule:
    """What a task of one kind asks.

    Attributes:
        kind: Kind of head.
        label_names: Its classes.
        metric: Its main score.
        draw: One example (first, second or None, label) from words, signs of the traits, and
            randomness.
        highest: Highest score; the lowest is 0. Not used where there are classes.
    """

    kind: Kind
    label_names: tuple[str, ...]
    metric: str
    draw: Callable[
        [Vocabulary, dict[Concept, float], np.random.Generator], tuple[str, str | None, Label]
    ]
    highest: float = _HIGHEST_SCORE


def synthetic(  # noqa: PLR0913 (the options of a source are its parameters)
    name: str,
    path: str = "",
    *,
    asks: str = "sentiment",
    size: int = 600,
    dev_size: int = 400,
    vocabulary_overlap: float = 0.5,
    vocabulary_pool: int = 0,
    agreement: float = 1.0,
    family: int = 0,
    seed: int = 0,
) -> Task:
    """Built-in sentences whose labels follow a known rule; needs no files.

    A sentence reads "the patient teacher praised the quiet and elegant film". Its sentiment is that
    of most of its three adjectives, its topic that of its last noun. Two sentences are as similar
    as the share of six slots that mean the same; a paraphrase means the same in all of them. The
    rating of a sentence is how many of its adjectives praise; its tags are its topic, and praise
    where most of them do. An answer is the part of the sentence that says who, what or how;
    "maybe" also asks when, which no sentence says.
    No sentence stands in both splits.

    Args:
        name: The task's name.
        path: Not used.
        asks: "sentiment", "topic", "paraphrase", "similarity", "rating", "tags", "answer"
            or "maybe".
        size: Training examples.
        dev_size: Development examples.
        vocabulary_overlap: Share of words common to all built-in tasks, 0 to 1: how much alike the
            inputs of two tasks are.
        vocabulary_pool: Which words the task has for itself, 0 to 3; tasks with the same number
            share them.
        agreement: Share of adjectives that the sentiment rule judges as its family's rule does,
            0 to 1; only for "sentiment".
        family: Which family's rule, 0 to 11; family 0 has the reference rule, and what one family
            praises says nothing of what another does; only for "sentiment".
        seed: Decides which sentences are drawn; the same in every run.

    Raises:
        ConfigError: An option is outside its range.

    Reference:
        Ours.
    """
    if asks not in _RULES:
        raise unknown_choice("kind of built-in task", asks, _RULES)
    _check(path, {"size": size, "dev_size": dev_size, "seed": seed})
    _check_rule(asks, agreement, family)
    rule, words = _RULES[asks], vocabulary(vocabulary_overlap, vocabulary_pool)
    # Tasks of one seed but different kind or words must not draw the same sentences.
    generator = np.random.default_rng([seed, list(_RULES).index(asks), vocabulary_pool])
    signs = polarities(len(words.traits), agreement, generator, family)
    judged = dict(zip(words.traits, signs.tolist(), strict=True))
    everything = _distinct(size + dev_size, lambda: rule.draw(words, judged, generator), rule)
    return Task(
        name=name,
        kind=rule.kind,
        label_names=rule.label_names,
        metric=rule.metric,
        splits={
            "train": take(everything, range(size)),
            "dev": take(everything, range(size, size + dev_size)),
        },
        origin=f"Built-in sentences, {asks}, {vocabulary_overlap:.0%} common words, seed {seed}.",
        score_range=(0.0, rule.highest) if KINDS[rule.kind].ranged else None,
    )


def _check(path: str, counts: dict[str, int]) -> None:
    if path:
        raise ConfigError(f"Built-in tasks are read from no file, but the path is {path!r}.")
    for option, value in counts.items():
        least = 0 if option == "seed" else 1
        if not isinstance(value, int) or not least <= value <= 20_000:
            raise ConfigError(f"`{option}` must be {least} to 20,000, got {value!r}.")


def _check_rule(asks: str, agreement: float, family: int) -> None:
    if not isinstance(agreement, int | float) or not 0 <= agreement <= 1:
        raise ConfigError(f"`agreement` must lie between 0 and 1, got {agreement!r}.")
    if isinstance(family, bool) or family not in range(FAMILIES):
        raise ConfigError(f"`family` must be 0 to {FAMILIES - 1}, got {family!r}.")
    for option, given, usual in (("agreement", agreement, 1), ("family", family, 0)):
        if asks != "sentiment" and given != usual:
            raise ConfigError(f"`{option}` is for sentiment only, not for {asks!r}.")


def _sentiment(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, None, Label]:
    choice = _choice(words, generator)
    return _sentence(choice), None, float(_praises(choice, signs))


def _rating(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, None, Label]:
    choice = _choice(words, generator)
    return _sentence(choice), None, (_votes(choice, signs) + len(_TRAIT_SLOTS)) / 2


def _tags(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, None, Label]:
    topic = int(generator.integers(len(TOPICS)))
    choice = _choice(words, generator, TOPICS[topic])
    tags = (_praises(choice, signs), *(number == topic for number in range(len(TOPICS))))
    return _sentence(choice), None, tuple(map(int, tags))


def _answer(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, str, Label]:
    choice = _choice(words, generator)
    asked = str(generator.choice(list(_PARTS)))
    sentence, verb = _sentence(choice), choice[_VERB_SLOT][0][choice[_VERB_SLOT][1]]
    parts = [choice[slot][0][choice[slot][1]] for slot in _PARTS[asked]]
    start = sentence.index(f" {parts[0]} ") + 1 if asked != "what" else sentence.rindex(parts[0])
    return f"{asked} was it that {verb} ?", sentence, (start, start + len(" and ".join(parts)))


def _maybe(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, str, Label]:
    """An answer, or in a third of cases a question that no sentence answers."""
    question, sentence, place = _answer(words, signs, generator)
    if generator.integers(3):
        return question, sentence, place
    return " ".join([_UNKNOWN, *question.split()[1:]]), sentence, (0, 0)


def _praises(choice: Choice, signs: dict[Concept, float]) -> bool:
    """Whether most adjectives praise; three never tie."""
    return _votes(choice, signs) > 0


def _votes(choice: Choice, signs: dict[Concept, float]) -> float:
    """Praising adjectives less blaming ones; the first word of a trait praises."""
    return sum(signs[choice[slot][0]] * (1 - 2 * choice[slot][1]) for slot in _TRAIT_SLOTS)


def _topic(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, None, Label]:
    topic = int(generator.integers(len(TOPICS)))
    return _sentence(_choice(words, generator, TOPICS[topic])), None, float(topic)


def _paraphrase(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, str, Label]:
    same = bool(generator.integers(2))
    kept = _SLOTS if same else int(generator.integers(_SLOTS - 2))
    first, second = _pair(words, kept, generator)
    return first, second, float(same)


def _similarity(
    words: Vocabulary, signs: dict[Concept, float], generator: np.random.Generator
) -> tuple[str, str, Label]:
    kept = int(generator.integers(_SLOTS + 1))
    return *_pair(words, kept, generator), _HIGHEST_SCORE * kept / _SLOTS


_RULES = {
    "sentiment": _Rule("classification", ("negative", "positive"), "accuracy", _sentiment),
    "topic": _Rule("classification", TOPICS, "accuracy", _topic),
    "paraphrase": _Rule(
        "pair_classification", ("different", "paraphrase"), "accuracy", _paraphrase
    ),
    "similarity": _Rule("pair_regression", (), "pearson", _similarity),
    # New rules come last: the place of a rule is part of its seed.
    "rating": _Rule("regression", (), "pearson", _rating, float(len(_TRAIT_SLOTS))),
    "tags": _Rule("multilabel", (_PRAISED, *TOPICS), "f1_micro", _tags),
    "answer": _Rule("span_extraction", (), "span_f1", _answer),
    "maybe": _Rule("span_or_none", (), "span_f1_v2", _maybe),
}


def _slots(words: Vocabulary, topic: str) -> tuple[tuple[Concept, ...], ...]:
    """The concepts each slot of the sentence can hold."""
    traits = words.traits
    return traits, words.people, words.verbs, traits, traits, words.things[topic]


def _choice(words: Vocabulary, generator: np.random.Generator, topic: str = "") -> Choice:
    topic = topic or TOPICS[generator.integers(len(TOPICS))]
    concepts: list[Concept] = []
    for options in _slots(words, topic):
        # No trait twice: "the calm and calm film" reads badly, and similarity would be ambiguous.
        free = [concept for concept in options if concept not in concepts]
        concepts.append(free[generator.integers(len(free))])
    return tuple(zip(concepts, generator.integers(2, size=_SLOTS).tolist(), strict=True))


def _pair(words: Vocabulary, kept: int, generator: np.random.Generator) -> tuple[str, str]:
    """Two sentences that mean the same in exactly so many slots, in any words for it."""
    first = _choice(words, generator)
    slots = set(generator.permutation(_SLOTS)[:kept].tolist())
    second = list(zip([c for c, _ in first], generator.integers(2, size=_SLOTS), strict=True))
    things = tuple(thing for topic in TOPICS for thing in words.things[topic])
    used = [concept for concept, _ in first]
    for slot, options in enumerate((*_slots(words, TOPICS[0])[:-1], things)):
        if slot not in slots:
            free = [concept for concept in options if concept not in used]
            used.append(free[generator.integers(len(free))])
            second[slot] = (used[-1], int(generator.integers(2)))
    return _sentence(first), _sentence(tuple(second))


def _sentence(choice: Choice) -> str:
    words = [concept[word] for concept, word in choice]
    return "the {} {} {} the {} and {} {}".format(*words)


def _references(texts: Sequence[str], spans: Sequence[Label]) -> tuple[tuple[str, ...], ...]:
    """The one accepted answer of each question; none where its place is empty."""
    pairs = zip(texts, spans, strict=True)
    return tuple((text[start:end],) if end else () for text, (start, end) in pairs)


def _distinct(
    count: int, draw: Callable[[], tuple[str, str | None, Label]], rule: _Rule
) -> Examples:
    """So many examples, no two with the same text."""
    found: dict[tuple[str, ...], tuple[str, str | None, Label]] = {}
    while len(found) < count:
        first, second, label = draw()
        found.setdefault((first, second or ""), (first, second, label))
    firsts, seconds, labels = zip(*found.values(), strict=True)
    return Examples(
        ids=tuple(str(number) for number in range(count)),
        first=firsts,
        second=seconds if KINDS[rule.kind].pair else None,
        references=_references(seconds, labels) if KINDS[rule.kind].reads_tokens else None,
        labels=np.array(labels).astype(KINDS[rule.kind].label_type),
    )


ASKS = tuple(_RULES)
"""What a built-in task can ask."""
