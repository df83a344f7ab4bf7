"""How fast texts become batches."""

from functools import partial

import numpy as np

from mtlviz.bench.prepared import training_of
from mtlviz.bench.result import Table, rows_of
from mtlviz.bench.rounds import Told, interleaved
from mtlviz.bench.shape import Shape
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.models.build import build_tokenizer


def pipeline_costs(shape: Shape, rounds: int, told: Told) -> Table:
    """Milliseconds of tokenising a split and of padding one epoch of it into batches."""
    training = training_of(shape)
    batches = training.streams[0].batches
    texts = batches.task.splits["train"]
    tokenizer = build_tokenizer(training.config, training.tasks)
    drawn = np.random.default_rng(0)

    def one_epoch(found: TaskBatches) -> None:
        for indices in found.epoch(drawn):
            found.collate(indices)

    encode = partial(tokenizer.encode, texts.first, None, shape.length)
    seconds = interleaved(
        {"tokenise": encode, "shuffle, bucket and pad": partial(one_epoch, batches)},
        rounds,
        told=told,
    )
    tokens = len(texts) * shape.length
    speeds = {
        name: f"{tokens / sorted(found)[rounds // 2]:,.0f} tokens/s"
        for name, found in seconds.items()
    }
    return Table(
        title=f"Texts to batches: {len(texts):,} texts of {shape.length} words",
        unit="ms",
        reading="A run tokenises once, before its first update; it pads in every update.",
        rows=rows_of(seconds, factor=1e3, notes=speeds),
    )
