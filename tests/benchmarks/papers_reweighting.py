"""SVD reweighting under label noise on tasks that share their sentences, as Markdown tables.

    python -m tests.benchmarks.papers_reweighting [--seeds 12] [--out FILE]

Two families of yes-or-no tasks on the same sentences: each class of TREC against the others, and
each threshold of the five-class SST. One task of a pair, or of the whole family, has 20 % of its
training labels replaced by random ones; losses are weighted equally or by Algorithm 2 of Wu, Zhang
and Ré (ICLR 2020), which draws on 20 pairs of chest X-ray tasks.

Data come from the folder that MTLVIZ_DATA names. Every finished seed of a cell is one line of the
file of results; what stands there already is not run again.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from mtlviz.engine.device import use_threads
from mtlviz.engine.weightings.svd import svd_task_embedding_weights, svd_weights
from mtlviz.ui.pages.covariance.reweighting import FILE
from tests.benchmarks.papers_alignment import SETS as ENCODED
from tests.benchmarks.papers_features import Encoded, encoded_sets, parsed, reduced
from tests.benchmarks.papers_jobs import lines
from tests.benchmarks.papers_networks import Data, Networks, margins, new_networks, train
from tests.benchmarks.papers_reweighting_tables import kept, reweighting_tables
from tests.benchmarks.papers_tables import as_text

TASKS = {"trec": 5, "cs224n_sst": 4}
"""Tasks of each family."""
EXAMPLES, INPUTS, WIDTH, BATCH, RATE, DROPOUT, EPOCHS = 500, 50, 5, 50, 3e-3, 0.1, 20
NOISE = 0.2
RARE = 0.05
"""One-against-rest tasks of a class rarer than this are left out."""


@dataclass(frozen=True)
class Family:
    """Yes-or-no tasks on the same sentences.

    Attributes:
        train: Sentence vectors, (N, d).
        answers: 0 or 1 for each task, (N, K).
        held: Evaluation sentences, (M, d).
        held_answers: 0 or 1 for each task, (M, K).
    """

    train: NDArray[np.float32]
    answers: NDArray[np.int64]
    held: NDArray[np.float32]
    held_answers: NDArray[np.int64]


def family(name: str, encoded: Encoded) -> Family:
    """Each class of TREC against the rest, or each threshold of the ordered classes of SST."""
    labels, held = encoded.train_labels, encoded.held_labels
    if name == "trec":
        often = [c for c in range(encoded.classes) if np.mean(labels == c) >= RARE]
        answers = [np.stack([part == c for c in often], 1) for part in (labels, held)]
    else:
        steps = range(1, encoded.classes)
        answers = [np.stack([part >= step for step in steps], 1) for part in (labels, held)]
    yes, held_yes = (each.astype(np.int64) for each in answers)
    return Family(encoded.train, yes, encoded.held, held_yes)


def noisy(whole: Family, tasks: Sequence[int], noise: float, seed: int) -> Family:
    """One seed's training sentences, with random labels on the first of these tasks."""
    generator = np.random.default_rng([seed, 7])
    order = generator.permutation(len(whole.train))[:EXAMPLES]
    answers = whole.answers[order][:, list(tasks)].copy()
    wrong = generator.permutation(len(order))[: round(noise * len(order))]
    answers[wrong, 0] = generator.integers(2, size=len(wrong))
    held = whole.held_answers[:, list(tasks)]
    return replace(whole, train=whole.train[order], answers=answers, held_answers=held)


def weightings(given: Family) -> dict[str, NDArray[np.float64]]:
    """Equal weights, Algorithm 2 at every rank asked for, and the blog's wording."""
    tasks = given.answers.shape[1]
    centred = given.answers - given.answers.mean(0)
    ranks = sorted({1, 2, tasks})
    found = {f"svd {r}": svd_weights(given.train, centred, r) for r in ranks}
    embeddings = np.stack([given.train.mean(0)] * tasks)
    return {
        "equal": np.ones(tasks),
        **found,
        "blog": svd_task_embedding_weights(embeddings, 1),
    }


def solved(whole: Family, keys: Sequence[dict]) -> list[dict]:
    """Weights, accuracy and AUC of each task of every cell; all cells have as many tasks.

    The noisy task of a cell is its first.
    """
    given = [noisy(whole, key["tasks"], key["noise"], key["seed"]) for key in keys]
    ways = [weightings(each) for each in given]
    # Equal weights are trained once, whichever rule they came from.
    runs = {
        (place, _tag(weights)): weights
        for place, each in enumerate(ways)
        for weights in each.values()
    }
    chosen = [given[place] for place, _ in runs]
    seeds = tuple(keys[place]["seed"] for place, _ in runs)
    nets = trained(chosen, list(runs.values()), seeds)
    known = {key: scored(nets, at, chosen[at]) for at, key in enumerate(runs)}
    return [
        {
            **key,
            "found": {
                name: {"weights": weights.tolist(), **known[place, _tag(weights)]}
                for name, weights in ways[place].items()
            },
        }
        for place, key in enumerate(keys)
    ]


def _tag(weights: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.round(weights, 9).tolist())


def trained(
    given: Sequence[Family], weights: Sequence[NDArray[np.float64]], seeds: tuple[int, ...]
) -> Networks:
    """One network for each family of tasks, under its weights."""
    tasks = given[0].answers.shape[1]
    data = Data(
        torch.stack([torch.from_numpy(each.train).expand(tasks, -1, -1) for each in given]),
        torch.stack([torch.from_numpy(each.answers.T.copy()) for each in given]),
        torch.full((len(given), tasks), 2),
        torch.from_numpy(np.stack(weights)).float(),
        seeds,
    )
    nets = new_networks(data, "hard", WIDTH, RATE)
    train(nets, data, EPOCHS, BATCH, DROPOUT, 0)
    return nets


def scored(nets: Networks, place: int, given: Family) -> dict[str, list[float]]:
    """Accuracy, and the area under the ROC curve, of each task's evaluation sentences."""
    found: dict[str, list[float]] = {"accuracy": [], "area": []}
    for task, right in enumerate(given.held_answers.T):
        logits = margins(nets, place, task, torch.from_numpy(given.held), 2)
        margin = (logits[:, 1] - logits[:, 0]).numpy()
        found["accuracy"].append(float(np.mean((margin > 0) == right)))
        found["area"].append(area(margin, right))
    return found


def area(margin: NDArray[np.float32], right: NDArray[np.int64]) -> float:
    """Area under the ROC curve, from ranks."""
    ranks, yes = stats.rankdata(margin), int(right.sum())
    return float((ranks[right == 1].sum() - yes * (yes + 1) / 2) / (yes * (len(right) - yes)))


def cells(seed: int, kind: str, name: str) -> list[dict]:
    """Keys of all cells of one seed: pairs in both orders, and the whole family."""
    count = TASKS[name]
    pairs = [list(pair) for pair in itertools.permutations(range(count), 2)]
    wholes = [[k, *(j for j in range(count) if j != k)] for k in range(count)]
    return [
        {"kind": kind, "set": name, "seed": seed, "tasks": tasks, "noise": noise}
        for tasks, noise in itertools.product([*pairs, *wholes], (0.0, NOISE))
        if noise or tasks == sorted(tasks)  # Without noise the order says nothing.
    ]


def run_missing(seeds: int, kinds: Sequence[str], out: Path, cache: Path) -> None:
    """Run the seeds that the file of results does not hold."""
    for seed, kind, name in itertools.product(range(seeds), kinds, TASKS):
        key = {"kind": kind, "set": name, "seed": seed}
        if any(key.items() <= line.items() for line in lines(out)):
            continue
        whole = families(kind, cache)[name]
        keys, found = cells(seed, kind, name), []
        for tasks in sorted({len(each["tasks"]) for each in keys}):
            found += solved(whole, [each for each in keys if len(each["tasks"]) == tasks])
        with out.open("a") as file:
            file.write("".join(json.dumps(line) + "\n" for line in found))


@lru_cache(maxsize=2)
def families(kind: str, cache: Path) -> dict[str, Family]:
    """Both families with one kind of vectors."""
    vectors = reduced(encoded_sets(ENCODED, kind, cache), INPUTS)
    return {name: family(name, vectors[name]) for name in TASKS}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, then print the tables."""
    flags = parsed(__doc__.splitlines()[0], "reweighting", 12, arguments)
    if not flags.table:
        use_threads(1)
        run_missing(flags.seeds, flags.kinds, flags.out, flags.cache)
    print(as_text(reweighting_tables(lines(flags.out))))
    if flags.keep:
        FILE.write_text(json.dumps(kept(lines(flags.out))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
