"""Tasks one after another on real sentences: eight methods in three scenarios, beside earlier ones.

    mtlviz replicate continual-scenarios

Mean outputs of a frozen MiniLM, one shared layer of 32 ReLU units, linear heads, Adam 3e-3, 10
passes a step, batches of 32, 1,000 examples a task. Own heads: SST-2, SUBJ, TREC, CR, MPQA; one
head: polarity of films, products, phrases; growing classes: TREC's six in three steps of two. Data
come from the folder that MTLVIZ_DATA names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.continual import Recipe, make_recipe
from mtlviz.engine.measures.score_matrix import continual_scores
from tests.benchmarks.papers_continual_features import SETS
from tests.benchmarks.papers_continual_networks import Learning, Step, logits, new_network
from tests.benchmarks.papers_features import Encoded

Array = NDArray[np.float64]
WIDTH, RATE, PASSES, BATCH, CLASSES = 32, 3e-3, 10, 32, 6
METHODS: Mapping[str, Recipe] = {
    "joint": make_recipe("joint"),
    "sequential": make_recipe("sequential"),
    "frozen": make_recipe("frozen"),
    "replay 5": make_recipe("replay", memory=5),
    "replay 20": make_recipe("replay", memory=20),
    "A-GEM 20": make_recipe("agem", memory=20),
    "GEM 20": make_recipe("gem", memory=20),
    "EWC 100": make_recipe("ewc", strength=100.0),
    "EWC 10000": make_recipe("ewc", strength=10_000.0),
    "LwF 1": make_recipe("lwf", strength=1.0),
    "LwF 5": make_recipe("lwf", strength=5.0),
}
SCENARIOS = ("own heads", "one head", "growing classes")


@dataclass(frozen=True)
class Reading:
    """What a description of such runs may leave untold; the defaults fit the earlier table best.

    Attributes:
        masked: Whether outputs of classes that have not arrived take no part, in the loss as in the
            answer; else all are trained from the start.
        renewed: Whether Adam begins anew at each step.
        head_shared: Whether A-GEM and GEM project one head for all too, and not the layer alone.
        summed: Whether an update of joint training adds up a batch of every head's examples, else
            it has one batch of one of them.
        each_old: Whether LwF asks one head once for each earlier step, else once.
    """

    masked: bool = False
    renewed: bool = True
    head_shared: bool = False
    summed: bool = True
    each_old: bool = False


@dataclass(frozen=True)
class Cell:
    """Average score and backward transfer of each seed, in points, each (M,)."""

    average: Array
    backward: Array


def steps_of(scenario: str, sets: Mapping[str, Encoded]) -> list[Step]:
    """What arrives when."""
    if scenario == "growing classes":
        return [_classes(sets["trec"], step) for step in range(3)]
    names = SETS if scenario == "own heads" else ("sst2_sent", "cr", "mpqa")
    return [
        Step(each.train, each.train_labels, each.held, each.held_labels,
             place if scenario == "own heads" else 0, np.arange(CLASSES) < each.classes)
        for place, each in enumerate(sets[name] for name in names)
    ]  # fmt: skip


def _classes(each: Encoded, step: int) -> Step:
    """Two classes of TREC; all before them are known too."""
    train, held = (np.isin(labels, (2 * step, 2 * step + 1))
                   for labels in (each.train_labels, each.held_labels))  # fmt: skip
    return Step(
        each.train[train], each.train_labels[train], each.held[held], each.held_labels[held], 0,
        np.arange(CLASSES) < 2 * step + 2,
    )  # fmt: skip


def learned(
    recipe: Recipe, steps: Sequence[Step], seeds: Sequence[int], reading: Reading = Reading()
) -> Cell:
    """Train one method through all steps with all seeds."""
    if not reading.masked and _grows(steps):
        steps = [replace(step, known=np.ones_like(step.known)) for step in steps]
    net = new_network(
        steps[0].train.shape[1], WIDTH, 1 + max(step.head for step in steps), CLASSES, seeds
    )
    learning = Learning(recipe, net, RATE, reading.head_shared, reading.each_old)
    if recipe.everything:
        several = len({step.head for step in steps}) > 1
        return (_summed if reading.summed and several else _jointly)(learning, steps, seeds)
    matrix = []
    for number, step in enumerate(steps):
        if reading.renewed:
            net.reset()
        orders = [np.random.default_rng([seed, 9, number]) for seed in seeds]
        for _ in range(PASSES):
            order = np.stack([each.permutation(len(step.train)) for each in orders])
            for start in range(0, order.shape[1], BATCH):
                rows = order[:, start : start + BATCH]
                learning.update(step.train[rows], step.labels[rows], step)
        size = min(max(recipe.examples, 1), len(step.train))
        kept = np.stack([each.choice(len(step.train), size, replace=False) for each in orders])
        learning.finish(step, kept)
        matrix.append(_scores(learning, steps, step.known))
    found = continual_scores(100 * np.moveaxis(np.array(matrix), 2, 0))
    return Cell(found.average, found.backward)


def alone(steps: Sequence[Step], seeds: Sequence[int]) -> Cell:
    """Every step's task by itself."""
    plain = METHODS["sequential"]
    found = [learned(plain, [replace(step, head=0)], seeds).average for step in steps]
    return Cell(np.mean(found, axis=0), np.zeros(len(seeds)))


def _grows(steps: Sequence[Step]) -> bool:
    """Whether one head gets further classes from step to step."""
    one = len({step.head for step in steps}) == 1
    return one and not np.array_equal(steps[0].known, steps[-1].known)


def _jointly(learning: Learning, steps: Sequence[Step], seeds: Sequence[int]) -> Cell:
    """All steps' examples in every pass; of one head in one shuffled stream."""
    known = steps[-1].known
    streams = [steps] if len({step.head for step in steps}) > 1 else [[_pooled(steps)]]
    orders = [np.random.default_rng([seed, 9]) for seed in seeds]
    for _ in range(PASSES):
        batches = [
            (step, np.stack([each.permutation(len(step.train)) for each in orders])[:, at])
            for step in streams[0]
            for at in np.split(np.arange(len(step.train)), range(BATCH, len(step.train), BATCH))
        ]
        for place in np.random.default_rng(len(batches)).permutation(len(batches)):
            step, rows = batches[place]
            learning.update(step.train[rows], step.labels[rows], step)
    end = _scores(learning, steps, known)
    return Cell(100 * end.mean(axis=0), np.zeros(len(seeds)))


def _summed(learning: Learning, steps: Sequence[Step], seeds: Sequence[int]) -> Cell:
    """A batch of every step in each update."""
    orders = [np.random.default_rng([seed, 9]) for seed in seeds]
    updates = max(-(-len(step.train) // BATCH) for step in steps)
    for _ in range(PASSES):
        rows = [
            np.array_split(
                np.stack([each.permutation(len(step.train)) for each in orders]), updates, 1
            )
            for step in steps
        ]
        for place in range(updates):
            learning.update_all(
                [
                    (s.train[r[place]], s.labels[r[place]], s)
                    for s, r in zip(steps, rows, strict=True)
                ]
            )
    end = _scores(learning, steps, steps[-1].known)
    return Cell(100 * end.mean(axis=0), np.zeros(len(seeds)))


def _pooled(steps: Sequence[Step]) -> Step:
    train, labels = (np.concatenate([getattr(step, name) for step in steps])
                     for name in ("train", "labels"))  # fmt: skip
    return replace(steps[-1], train=train, labels=labels)


def _scores(learning: Learning, steps: Sequence[Step], known: NDArray[np.bool_]) -> Array:
    """Accuracy of every task now, (T, M); one head answers with the classes known by now."""
    one = len({step.head for step in steps}) == 1
    found = []
    for step in steps:
        values = logits(learning.net, step.held[None], step.head)[1]
        shown = np.where(known if one else step.known, values, -np.inf)
        found.append((shown.argmax(-1) == step.held_labels).mean(axis=1))
    return np.array(found)


def measured(
    sets: Mapping[str, Encoded],
    seeds: int,
    reading: Reading = Reading(),
    methods: Collection[str] = (*METHODS, "alone"),
) -> dict[tuple[str, str], Cell]:
    """Methods in every scenario, and each task alone where classes do not grow."""
    cells = {}
    for scenario in SCENARIOS:
        steps = steps_of(scenario, sets)
        if scenario != "growing classes" and "alone" in methods:
            cells[scenario, "alone"] = alone(steps, range(seeds))
        for name in METHODS.keys() & methods:
            cells[scenario, name] = learned(METHODS[name], steps, range(seeds), reading)
    return cells
