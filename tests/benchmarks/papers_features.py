"""Sentences of the data sets as fixed vectors, computed once and kept, for heads over them.

Two kinds: `words`, the mean of a sentence's word vectors (the packaged checkpoint's own table), and
`checkpoint`, the mean output of the whole frozen checkpoint.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.engine.tasks.leakage import drop_leaked
from mtlviz.engine.tasks.splitting import take
from tests.benchmarks.papers_course import packaged_checkpoint

KINDS = ("words", "checkpoint")
POOL = 3000
"""Training sentences of each set that are encoded; runs draw their examples from these."""


@dataclass(frozen=True)
class Encoded:
    """One data set as vectors.

    Attributes:
        train: Training pool, no sentence of which stands in any evaluation split, (N, d).
        train_labels: Class numbers, (N,).
        held: Evaluation sentences, (M, d): the test split, or the development split of a set whose
            test labels are not public.
        held_labels: Class numbers, (M,).
        classes: Number of classes.
    """

    train: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    held: NDArray[np.float32]
    held_labels: NDArray[np.int64]
    classes: int


def encoded_sets(names: tuple[str, ...], kind: str, cache: Path) -> dict[str, Encoded]:
    """The data sets as vectors of one kind, read from the cache folder or computed into it."""
    # What leaks from one set into another is left out, so a set's file belongs to all of them.
    mark = f"{crc32('/'.join(names).encode()):08x}"
    files = {name: cache / f"features-{kind}-{mark}-{name}.npz" for name in names}
    if not all(file.exists() for file in files.values()):
        cache.mkdir(parents=True, exist_ok=True)
        _write(files, names, kind)
    fields = ("train", "train_labels", "held", "held_labels")
    found = {}
    for name, file in files.items():
        kept = np.load(file)
        found[name] = Encoded(*(kept[field] for field in fields), int(kept["classes"]))
    return found


def reduced(sets: Mapping[str, Encoded], width: int) -> dict[str, Encoded]:
    """The same sentences in the common directions that hold most of their length.

    Directions come from the sum of all sets' second moments of training sentences, each set's
    scaled to trace 1; nothing is centred. Vectors end with a mean squared length of `width`.
    """
    moments = sum(_moment(each.train) / np.square(each.train).sum() for each in sets.values())
    turn = np.linalg.eigh(moments)[1][:, ::-1][:, :width]
    kept = {name: replace(x, train=x.train @ turn, held=x.held @ turn) for name, x in sets.items()}
    square = np.mean([np.square(each.train).sum(1).mean() for each in kept.values()])
    scale = np.sqrt(width / square)
    return {
        name: replace(
            each, train=np.float32(scale * each.train), held=np.float32(scale * each.held)
        )
        for name, each in kept.items()
    }


def _moment(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    return wide.T @ wide


def clean_pools(names: tuple[str, ...]) -> tuple[Task, ...]:
    """The sets without leaked training examples, cut to the pool's size."""
    chosen = tuple(TaskConfig(name=name, source="folder", path=name) for name in names)
    return tuple(
        _pooled(task)
        for task in drop_leaked(load_tasks(DataConfig(tasks=chosen), generator(0, DATA)))
    )


def _pooled(task: Task) -> Task:
    train = task.splits["train"]
    order = np.random.default_rng(crc32(task.name.encode())).permutation(len(train))[:POOL]
    splits = {"train": take(train, order), "dev": task.splits.get("test", task.splits["dev"])}
    return replace(task, splits=splits)


def _write(files: Mapping[str, Path], names: tuple[str, ...], kind: str) -> None:
    """Encode the sets that have no file yet, each by itself: encoding takes minutes."""
    tasks = clean_pools(names)
    config = _config(names, kind)
    for place, task in enumerate(tasks):
        if files[task.name].exists():
            continue
        arrays = {"classes": np.array(task.outputs)}
        for part, split in (("train", "train"), ("held", "dev")):
            arrays[part] = _vectors(config, tasks, place, split)
            arrays[f"{part}_labels"] = task.splits[split].labels
        np.savez_compressed(files[task.name], **arrays)


def _config(names: tuple[str, ...], kind: str) -> RunConfig:
    checkpoint = packaged_checkpoint()
    capacity = (
        CapacityConfig(encoder="mean", vectors=checkpoint, depth=0, frozen=True)
        if kind == "words"
        else CapacityConfig(encoder="checkpoint", checkpoint=checkpoint, frozen=True)
    )
    tasks = tuple(TaskConfig(name=name, source="folder", path=name) for name in names)
    return RunConfig(
        data=DataConfig(tasks=tasks, batch_size=64, max_length=64), capacity=capacity, device="cpu"
    )


def _vectors(
    config: RunConfig, tasks: tuple[Task, ...], place: int, split: str
) -> NDArray[np.float32]:
    """Mean word vectors, or mean outputs, of one split in its order."""
    import torch

    from mtlviz.engine.batches import TaskBatches
    from mtlviz.engine.models.build import build, build_tokenizer

    tokenizer = build_tokenizer(config, tasks)
    model = build(config, tasks, tokenizer, torch.Generator().manual_seed(0)).eval()
    head = config.data.tasks[place].head
    batches = TaskBatches(tasks[place], split, tokenizer, head, 64, config.data.max_length)
    order = batches.in_length_order()
    with torch.no_grad():
        found = [model.embeddings(place, batches.collate(rows).first) for rows in order]
    rows = torch.cat(
        [each.words if config.capacity.encoder == "mean" else each.outputs for each in found]
    )
    places = torch.cat([torch.as_tensor(indices) for indices in order])
    return rows[places.argsort()].float().numpy()


def parsed(
    description: str, name: str, seeds: int, arguments: Sequence[str] | None
) -> argparse.Namespace:
    """The flags of a script that runs on these vectors; `name` and `seeds` are its defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--out", type=Path, default=Path(f"papers-{name}.jsonl"))
    parser.add_argument("--cache", type=Path, default=Path("papers-features"))
    parser.add_argument("--table", action="store_true", help="print tables, run nothing")
    parser.add_argument("--keep", action="store_true", help="renew the file that the app shows")
    return parser.parse_args(arguments)
