"""RunConfig: everything that decides a text run, in the three groups data, capacity, optimisation.

The field descriptions are the help texts of the app and of the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import (
    BaseModel,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from mtlviz.access import current
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import parse_json
from mtlviz.settings import Settings, kinds_of, setting

VERSION = 1


class _Frozen(Settings):
    @field_validator("*", mode="before")
    @classmethod
    def _not_repaired(cls, value: object, field: ValidationInfo) -> object:
        """Refuse what pydantic would take for something else: true for 1, "yes" for true."""
        kinds = kinds_of(cls.model_fields[field.field_name].annotation)
        if bool in kinds and not isinstance(value, bool):
            raise ValueError("should be true or false")
        if isinstance(value, bool) and {int, float} & kinds:
            raise ValueError("should be a number")
        if isinstance(value, str) and {int, float} & kinds:
            raise ValueError("should be a number, not a text")
        return value


class HeadConfig(_Frozen):
    """The part of the model that belongs to one task."""

    layers: int = setting(
        1, low=1, high=3, help="Layers of the task's own head.", title="Head layers", group="Data"
    )
    width: int = setting(
        128,
        low=1,
        high=4096,
        help="Width of the head's hidden layers.",
        title="Head width",
        group="Data",
    )
    dropout: float = setting(
        0.1,
        low=0,
        lt=1,
        help="Share of head inputs dropped in training.",
        title="Head dropout",
        group="Data",
    )
    pair: Literal["joint", "separate"] = setting(
        "joint",
        help="How a sentence pair is read: both in one input, or each alone and then fused.",
        title="Pair is read",
        group="Data",
    )
    fusion: Literal["sum", "concat", "compare", "cosine_embedding", "cosine_hidden"] = setting(
        "concat",
        help="How two separately encoded sentences become one head input or one score.",
        title="Fusion of the two",
        group="Data",
    )


class TaskConfig(_Frozen):
    """One task: where its examples come from and what its head looks like."""

    name: str = setting(min_length=1, max_length=60, help="Name shown in every figure.")
    source: str = setting("synthetic", help="Where the examples come from.")
    path: str = setting("", help="Folder, file or hub name, as the source needs it.")
    options: dict[str, Any] = setting(default_factory=dict, help="Settings of the source.")
    train_examples: int | None = setting(
        None,
        low=1,
        help="Use only this many training examples, drawn once per seed.",
        title="Training examples",
        group="Data",
    )
    examples_per_epoch: int | None = setting(
        None,
        low=1,
        help="Draw this many training examples anew in every epoch.",
        title="Drawn anew each epoch",
        group="Data",
    )
    dev_examples: int | None = setting(
        None,
        low=1,
        help="Score on only this many development examples, drawn once.",
        title="Development examples",
        group="Data",
    )
    label_noise: float = setting(
        0.0,
        low=0,
        high=1,
        help="Share of training labels replaced by random ones.",
        title="Label noise",
        group="Data",
    )
    head: HeadConfig = HeadConfig()


class DataConfig(_Frozen):
    """What the tasks bring."""

    tasks: tuple[TaskConfig, ...] = setting(min_length=1, help="The tasks, in display order.")
    batch_size: int = setting(
        16,
        low=1,
        high=1024,
        help="Examples of one task in a batch.",
        title="Batch size",
        group="Data",
    )
    max_length: int = setting(
        128,
        low=4,
        high=8192,
        help="Longest input, in tokens.",
        title="Longest input (tokens)",
        group="Data",
    )
    overlap: int | None = setting(
        None,
        low=0,
        help="Tokens that neighbouring windows of a long paragraph share, for answers in a text; "
        "half of the longest input if empty.",
        title="Overlap of windows (tokens)",
        group="Data",
    )
    drop_leaked: bool = setting(
        False,
        help="Remove training examples whose text also occurs in an evaluation split.",
        title="Drop leaked examples",
        group="Data",
    )
    leak_from: tuple[TaskConfig, ...] = setting(
        (),
        help="Tasks that are not trained, whose evaluation splits drop_leaked spares as "
        "well: a task trained alone is so left with the examples it has among them.",
    )

    @model_validator(mode="after")
    def _windows_move_on(self) -> DataConfig:
        if self.overlap is not None and self.overlap > self.max_length // 2:
            raise ValueError(
                f"must have an overlap of at most half of max_length {self.max_length}, got "
                f"{self.overlap}"
            )
        return self

    @field_validator("tasks")
    @classmethod
    def _names_differ(cls, tasks: tuple[TaskConfig, ...]) -> tuple[TaskConfig, ...]:
        names = [task.name for task in tasks]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"must have a name for each task, {doubled[0]!r} occurs twice")
        return tasks


class CapacityConfig(_Frozen):
    """What the tasks share."""

    encoder: str = setting(
        "mean",
        help="The shared module that turns text into a vector.",
        title="Encoder",
        group="Capacity",
    )
    width: int = setting(
        100,
        low=1,
        high=4096,
        help="Capacity: output width of the shared module.",
        title="Width (capacity)",
        group="Capacity",
    )
    depth: int = setting(
        1, low=0, high=48, help="Layers of the shared module.", title="Layers", group="Capacity"
    )
    attention_heads: int = setting(
        4,
        low=1,
        high=64,
        help="Heads of each attention layer.",
        title="Attention heads",
        group="Capacity",
    )
    dropout: float = setting(
        0.1,
        low=0,
        lt=1,
        help="Share of activations dropped in training.",
        title="Dropout",
        group="Capacity",
    )
    vectors: str = setting(
        "random",
        help="Word vectors: 'random', a GloVe-format file, or a checkpoint's table.",
        title="Word vectors",
        group="Capacity",
    )
    vector_width: int = setting(
        100,
        low=1,
        high=4096,
        help="Width of random word vectors.",
        title="Width of random word vectors",
        group="Capacity",
    )
    train_vectors: bool = setting(
        True,
        help="Whether training changes the word vectors.",
        title="Train the word vectors",
        group="Capacity",
    )
    checkpoint: str = setting(
        "",
        help="Pretrained encoder: a local folder or a hub name (safetensors only).",
        title="Pretrained encoder",
        group="Capacity",
    )
    pooling: Literal["cls", "mean", "pooler", "last"] = setting(
        "mean",
        help="How a sentence's token vectors become one vector.",
        title="Pooling",
        group="Capacity",
    )
    frozen_layers: int = setting(
        0,
        low=0,
        help="Lower layers of a pretrained encoder kept as they are, embeddings included.",
        title="Frozen lower layers",
        group="Capacity",
    )
    frozen: bool = setting(
        False,
        help="Keep the whole encoder as it is and cache its embeddings; train heads only.",
        title="Freeze the whole encoder",
        group="Capacity",
    )
    sharing: str = setting(
        "hard", help="How the tasks share the encoder.", title="Sharing", group="Capacity"
    )
    sharing_options: dict[str, Any] = setting(default_factory=dict, help="Settings of the sharing.")


class OptimisationConfig(_Frozen):
    """Who moves the shared weights, when."""

    scheduler: str = setting(
        "joint", help="Which tasks are due at an update.", title="Scheduler", group="Optimisation"
    )
    scheduler_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the scheduler."
    )
    combiner: str = setting(
        "sum",
        help="How the due tasks' gradients become one update.",
        title="Combiner",
        group="Optimisation",
    )
    combiner_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the combiner."
    )
    match_sum_norm: bool = setting(
        False,
        help="Rescale the combined update to the length of the plain sum.",
        title="As long as the plain sum",
        group="Optimisation",
    )
    weighting: str = setting(
        "equal", help="How the task losses are scaled.", title="Weighting", group="Optimisation"
    )
    weighting_options: dict[str, Any] = setting(
        default_factory=dict, help='Settings of the weighting, such as {"values": [1, 2]}.'
    )
    epochs: int = setting(
        3,
        low=1,
        high=1000,
        help="Passes over the data, as the scheduler counts.",
        title="Epochs",
        group="Optimisation",
    )
    max_updates: int | None = setting(
        None,
        low=1,
        help="Stop after this many updates.",
        title="Updates at most",
        group="Optimisation",
    )
    learning_rate: float = setting(
        1e-3, gt=0, high=10, help="Step size of AdamW.", title="Learning rate", group="Optimisation"
    )
    head_learning_rate: float | None = setting(
        None,
        gt=0,
        high=10,
        help="Step size for heads; the shared one if empty.",
        title="Learning rate of heads",
        group="Optimisation",
    )
    weight_decay: float = setting(
        0.01,
        low=0,
        high=1,
        help="AdamW's pull towards zero.",
        title="Weight decay",
        group="Optimisation",
    )
    warmup: float = setting(
        0.1,
        low=0,
        lt=1,
        help="Share of updates with a rising step size.",
        title="Warm-up (share of updates)",
        group="Optimisation",
    )
    decay: Literal["constant", "linear", "cosine"] = setting(
        "linear",
        help="How the step size falls after the warm-up.",
        title="Decay of the learning rate",
        group="Optimisation",
    )
    clip_norm: float | None = setting(
        1.0,
        gt=0,
        help="Longest update of the encoder allowed; longer ones are shortened. Where "
        "nothing is shared, this holds for each task's own encoder.",
        title="Longest update (clipping)",
        group="Optimisation",
    )
    accumulate: int = setting(
        1,
        low=1,
        high=1024,
        help="Batches added up before each update.",
        title="Batches added up (accumulation)",
        group="Optimisation",
    )
    precision: Literal["float32", "bfloat16", "float16"] = setting(
        "float32",
        help="Number format of forward and backward passes. bfloat16 is for GPUs and for "
        "CPUs with AVX512-BF16 or AMX: on a CPU without, it took 7 to 16 times as long as float32.",
        title="Number format",
        group="Optimisation",
    )
    gradient_precision: Literal["float32", "bfloat16"] = setting(
        "float32",
        help="Number format in which each task's gradient waits for the others, where they "
        "are taken one by one: bfloat16 halves that memory and keeps three digits; sums stay in "
        "float32.",
        title="Number format of gradients",
        group="Optimisation",
    )
    gradient_checkpointing: bool = setting(
        False,
        help="Recompute activations in the backward pass: less memory, more time.",
        title="Recompute activations",
        group="Optimisation",
    )
    compile: bool = setting(
        False,
        help="Compile a transformer's layers for training with torch.compile. On the CPU it "
        "was measured on, that took half a minute and made every update 3 to 10 % slower; on a GPU "
        "it has not been measured.",
        title="Compile the encoder",
        group="Optimisation",
    )
    patience: int | None = setting(
        None,
        low=1,
        help="Stop after this many evaluations without a better mean score.",
        title="Patience (early stopping)",
        group="Optimisation",
    )


class ProbeConfig(_Frozen):
    """What is recorded while training, and how often (in updates; 0 = never)."""

    gram_every: int = setting(
        1,
        low=0,
        help="Gram matrix, weights and coefficients.",
        title="Gram matrix, every … updates",
        group="Optimisation",
    )
    planes_every: int = setting(
        1,
        low=0,
        help="Gradients in planes of fixed directions.",
        title="Planes, every … updates",
        group="Optimisation",
    )
    examples_every: int = setting(
        1, low=0, help="Which training examples made the gradients, so that they can be read."
    )
    embeddings_every: int = setting(
        0,
        low=0,
        help="Embeddings of a fixed probe set per task.",
        title="Embeddings, every … updates",
        group="Optimisation",
    )
    embeddings_examples: int = setting(100, low=2, high=2000, help="Probe sentences per task.")
    affinity_every: int = setting(
        0,
        low=0,
        help="Lookahead affinity: how one task's step changes another's loss (TAG).",
        title="Affinity, every … updates",
        group="Optimisation",
    )
    worked_example_every: int = setting(
        0,
        low=0,
        help="Gradients of three fixed sentences on a singer and an army (Iyer's report, "
        "6.2); needs sentiment in five classes, paraphrase and similarity.",
    )
    evaluate_every: int | None = setting(
        None,
        low=1,
        help="Development scores every so many updates; once an epoch if empty.",
        title="Scores, every … updates",
        group="Optimisation",
    )


class RunConfig(_Frozen):
    """One training run: the same object is the form, the file, the stored run and the export."""

    version: int = setting(VERSION, help="Version of this format; leave it as it is.", linked=False)
    name: str = setting("run", min_length=1, max_length=120, help="Name of the run.", linked=False)
    seed: int = setting(
        0,
        low=0,
        lt=2**31,
        help="Decides every random draw of the run.",
        title="Seed",
        group="Optimisation",
    )
    data: DataConfig
    capacity: CapacityConfig = CapacityConfig()
    optimisation: OptimisationConfig = OptimisationConfig()
    probes: ProbeConfig = ProbeConfig()
    device: str = setting(
        "auto", help="'auto', 'cpu', 'cuda' or 'cuda:N'.", title="Device", group="Optimisation"
    )

    @classmethod
    def from_json(cls, text: str | bytes) -> RunConfig:
        """The settings that `to_json` wrote.

        Raises:
            ConfigError: If this is not JSON, comes from a newer version, or a setting is wrong.
        """
        return cls.from_values(parse_json(text, "The text of the settings"))

    @classmethod
    def from_values(cls, values: object) -> RunConfig:
        """Settings from dictionaries and lists, as JSON gives them.

        Raises:
            ConfigError: If they come from a newer version or one of them is wrong.
        """
        if not isinstance(values, dict):
            raise ConfigError(f"Settings must be a JSON object, got {type(values).__name__}.")
        version = values.get("version", VERSION)
        if not isinstance(version, int) or not 1 <= version <= VERSION:
            raise ConfigError(
                f"These settings have version {version!r}; "
                f"this mtlviz reads versions 1 to {VERSION}."
            )
        return cls.checked(values)

    @classmethod
    def from_file(cls, path: str | Path) -> RunConfig:
        """Settings from a JSON file.

        Raises:
            ConfigError: If the file cannot be read or a setting in it is wrong.
        """
        try:
            return cls.from_json(current().read(Path(path)))
        except OSError as error:
            reason = f"{error.strerror}."
            raise ConfigError(f"Cannot read the settings in {str(path)[:100]}: {reason}") from error
        except MtlvizError as error:
            raise ConfigError(f"{path}: {error}") from error

    def to_json(self) -> str:
        """The settings as readable JSON that `from_json` reads back unchanged."""
        return self.model_dump_json(indent=2)


class Budget(NamedTuple):
    """What a task has of a run of several.

    Attributes:
        updates: Updates in which it takes part.
        batches: Updates in one pass through its examples.
        evaluations: How often the run is scored.
    """

    updates: int
    batches: int
    evaluations: int


def single_task(config: RunConfig, task: int, budget: Budget | None = None) -> RunConfig:
    """The run that trains one task of this run alone: the baseline that transfer is measured by.

    Same seed, encoder, head, optimiser and number of evaluations; nothing is shared, so scheduler,
    combiner, weighting and sharing are the plain ones.

    Args:
        config: The multi-task run.
        task: Number of the task.
        budget: What the task has of the multi-task run; where it is None, epochs stay as they are.
            The run alone is scored as often, or as near to it as scoring every so many updates
            comes: a best moment is chosen among equally many.
    """
    plain = {"scheduler": "joint", "combiner": "sum", "weighting": "equal"}
    options = {f"{name}_options": {} for name in plain}
    optimisation = config.optimisation.model_copy(
        update={**plain, **options, "match_sum_norm": False}
    )
    # The worked example needs three tasks.
    probes = config.probes.model_copy(update={"worked_example_every": 0})
    if budget is not None:
        # It has its number of updates; stopping early would make another baseline of it.
        epochs = -(-budget.updates // budget.batches)
        length = {"epochs": epochs, "max_updates": budget.updates, "patience": None}
        optimisation = optimisation.model_copy(update=length)
        every = evaluate_every(budget.updates, budget.evaluations)
        probes = probes.model_copy(update={"evaluate_every": every})
    chosen = config.data.tasks[task]
    data = {"tasks": (chosen,), "leak_from": _spared(config.data, task)}
    return config.model_copy(
        update={
            "name": f"{config.name} · {chosen.name} alone"[:120],
            "data": config.data.model_copy(update=data),
            "capacity": config.capacity.model_copy(
                update={"sharing": "hard", "sharing_options": {}}
            ),
            "optimisation": optimisation,
            "probes": probes,
        }
    )


def _spared(data: DataConfig, task: int) -> tuple[TaskConfig, ...]:
    """The tasks whose evaluation splits a task's training examples are kept from, but its own."""
    if not data.drop_leaked:
        return ()
    others = (*data.tasks[:task], *data.tasks[task + 1 :], *data.leak_from)
    # Only where their examples come from matters.
    kept = ("name", "source", "path", "options")
    return tuple(TaskConfig(**{name: getattr(each, name) for name in kept}) for each in others)


def evaluate_every(updates: int, evaluations: int) -> int:
    """After how many updates each to evaluate, to have this number of evaluations in all."""
    # The last one comes after the last update, however few updates are left for it.
    candidates = {max(1, updates // evaluations), -(-updates // evaluations)}
    return min(candidates, key=lambda every: abs(-(-updates // every) - evaluations))


def fields(model: type[BaseModel] = RunConfig, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its dotted place, for forms and help; a task's under `data.tasks.N`."""
    for name, field in model.model_fields.items():
        inner = TaskConfig if name == "tasks" else field.annotation
        place = f"{prefix}{name}.N" if name == "tasks" else f"{prefix}{name}"
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields(inner, f"{place}.")
        else:
            yield place, field
