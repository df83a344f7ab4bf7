"""Covariance alignment and what similarity predicts, on pairs of real tasks, as Markdown tables.

    python -m tests.benchmarks.papers_alignment [--seeds 10] [--kinds words] [--out FILE] [--table]

Every pair of eight sentence sets shares one layer over fixed sentence vectors: plainly, with
Algorithm 1 of Wu, Zhang and Ré (ICLR 2020) and with a control of as many parameters; each set is
also trained alone. Training sentences that stand in any evaluation split are dropped.

Data come from the folder that MTLVIZ_DATA names. Every finished cell is one line of the file of
results; what stands there already is not run again.
"""

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mtlviz.engine.device import use_threads
from mtlviz.engine.measures.covariance import spectrum, truncated
from mtlviz.engine.measures.similarity import normalised, similarity_matrix
from mtlviz.engine.presets import SENTENCE_SETS
from mtlviz.ui.pages.covariance.alignment import FILE
from tests.benchmarks.papers_alignment_tables import alignment_tables, kept
from tests.benchmarks.papers_features import Encoded, encoded_sets, parsed, reduced
from tests.benchmarks.papers_jobs import lines
from tests.benchmarks.papers_networks import (
    Data,
    Networks,
    after,
    margins,
    new_networks,
    one,
    train,
)
from tests.benchmarks.papers_tables import as_text

SETS = (*SENTENCE_SETS, "cs224n_sst", "cola")
PAIRS = tuple(itertools.combinations(SETS, 2))
INPUTS, EXAMPLES, BATCH, DROPOUT = 50, 1000, 50, 0.1
FIRST, SECOND = 10, 10
"""Epochs that train everything; then epochs in which Algorithm 1 keeps the shared layer fixed, and
the other arms go on training everything, so that every arm sees each example equally often."""


@dataclass(frozen=True)
class Sizes:
    """A capacity, and the step size it was trained with, from small pilots on other seeds."""

    width: int
    rate: float


SIZES = (Sizes(5, 3e-3), Sizes(100, 1e-3))
"""A capacity that two tasks must compete for, and the one that the paper found best."""


def arms(
    vectors: Mapping[str, Encoded], groups: Sequence[Sequence[str]], sizes: Sizes, seed: int
) -> list[dict]:
    """Train every group of tasks in every arm; accuracies, and how alike the vectors become."""
    data = data_of(vectors, groups, seed)
    plain = new_networks(data, "hard", sizes.width, sizes.rate)
    further(plain, data, FIRST, 0)
    nets = {}
    if len(groups[0]) > 1:
        for way in ("aligned", "control"):
            nets[f"{way} after"] = after(plain, data, way, sizes.rate)
            further(nets[f"{way} after"], data, SECOND, 1)
            nets[f"{way} joint"] = new_networks(data, way, sizes.width, sizes.rate)
            further(nets[f"{way} joint"], data, FIRST, 0)
            further(nets[f"{way} joint"], data, SECOND, 1)
    further(plain, data, SECOND, 1)
    nets["hard" if len(groups[0]) > 1 else "alone"] = plain
    return [
        {
            "tasks": list(group),
            "arms": {name: scores(net, place, group, vectors) for name, net in nets.items()},
            "alike": likeness(nets, data, place) if len(group) > 1 else {},
        }
        for place, group in enumerate(groups)
    ]


def further(nets: Networks, data: Data, epochs: int, turn: int) -> None:
    """Train with this experiment's batches and dropout."""
    train(nets, data, epochs, BATCH, DROPOUT, turn)


def data_of(vectors: Mapping[str, Encoded], groups: Sequence[Sequence[str]], seed: int) -> Data:
    """One seed's examples: a task has the same ones in every group and arm."""
    drawn = {}
    for name in {name for group in groups for name in group}:
        each = vectors[name]
        order = np.random.default_rng([seed, 1]).permutation(len(each.train))[:EXAMPLES]
        drawn[name] = (
            torch.from_numpy(each.train[order]),
            torch.from_numpy(each.train_labels[order]),
        )
    inputs, labels = (
        torch.stack([torch.stack([drawn[name][part] for name in group]) for group in groups])
        for part in (0, 1)
    )
    classes = torch.tensor([[vectors[name].classes for name in group] for group in groups])
    return Data(inputs, labels, classes, torch.ones(classes.shape), (seed,) * len(groups))


def scores(
    nets: Networks, place: int, group: Sequence[str], vectors: Mapping[str, Encoded]
) -> list[float]:
    """Accuracy on each task's evaluation sentences."""
    found = []
    for task, name in enumerate(group):
        each = vectors[name]
        answers = margins(nets, place, task, torch.from_numpy(each.held), each.classes).argmax(1)
        found.append(float(np.mean(answers.numpy() == each.held_labels)))
    return found


@torch.no_grad()
def likeness(nets: Mapping[str, Networks], data: Data, place: int) -> dict[str, dict[str, float]]:
    """How alike two tasks' vectors are before training, and as aligned ones enter the layer."""
    before = data.train[place].double().numpy()
    found = {"before": alike(*before)}
    for name in ("aligned after", "aligned joint"):
        turned = [
            one(nets[name], place, task).inputs(data.train[place, task][None, None])[0, 0]
            for task in range(2)
        ]
        found[name] = alike(*(each.double().numpy() for each in turned))
    return found


def alike(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Equation 5 (99 % of the singular values kept), the same normalised, and mean cosine."""
    matrix = similarity_matrix([truncated(spectrum(each)) for each in (first, second)])
    means = first.mean(0), second.mean(0)
    lengths = np.linalg.norm(means[0]) * np.linalg.norm(means[1])
    return {
        "score": float(matrix[0, 1]),
        "normalised": float(normalised(matrix)[0, 1]),
        "cosine": float(means[0] @ means[1] / lengths),
    }


def blocks(seeds: int, kinds: Sequence[str]) -> Iterator[tuple[dict, Sizes]]:
    """Key and capacity of every block of results, seed by seed."""
    for seed, sizes, kind in itertools.product(range(seeds), SIZES, kinds):
        yield {"kind": kind, "width": sizes.width, "seed": seed}, sizes


def run_missing(seeds: int, kinds: Sequence[str], out: Path, cache: Path) -> None:
    """Run the blocks that the file of results does not hold: all pairs of a seed at once."""
    vectors: dict[str, dict[str, Encoded]] = {}
    for key, sizes in blocks(seeds, kinds):
        if any(key.items() <= line.items() for line in lines(out)):
            continue
        if key["kind"] not in vectors:
            vectors[key["kind"]] = reduced(encoded_sets(SETS, key["kind"], cache), INPUTS)
        began, chosen = time.process_time(), vectors[key["kind"]]
        singles = [(name,) for name in SETS]
        found = [
            line for groups in (singles, PAIRS) for line in arms(chosen, groups, sizes, key["seed"])
        ]
        spent = {"cpu_seconds": (time.process_time() - began) / len(found)}
        with out.open("a") as file:
            file.write("".join(json.dumps({**key, **line, **spent}) + "\n" for line in found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, then print the tables."""
    flags = parsed(__doc__.splitlines()[0], "alignment", 10, arguments)
    if not flags.table:
        use_threads(1)
        run_missing(flags.seeds, flags.kinds, flags.out, flags.cache)
    print(as_text(alignment_tables(lines(flags.out))))
    if flags.keep:
        FILE.write_text(json.dumps(kept(lines(flags.out))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
