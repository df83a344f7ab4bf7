"""RunConfig: everything that decides a text run, in the three groups data, capacity, optimisation.

The field descriptions are the help texts of the app and of the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from mtlviz.access import current
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.limits import brief, parse_json

VERSION = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _not_repaired(cls, value: object, field: ValidationInfo) -> object:
        """Refuse what pydantic would take for something else: true for 1, "yes" for true."""
        kinds = _kinds(cls.model_fields[field.field_name].annotation)
        if bool in kinds and not isinstance(value, bool):
            raise ValueError("should be true or false")
        if isinstance(value, bool) and {int, float} & kinds:
            raise ValueError("should be a number")
        if isinstance(value, str) and {int, float} & kinds:
            raise ValueError("should be a number, not a text")
        return value


def _kinds(annotation: Any) -> set[Any]:
    """The alternatives of a type."""
    return set(get_args(annotation)) if isinstance(annotation, UnionType) else {annotation}


class HeadConfig(_Frozen):
    """The part of the model that belongs to one task."""

    layers: int = Field(1, ge=1, le=3, description="Layers of the task's own head.")
    width: int = Field(128, ge=1, le=4096, description="Width of the head's hidden layers.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Share of head inputs dropped in training.")
    pair: Literal["joint", "separate"] = Field(
        "joint",
        description="How a sentence pair is read: both in one input, or each alone and then fused.",
    )
    fusion: Literal["sum", "concat", "compare", "cosine_embedding", "cosine_hidden"] = Field(
        "concat",
        description="How two separately encoded sentences become one head input or one score.",
    )


class TaskConfig(_Frozen):
    """One task: where its examples come from and what its head looks like."""

    name: str = Field(min_length=1, max_length=60, description="Name shown in every figure.")
    source: str = Field("synthetic", description="Where the examples come from.")
    path: str = Field("", description="Folder, file or hub name, as the source needs it.")
    options: dict[str, Any] = Field(default_factory=dict, description="Settings of the source.")
    train_examples: int | None = Field(
        None, ge=1, description="Use only this many training examples, drawn once per seed."
    )
    examples_per_epoch: int | None = Field(
        None, ge=1, description="Draw this many training examples anew in every epoch."
    )
    dev_examples: int | None = Field(
        None, ge=1, description="Score on only this many development examples, drawn once."
    )
    label_noise: float = Field(
        0.0, ge=0, le=1, description="Share of training labels replaced by random ones."
    )
    head: HeadConfig = HeadConfig()


class DataConfig(_Frozen):
    """What the tasks bring."""

    tasks: tuple[TaskConfig, ...] = Field(min_length=1, description="The tasks, in display order.")
    batch_size: int = Field(16, ge=1, le=1024, description="Examples of one task in a batch.")
    max_length: int = Field(128, ge=4, le=8192, description="Longest input, in tokens.")
    overlap: int | None = Field(
        None,
        ge=0,
        description="Tokens that neighbouring windows of a long paragraph share, for answers in a "
        "text; half of the longest input if empty.",
    )
    drop_leaked: bool = Field(
        False,
        description="Remove training examples whose text also occurs in an evaluation split.",
    )
    leak_from: tuple[TaskConfig, ...] = Field(
        (),
        description="Tasks that are not trained, whose evaluation splits drop_leaked spares as "
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

    encoder: str = Field("mean", description="The shared module that turns text into a vector.")
    width: int = Field(
        100, ge=1, le=4096, description="Capacity: output width of the shared module."
    )
    depth: int = Field(1, ge=0, le=48, description="Layers of the shared module.")
    attention_heads: int = Field(4, ge=1, le=64, description="Heads of each attention layer.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Share of activations dropped in training.")
    vectors: str = Field(
        "random",
        description="Word vectors: 'random', a GloVe-format file, or a checkpoint's table.",
    )
    vector_width: int = Field(100, ge=1, le=4096, description="Width of random word vectors.")
    train_vectors: bool = Field(True, description="Whether training changes the word vectors.")
    checkpoint: str = Field(
        "", description="Pretrained encoder: a local folder or a hub name (safetensors only)."
    )
    pooling: Literal["cls", "mean", "pooler", "last"] = Field(
        "mean", description="How a sentence's token vectors become one vector."
    )
    frozen_layers: int = Field(
        0,
        ge=0,
        description="Lower layers of a pretrained encoder kept as they are, embeddings included.",
    )
    frozen: bool = Field(
        False,
        description="Keep the whole encoder as it is and cache its embeddings; train heads only.",
    )
    sharing: str = Field("hard", description="How the tasks share the encoder.")
    sharing_options: dict[str, Any] = Field(
        default_factory=dict, description="Settings of the sharing."
    )


class OptimisationConfig(_Frozen):
    """Who moves the shared weights, when."""

    scheduler: str = Field("joint", description="Which tasks are due at an update.")
    scheduler_options: dict[str, Any] = Field(
        default_factory=dict, description="Settings of the scheduler."
    )
    combiner: str = Field("sum", description="How the due tasks' gradients become one update.")
    combiner_options: dict[str, Any] = Field(
        default_factory=dict, description="Settings of the combiner."
    )
    match_sum_norm: bool = Field(
        False, description="Rescale the combined update to the length of the plain sum."
    )
    weighting: str = Field("equal", description="How the task losses are scaled.")
    weighting_options: dict[str, Any] = Field(
        default_factory=dict, description='Settings of the weighting, such as {"values": [1, 2]}.'
    )
    epochs: int = Field(
        3, ge=1, le=1000, description="Passes over the data, as the scheduler counts."
    )
    max_updates: int | None = Field(None, ge=1, description="Stop after this many updates.")
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Step size of AdamW.")
    head_learning_rate: float | None = Field(
        None, gt=0, le=10, description="Step size for heads; the shared one if empty."
    )
    weight_decay: float = Field(0.01, ge=0, le=1, description="AdamW's pull towards zero.")
    warmup: float = Field(0.1, ge=0, lt=1, description="Share of updates with a rising step size.")
    decay: Literal["constant", "linear", "cosine"] = Field(
        "linear", description="How the step size falls after the warm-up."
    )
    clip_norm: float | None = Field(
        1.0,
        gt=0,
        description="Longest update of the encoder allowed; longer ones are shortened. Where "
        "nothing is shared, this holds for each task's own encoder.",
    )
    accumulate: int = Field(1, ge=1, le=1024, description="Batches added up before each update.")
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32",
        description="Number format of forward and backward passes. bfloat16 is for GPUs and for "
        "CPUs with AVX512-BF16 or AMX: on a CPU without, it took 7 to 16 times as long as float32.",
    )
    gradient_precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="Number format in which each task's gradient waits for the others, where they "
        "are taken one by one: bfloat16 halves that memory and keeps three digits; sums stay in "
        "float32.",
    )
    gradient_checkpointing: bool = Field(
        False, description="Recompute activations in the backward pass: less memory, more time."
    )
    compile: bool = Field(
        False,
        description="Compile a transformer's layers for training with torch.compile. On the CPU it "
        "was measured on, that took half a minute and made every update 3 to 10 % slower; on a GPU "
        "it has not been measured.",
    )
    patience: int | None = Field(
        None, ge=1, description="Stop after this many evaluations without a better mean score."
    )


class ProbeConfig(_Frozen):
    """What is recorded while training, and how often (in updates; 0 = never)."""

    gram_every: int = Field(1, ge=0, description="Gram matrix, weights and coefficients.")
    planes_every: int = Field(1, ge=0, description="Gradients in planes of fixed directions.")
    examples_every: int = Field(
        1, ge=0, description="Which training examples made the gradients, so that they can be read."
    )
    embeddings_every: int = Field(0, ge=0, description="Embeddings of a fixed probe set per task.")
    embeddings_examples: int = Field(100, ge=2, le=2000, description="Probe sentences per task.")
    affinity_every: int = Field(
        0, ge=0, description="Lookahead affinity: how one task's step changes another's loss (TAG)."
    )
    worked_example_every: int = Field(
        0,
        ge=0,
        description="Gradients of three fixed sentences on a singer and an army (Iyer's report, "
        "6.2); needs sentiment in five classes, paraphrase and similarity.",
    )
    evaluate_every: int | None = Field(
        None, ge=1, description="Development scores every so many updates; once an epoch if empty."
    )


class RunConfig(_Frozen):
    """One training run: the same object is the form, the file, the stored run and the export."""

    version: int = Field(VERSION, description="Version of this format; leave it as it is.")
    name: str = Field("run", min_length=1, max_length=120, description="Name of the run.")
    seed: int = Field(0, ge=0, lt=2**31, description="Decides every random draw of the run.")
    data: DataConfig
    capacity: CapacityConfig = CapacityConfig()
    optimisation: OptimisationConfig = OptimisationConfig()
    probes: ProbeConfig = ProbeConfig()
    device: str = Field("auto", description="'auto', 'cpu', 'cuda' or 'cuda:N'.")

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
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from error

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

    def changed(self, path: str, value: object) -> RunConfig:
        """The same settings with one of them changed.

        Args:
            path: Dotted place of the setting, such as "optimisation.combiner", or
                "data.tasks.0.label_noise".
            value: Its new value, as JSON would give it.

        Raises:
            ConfigError: If there is no such setting or the value is not allowed.
        """
        return self.with_values({path: value})

    def with_values(self, changes: Mapping[str, object]) -> RunConfig:
        """The same settings with some of them changed; the values may fit each other only in sum.

        Args:
            changes: New values by dotted place, as `changed` takes them.

        Raises:
            ConfigError: If there is no such setting or a value is not allowed.
        """
        values = self.model_dump(mode="json")
        for path, value in changes.items():
            _put(values, path, value)
        return self.from_values(values)


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


def _put(values: dict[str, Any], path: str, value: object) -> None:
    """Put a value at a dotted place of settings as JSON has them."""
    *parents, last = path.split(".")
    place: Any = values
    for name in parents:
        place = _inside(place, name, path)
    if isinstance(place, list):
        _inside(place, last, path)
        place[int(last)] = value
    elif isinstance(place, dict):
        # A missing key is reported by the check of all settings, except where options are free.
        place[last] = value
    else:
        raise ConfigError(f"There is no setting `{path}`.")


def _inside(place: Any, name: str, path: str) -> Any:
    """One step down a dotted path."""
    if isinstance(place, list) and name in map(str, range(len(place))):
        return place[int(name)]
    if isinstance(place, dict) and name in place:
        return place[name]
    raise ConfigError(f"There is no setting `{path[:60]}`: {brief(name)} was not found.")


def _sentence(error: ValidationError) -> str:
    """The first thing pydantic found wrong, in one sentence."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        return f"There is no setting `{place}`."
    if first["type"] == "missing":
        return f"The setting `{place}` is missing."
    message = first["msg"].removeprefix("Value error, ")
    message = message.removeprefix("Input ").removeprefix("String ")
    # What Python calls a tuple is a list in a settings file; so is what pydantic counts in it.
    message = message.replace("valid tuple", "list").replace("Tuple should", "should")
    return f"`{place}` {message}, got {_short(first['input'])}."


def _short(value: object) -> str:
    """A value as text, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
