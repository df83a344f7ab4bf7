"""PRESETS: ready-made runs, each named after the experiment it repeats."""

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.continual_presets import CONTINUAL_PRESETS
from mtlviz.engine.many_presets import MANY_PRESETS
from mtlviz.engine.preset_entry import BERT, MINILM, Preset
from mtlviz.engine.sharma_presets import SHARMA
from mtlviz.errors import unknown_choice

_EXAMPLE = ProbeConfig(worked_example_every=20)
STS_EXAMPLES = 6040
"""Training pairs of the similarity task: what each task gives to an epoch."""


def lesson_of(config: RunConfig) -> str:
    """What the tasks of a run are made to show; empty where nobody knows beforehand."""
    with_one = (entry for entry in PRESETS.values() if entry.lesson)
    return next((e.lesson for e in with_one if e.make("").data.tasks == config.data.tasks), "")


def preset(name: str, checkpoint: str = "") -> RunConfig:
    """The settings of a preset.

    Args:
        name: Key of PRESETS.
        checkpoint: Local folder or hub name of the pretrained encoder; the preset's own if empty.

    Raises:
        ConfigError: If there is no such preset.
    """
    if name not in PRESETS:
        raise unknown_choice("preset", name, PRESETS)
    return PRESETS[name].make(checkpoint)


def _default(checkpoint: str) -> RunConfig:
    """Large batches, so that a conflict planted in the data shows above the noise of batches."""
    from mtlviz.engine.tasks import default_tasks

    return RunConfig(
        name="default",
        data=DataConfig(tasks=default_tasks(), batch_size=128, max_length=64),
        capacity=CapacityConfig(encoder="mean", width=32, vector_width=32),
        optimisation=OptimisationConfig(
            combiner="sum", scheduler="joint_fill_up", epochs=50, learning_rate=1e-2
        ),
        probes=ProbeConfig(evaluate_every=10),
    )


_PLANTED = (
    "Planted: letters asks what reviews asks and has few examples, so it should gain from sharing; "
    "similarity calls the praising and the blaming word for a trait the same, which reviews and "
    "letters must tell apart, so it should pay"
)


def _course_tasks(examples: int, dev_examples: int | None) -> tuple[TaskConfig, ...]:
    """Sentiment, paraphrase and similarity with the heads of the report, sections 4.2 and 4.2.1."""
    heads = {
        "sst": HeadConfig(layers=2, width=384, dropout=0.5),
        "quora": HeadConfig(layers=2, width=384, dropout=0.5, pair="separate", fusion="concat"),
        "sts": HeadConfig(dropout=0.5, pair="separate", fusion="cosine_embedding"),
    }
    return tuple(
        TaskConfig(
            name=name,
            source="folder",
            path=f"cs224n_{name}",
            examples_per_epoch=examples,
            dev_examples=dev_examples,
            head=head,
        )
        for name, head in heads.items()
    )


def _course(name: str, scheduler: str, combiner: str, batch_size: int) -> Preset:
    """Iyer's setting: S1 halved the batch for gradient surgery because its memory ran out."""

    def make(checkpoint: str) -> RunConfig:
        return RunConfig(
            name=f"cs224n-{name}",
            data=DataConfig(tasks=_course_tasks(STS_EXAMPLES, None), batch_size=batch_size),
            capacity=CapacityConfig(
                encoder="checkpoint", checkpoint=checkpoint or BERT, pooling="pooler"
            ),
            optimisation=OptimisationConfig(
                scheduler=scheduler,
                combiner=combiner,
                epochs=10,
                learning_rate=3e-5,
                weight_decay=1e-2,
                warmup=0.0,
                decay="constant",
                clip_norm=None,
            ),
            probes=_EXAMPLE,
        )

    title = f"Sentiment, paraphrase and similarity on BERT: {name.replace('-', ' ')} (Iyer)."
    return Preset(title, make, pretrained=True)


def _course_quick(name: str, scheduler: str, combiner: str) -> Preset:
    """The same three tasks for two CPU cores: a small encoder, half frozen, short epochs.

    Pairs are read jointly, which the report did not do and which is worth more than any combiner.
    """

    def make(checkpoint: str) -> RunConfig:
        tasks = tuple(
            task.model_copy(update={"head": HeadConfig(layers=1, dropout=0.1, pair="joint")})
            for task in _course_tasks(examples=768, dev_examples=500)
        )
        return RunConfig(
            name=f"cs224n-{name}-quick",
            data=DataConfig(tasks=tasks, batch_size=16, max_length=64),
            capacity=CapacityConfig(
                encoder="checkpoint", checkpoint=checkpoint or MINILM, frozen_layers=3
            ),
            optimisation=OptimisationConfig(
                scheduler=scheduler,
                combiner=combiner,
                epochs=3,
                learning_rate=1e-4,
                head_learning_rate=1e-3,
            ),
            probes=_EXAMPLE,
        )

    title = f"The same with a small encoder, minutes on two CPU cores: {name.replace('-', ' ')}."
    return Preset(title, make, pretrained=True)


SENTENCE_SETS = ("sst2_sent", "mr", "cr", "subj", "mpqa", "trec")


def _six(encoder: str) -> Preset:
    """Six sentence sets at the capacity of Wu et al., table in figure 6."""

    def make(checkpoint: str) -> RunConfig:
        tasks = tuple(TaskConfig(name=name, source="folder", path=name) for name in SENTENCE_SETS)
        return RunConfig(
            name=f"six-sentiment-{encoder}",
            data=DataConfig(tasks=tasks, batch_size=32, max_length=64),
            capacity=CapacityConfig(encoder=encoder, width=100),
            optimisation=OptimisationConfig(
                scheduler="proportional", epochs=5, learning_rate=1e-3, weight_decay=0.0
            ),
            probes=ProbeConfig(gram_every=20, planes_every=20),
        )

    title = f"Six sentence sets share a {encoder} encoder of width 100 (Wu, Zhang and Ré)."
    return Preset(title, make)


def _sentiment_inference(name: str, epochs: int, phases: str = "") -> Preset:
    """Sharma's pair of one kind of task: trained together, or one after the other."""
    names = ("glue_sst2", "mnli")
    tasks = tuple(
        TaskConfig(name=task, source="folder", path=task, examples_per_epoch=10_000)
        for task in names
    )

    def make(checkpoint: str) -> RunConfig:
        return RunConfig(
            name=name,
            data=DataConfig(tasks=tasks, batch_size=32),
            capacity=CapacityConfig(
                encoder="checkpoint", checkpoint=checkpoint or BERT, pooling="pooler"
            ),
            optimisation=OptimisationConfig(phases=phases, epochs=epochs, learning_rate=2e-5),
        )

    way = "one after the other" if phases else "together"
    return Preset(f"Sentiment and inference on BERT, trained {way} (Sharma).", make, True)


PRESETS: dict[str, Preset] = {
    "default": Preset(
        "Four small built-in tasks share an encoder, ten seconds: whom does that help?",
        _default,
        lesson=_PLANTED,
    ),
    "cs224n-classic": _course("classic", "joint", "sum", 32),
    "cs224n-pcgrad": _course("pcgrad", "joint", "pcgrad", 16),
    "cs224n-round-robin": _course("round-robin", "round_robin", "sum", 32),
    "cs224n-classic-quick": _course_quick("classic", "joint", "sum"),
    "cs224n-pcgrad-quick": _course_quick("pcgrad", "joint", "pcgrad"),
    "cs224n-round-robin-quick": _course_quick("round-robin", "round_robin", "sum"),
    "six-sentiment-mean": _six("mean"),
    "six-sentiment-cnn": _six("cnn"),
    "six-sentiment-lstm": _six("lstm"),
    "sst2-mnli": _sentiment_inference("sst2-mnli", 3),
    "sst2-mnli-phases": _sentiment_inference(
        "sst2-mnli-phases", 4, "glue_sst2 share=0.5 > mnli share=0.5"
    ),
    **SHARMA,
    **CONTINUAL_PRESETS,
    **MANY_PRESETS,
}
