"""Ready-made runs of many tasks: thirty-two in planted families, and every data set at hand."""

from collections.abc import Mapping

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.preset_entry import Preset

DATA_SETS = (
    "cs224n_sst", "sst2_sent", "glue_sst2", "mr", "cr", "mpqa", "subj", "cs224n_cfimdb", "trec",
    "cola", "cs224n_quora", "qqp", "mrpc", "cs224n_sts", "stsb", "sick", "snli", "mnli", "qnli",
    "rte",
)  # fmt: skip
_LESSON = (
    "Planted: four families of eight tasks each judge by one rule and have few examples, so that "
    "members should gain from each other; strangers should give nothing, alike as their texts are"
)


def _families(checkpoint: str) -> RunConfig:
    """A linear encoder just wide enough for four rules: too narrow for each task's own direction.

    A wide one gives every task a direction of its own, and gradients then say nothing of families.
    """
    from mtlviz.engine.tasks.families import family_tasks

    return RunConfig(
        name="families",
        data=DataConfig(tasks=family_tasks(), batch_size=32, max_length=48),
        capacity=CapacityConfig(encoder="mean", width=4, vector_width=16, depth=0),
        optimisation=OptimisationConfig(
            scheduler="joint_fill_up", epochs=80, max_updates=160, learning_rate=1e-2
        ),
        probes=ProbeConfig(
            gram_every=4, layers_every=0, planes_every=0, embeddings_every=80,
            embeddings_examples=50, affinity_every=20, evaluate_every=20,
        ),
    )  # fmt: skip


def _data_sets(checkpoint: str) -> RunConfig:
    """Some sets hold the same sentences: what another's evaluation split holds is left out."""
    tasks = tuple(
        TaskConfig(
            name=name, source="folder", path=name, train_examples=1000, dev_examples=200,
            head=HeadConfig(pair="separate", fusion="compare"),
        )
        for name in DATA_SETS
    )  # fmt: skip
    return RunConfig(
        name="data-sets",
        data=DataConfig(tasks=tasks, batch_size=32, max_length=48, drop_leaked=True),
        capacity=CapacityConfig(encoder="mean", width=64, vector_width=50),
        optimisation=OptimisationConfig(
            scheduler="joint_fill_up", epochs=8, max_updates=256, learning_rate=1e-2
        ),
        probes=ProbeConfig(
            gram_every=5, layers_every=0, planes_every=0, embeddings_every=100,
            embeddings_examples=100, affinity_every=50, evaluate_every=50,
        ),
    )  # fmt: skip


MANY_PRESETS: Mapping[str, Preset] = {
    "families": Preset(
        "Thirty-two built-in tasks in four families share an encoder: who belongs together?",
        _families,
        lesson=_LESSON,
    ),
    "data-sets": Preset(
        "Twenty data sets of MTLVIZ_DATA on one small encoder, a thousand examples each.",
        _data_sets,
    ),
}
