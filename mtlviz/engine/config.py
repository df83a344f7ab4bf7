"""RunConfig: everything that decides a text run, in the three groups data, capacity, optimisation.

The field descriptions are the help texts of the app and of the command line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, field_validator, model_validator
from pydantic.fields import FieldInfo

from mtlviz.access import current
from mtlviz.engine.continual_config import ContinualConfig
from mtlviz.engine.phase_config import PHASES, PhaseConfig, one_after_another
from mtlviz.engine.strict_settings import StrictSettings
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import parse_json
from mtlviz.settings import setting

VERSION = 1


class HeadConfig(StrictSettings):
    """The part of the model that belongs to one task."""

    layers: int = setting(1, "Head layers", "Layers of the task's own head.", "Data", low=1, high=3)
    width: int = setting(
        128, "Head width", "Width of the head's hidden layers.", "Data", low=1, high=4096
    )
    dropout: float = setting(
        0.1, "Head dropout", "Share of head inputs dropped in training.", "Data", low=0, lt=1
    )
    pair: Literal["joint", "separate"] = setting(
        "joint", "Pair is read",
        "How a sentence pair is read: both in one input, or each alone and then fused.", "Data",
    )  # fmt: skip
    fusion: Literal["sum", "concat", "compare", "cosine_embedding", "cosine_hidden"] = setting(
        "concat", "Fusion of the two",
        "How two separately encoded sentences become one head input or one score.", "Data",
    )  # fmt: skip
    none_threshold: float = setting(
        0.0, "Threshold of no answer",
        "That a text holds no answer is said where its score is higher than the best answer's by "
        "more than this. A higher threshold answers more questions.", "Data", low=-100, high=100,
    )  # fmt: skip


class TaskConfig(StrictSettings):
    """One task: where its examples come from and what its head looks like."""

    name: str = setting(min_length=1, max_length=60, help="Name shown in every figure.")
    source: str = setting("synthetic", help="Where the examples come from.")
    path: str = setting("", help="Folder, file or hub name, as the source needs it.")
    options: dict[str, Any] = setting(default_factory=dict, help="Settings of the source.")
    train_examples: int | None = setting(
        None, "Training examples", "Use only this many training examples, drawn once per seed.",
        "Data", low=1,
    )  # fmt: skip
    examples_per_epoch: int | None = setting(
        None, "Drawn anew each epoch", "Draw this many training examples anew in every epoch.",
        "Data", low=1,
    )  # fmt: skip
    dev_examples: int | None = setting(
        None, "Development examples", "Score on only this many development examples, drawn once.",
        "Data", low=1,
    )  # fmt: skip
    classes: tuple[str, ...] = setting(
        (), help="Names of the classes whose examples the task has; all if empty."
    )
    label_noise: float = setting(
        0.0, "Label noise", "Share of training labels replaced by random ones.", "Data", low=0,
        high=1,
    )  # fmt: skip
    head: HeadConfig = HeadConfig()


class DataConfig(StrictSettings):
    """What the tasks bring."""

    tasks: tuple[TaskConfig, ...] = setting(min_length=1, help="The tasks, in display order.")
    heads: Literal["own", "one", "growing"] = setting(
        "own", "Heads of the tasks",
        "Each task has a head of its own; or one head answers for all, as where one question is "
        "asked of other texts; or one head grows by each task's classes as the task arrives, and "
        "nobody says which task a text belongs to.", "Data",
        choices={"own": "one each", "one": "one for all", "growing": "one that grows"},
    )  # fmt: skip
    batch_size: int = setting(
        16, "Batch size", "Examples of one task in a batch.", "Data", low=1, high=1024
    )
    max_length: int = setting(
        128, "Longest input (tokens)", "Longest input, in tokens.", "Data", low=4, high=8192
    )
    overlap: int | None = setting(
        None, "Overlap of windows (tokens)",
        "Tokens that neighbouring windows of a long paragraph share, for answers in a text; half "
        "of the longest input if empty.", "Data", low=0,
    )  # fmt: skip
    drop_leaked: bool = setting(
        False, "Drop leaked examples",
        "Remove training examples whose text also occurs in an evaluation split.", "Data",
    )  # fmt: skip
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


class CapacityConfig(StrictSettings):
    """What the tasks share."""

    encoder: str = setting(
        "mean", "Encoder", "The shared module that turns text into a vector.", "Capacity"
    )
    width: int = setting(
        100, "Width (capacity)", "Capacity: output width of the shared module.", "Capacity", low=1,
        high=4096,
    )  # fmt: skip
    depth: int = setting(1, "Layers", "Layers of the shared module.", "Capacity", low=0, high=48)
    attention_heads: int = setting(
        4, "Attention heads", "Heads of each attention layer.", "Capacity", low=1, high=64
    )
    dropout: float = setting(
        0.1, "Dropout", "Share of activations dropped in training.", "Capacity", low=0, lt=1
    )
    vectors: str = setting(
        "random", "Word vectors",
        "Word vectors: 'random', a GloVe-format file, or a checkpoint's table.", "Capacity",
    )  # fmt: skip
    vector_width: int = setting(
        100, "Width of random word vectors", "Width of random word vectors.", "Capacity", low=1,
        high=4096,
    )  # fmt: skip
    train_vectors: bool = setting(
        True, "Train the word vectors", "Whether training changes the word vectors.", "Capacity"
    )
    checkpoint: str = setting(
        "", "Pretrained encoder",
        "Pretrained encoder: a local folder or a hub name (safetensors only).", "Capacity",
    )  # fmt: skip
    pooling: Literal["cls", "mean", "pooler", "last"] = setting(
        "mean", "Pooling", "How a sentence's token vectors become one vector.", "Capacity"
    )
    frozen_layers: int = setting(
        0, "Frozen lower layers",
        "Lower layers of a pretrained encoder kept as they are, embeddings included: nothing is "
        "put into them either.", "Capacity",
        low=0,
    )  # fmt: skip
    frozen: bool = setting(
        False, "Freeze the whole encoder",
        "Keep the whole encoder as it is and cache its embeddings; train heads only.", "Capacity",
    )  # fmt: skip
    sharing: str = setting("hard", "Sharing", "How the tasks share the encoder.", "Capacity")
    sharing_options: dict[str, Any] = setting(default_factory=dict, help="Settings of the sharing.")


MOST_EPOCHS = 1000


class OptimisationConfig(StrictSettings):
    """Who moves the shared weights, when."""

    scheduler: str = setting(
        "joint", help="Which tasks are due at an update.", title="Scheduler", group="Optimisation"
    )
    scheduler_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the scheduler."
    )
    phases: tuple[PhaseConfig, ...] = setting(
        (), "Phases",
        "Parts of the run, one after another, each with its own tasks; one with all if empty. As "
        "text, such as `squad share=0.5 > sst2 > squad share=0.5 heads=fresh`: the tasks with + "
        "between them (or all), then what else the phase has.", "Optimisation",
        text=PHASES, typed=PHASES,
    )  # fmt: skip
    combiner: str = setting(
        "sum", "Combiner", "How the due tasks' gradients become one update.", "Optimisation"
    )
    combiner_options: dict[str, Any] = setting(
        default_factory=dict, help="Settings of the combiner."
    )
    match_sum_norm: bool = setting(
        False, "As long as the plain sum",
        "Rescale the combined update to the length of the plain sum.", "Optimisation",
    )  # fmt: skip
    weighting: str = setting(
        "equal", help="How the task losses are scaled.", title="Weighting", group="Optimisation"
    )
    weighting_options: dict[str, Any] = setting(
        default_factory=dict, help='Settings of the weighting, such as {"values": [1, 2]}.'
    )
    epochs: int = setting(
        3, "Epochs", "Passes over the data, as the scheduler counts.", "Optimisation", low=1,
        high=MOST_EPOCHS,
    )  # fmt: skip
    max_updates: int | None = setting(
        None, "Updates at most", "Stop after this many updates.", "Optimisation", low=1
    )
    learning_rate: float = setting(
        1e-3, gt=0, high=10, help="Step size of AdamW.", title="Learning rate", group="Optimisation"
    )
    head_learning_rate: float | None = setting(
        None, "Learning rate of heads", "Step size for heads; the shared one if empty.",
        "Optimisation", gt=0, high=10,
    )  # fmt: skip
    weight_decay: float = setting(
        0.01, "Weight decay", "AdamW's pull towards zero.", "Optimisation", low=0, high=1
    )
    warmup: float = setting(
        0.1, "Warm-up (share of updates)", "Share of updates with a rising step size.",
        "Optimisation", low=0, lt=1,
    )  # fmt: skip
    decay: Literal["constant", "linear", "cosine"] = setting(
        "linear", "Decay of the learning rate", "How the step size falls after the warm-up.",
        "Optimisation",
    )  # fmt: skip
    clip_norm: float | None = setting(
        1.0, "Longest update (clipping)",
        "Longest update of the encoder allowed; longer ones are shortened. Where nothing is "
        "shared, this holds for each task's own encoder.", "Optimisation", gt=0,
    )  # fmt: skip
    accumulate: int = setting(
        1, "Batches added up (accumulation)", "Batches added up before each update.",
        "Optimisation", low=1, high=1024,
    )  # fmt: skip
    precision: Literal["float32", "bfloat16", "float16"] = setting(
        "float32", "Number format",
        "Number format of forward and backward passes. bfloat16 is for GPUs and for CPUs with "
        "AVX512-BF16 or AMX: on a CPU without, it took 7 to 16 times as long as float32.",
        "Optimisation",
    )  # fmt: skip
    gradient_precision: Literal["float32", "bfloat16"] = setting(
        "float32", "Number format of gradients",
        "Number format in which each task's gradient waits for the others, where they are taken "
        "one by one: bfloat16 halves that memory and keeps three digits; sums stay in float32.",
        "Optimisation",
    )  # fmt: skip
    gradient_checkpointing: bool = setting(
        False, "Recompute activations",
        "Recompute activations in the backward pass: less memory, more time.", "Optimisation",
    )  # fmt: skip
    compile: bool = setting(
        False, "Compile the encoder",
        "Compile a transformer's layers for training with torch.compile. On the CPU it was "
        "measured on, that took half a minute and made every update 3 to 10 % slower; on a GPU it "
        "has not been measured.", "Optimisation",
    )  # fmt: skip
    patience: int | None = setting(
        None, "Patience (early stopping)",
        "Stop after this many evaluations without a better mean score; of several phases only the "
        "last is cut short.", "Optimisation", low=1,
    )  # fmt: skip

    @field_validator("phases", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return PHASES.read(value) if isinstance(value, str) else value


class ProbeConfig(StrictSettings):
    """What is recorded while training, and how often (in updates; 0 = never)."""

    gram_every: int = setting(
        1, "Gram matrix, every … updates", "Gram matrix, weights and coefficients.", "Optimisation",
        low=0,
    )  # fmt: skip
    layers_every: int = setting(
        10, "Gram matrix by layer, every … updates",
        "The same by layers of the encoder: where in it tasks pull apart. Taken where a Gram "
        "matrix is; costs as many products again.", "Optimisation", low=0,
    )  # fmt: skip
    planes_every: int = setting(
        1, "Planes, every … updates", "Gradients in planes of fixed directions.", "Optimisation",
        low=0,
    )  # fmt: skip
    examples_every: int = setting(
        1, low=0, help="Which training examples made the gradients, so that they can be read."
    )
    embeddings_every: int = setting(
        0, "Embeddings, every … updates", "Embeddings of a fixed probe set per task.",
        "Optimisation", low=0,
    )  # fmt: skip
    embeddings_examples: int = setting(100, low=2, high=2000, help="Probe sentences per task.")
    affinity_every: int = setting(
        0, "Affinity, every … updates",
        "Lookahead affinity: how one task's step changes another's loss (TAG).", "Optimisation",
        low=0,
    )  # fmt: skip
    worked_example_every: int = setting(
        0,
        help="Gradients of three fixed sentences on a singer and an army (Iyer's report, 6.2); "
        "needs sentiment in five classes, paraphrase and similarity.", low=0,
    )  # fmt: skip
    evaluate_every: int | None = setting(
        None, "Scores, every … updates",
        "Development scores every so many updates; once an epoch if empty.", "Optimisation", low=1,
    )  # fmt: skip


class RunConfig(StrictSettings):
    """One training run: the same object is the form, the file, the stored run and the export."""

    version: int = setting(VERSION, help="Version of this format; leave it as it is.", linked=False)
    name: str = setting("run", min_length=1, max_length=120, help="Name of the run.", linked=False)
    seed: int = setting(
        0, "Seed", "Decides every random draw of the run.", "Optimisation", low=0, lt=2**31
    )
    data: DataConfig
    capacity: CapacityConfig = CapacityConfig()
    optimisation: OptimisationConfig = OptimisationConfig()
    continual: ContinualConfig = ContinualConfig()
    probes: ProbeConfig = ProbeConfig()
    device: str = setting("auto", "Device", "'auto', 'cpu', 'cuda' or 'cuda:N'.", "Optimisation")
    processes: int = setting(
        1, "Processes",
        "Processes that train the run together, each on its part of every batch: one for each GPU, "
        "or with a part of the CPU's threads each. Numbers are those of one process up to "
        "rounding, but for dropout, which each draws by itself.", "Optimisation", low=1, high=64,
    )  # fmt: skip

    @model_validator(mode="before")
    @classmethod
    def _phases_listed(cls, values: object) -> object:
        """The scheduler of this name, which gives each task one phase, becomes a list of them."""
        chosen = values.get("optimisation") if isinstance(values, dict) else None
        if not isinstance(chosen, dict) or chosen.get("scheduler") != "phases":
            return values
        tasks = dict(values.get("data") or {}).get("tasks") or ()
        names = [dict(task).get("name") for task in tasks]
        phases = chosen.get("phases") or one_after_another(names, chosen.get("epochs", 3))
        chosen = chosen | {"scheduler": "joint", "phases": phases}
        return values | {"optimisation": chosen}

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
    phases, combiner, weighting and sharing are the plain ones.

    Args:
        config: The multi-task run.
        task: Number of the task.
        budget: What the task has of the multi-task run; where it is None, epochs stay as they are.
            The run alone is scored as often, or as near to it as scoring every so many updates
            comes: a best moment is chosen among equally many.

    Raises:
        ConfigError: If a task of few examples would have to pass through them too often.
    """
    plain = {"scheduler": "joint", "combiner": "sum", "weighting": "equal"}
    options = {f"{name}_options": {} for name in plain}
    optimisation = config.optimisation.model_copy(
        update={**plain, **options, "phases": (), "match_sum_norm": False}
    )
    # The worked example needs three tasks.
    probes = config.probes.model_copy(update={"worked_example_every": 0})
    if budget is not None:
        # It has its number of updates; stopping early would make another baseline of it.
        epochs = -(-budget.updates // budget.batches)
        if epochs > MOST_EPOCHS:
            raise ConfigError(
                f"Alone, {config.data.tasks[task].name!r} would pass {epochs:,} times through its "
                f"few examples for as many updates, and a run does so at most {MOST_EPOCHS:,} "
                "times."
            )
        length = {"epochs": epochs, "max_updates": budget.updates, "patience": None}
        optimisation = optimisation.model_copy(update=length)
        every = evaluate_every(budget.updates, budget.evaluations)
        probes = probes.model_copy(update={"evaluate_every": every})
    chosen = config.data.tasks[task]
    data = {"tasks": (chosen,), "leak_from": spared(config.data, (task,))}
    return config.model_copy(
        update={
            "name": f"{config.name} · {chosen.name} alone"[:120],
            "data": config.data.model_copy(update=data),
            "capacity": config.capacity.model_copy(
                update={"sharing": "hard", "sharing_options": {}}
            ),
            "optimisation": optimisation,
            "continual": ContinualConfig(),
            "probes": probes,
        }
    )


def spared(data: DataConfig, kept: Collection[int]) -> tuple[TaskConfig, ...]:
    """Tasks whose evaluation splits training examples are still kept from when some are left out.

    Args:
        data: The data of all tasks.
        kept: Numbers of the tasks that are trained.
    """
    if not data.drop_leaked:
        return ()
    left_out = (each for task, each in enumerate(data.tasks) if task not in kept)
    # Only where their examples come from matters.
    told = ("name", "source", "path", "options")
    return tuple(
        TaskConfig(**{name: getattr(each, name) for name in told})
        for each in (*left_out, *data.leak_from)
    )


def evaluate_every(updates: int, evaluations: int) -> int:
    """After how many updates each to evaluate, to have this number of evaluations in all."""
    # The last one comes after the last update, however few updates are left for it.
    candidates = {max(1, updates // evaluations), -(-updates // evaluations)}
    return min(candidates, key=lambda every: abs(-(-updates // every) - evaluations))


_LISTED = {"data.tasks": TaskConfig, "optimisation.phases": PhaseConfig}
"""Lists of settings, each entry of which has settings of its own."""


def fields(model: type[BaseModel] = RunConfig, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its dotted place, for forms and help; a task's under `data.tasks.N`."""
    for name, field in model.model_fields.items():
        listed = _LISTED.get(f"{prefix}{name}")
        inner = listed or field.annotation
        place = f"{prefix}{name}.N" if listed else f"{prefix}{name}"
        if listed is PhaseConfig:
            yield f"{prefix}{name}", field
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields(inner, f"{place}.")
        else:
            yield place, field
