"""Everything a run consists of while it trains, and how it is made from its settings."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from mtlviz.engine import checkpoint, compiling, purposes
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.choices import check_choices, schedule_of
from mtlviz.engine.combiners.registry import Bound
from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import make_recipe
from mtlviz.engine.continual.past import Past
from mtlviz.engine.device import resolve_device, slowness
from mtlviz.engine.divergence import Watch
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.models.features import cached_features, is_cacheable
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.models.tokens import Tokenizer
from mtlviz.engine.opening_notes import opening_notes
from mtlviz.engine.optimiser import LossScale, make_optimiser
from mtlviz.engine.probes import Directions, ProbeSet, run_planes
from mtlviz.engine.probing_example import WorkedExample
from mtlviz.engine.purposes import generator
from mtlviz.engine.randomness import RandomStream
from mtlviz.engine.ranks import ALONE, Ranks
from mtlviz.engine.records import EvalRecord, Note, Record
from mtlviz.engine.schedulers import Schedule
from mtlviz.engine.streams import Stream
from mtlviz.engine.switch import Methods, arrange, begun, methods_of
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.engine.tasks.task import SplitName
from mtlviz.engine.weightings import Weighting
from mtlviz.errors import ConfigError


@dataclass
class Progress:
    """How far a run is; with the tensors, all that a resumption needs.

    Attributes:
        update: Updates done.
        emitted: Records handed out.
        seconds: Time spent, evaluations and probes included.
        probe_seconds: Time of it spent on probes: what the methods themselves do not need.
        best_score: Best mean development score of this phase; None before its first evaluation.
        best_update: Updates done when it was scored.
        stale: Evaluations since then.
        stopped: Whether the run ended before its last update, by divergence or patience.
        phase: Number of the phase under way, from 0.
    """

    update: int = 0
    emitted: int = 0
    seconds: float = 0.0
    probe_seconds: float = 0.0
    best_score: float | None = None
    best_update: int = 0
    stale: int = 0
    stopped: bool = False
    phase: int = 0


@dataclass
class Training:
    """A run in progress. `train.records` drives it; `resuming.save` keeps it.

    `shared`, `own`, `planes`, `combiner` and `weighting` are those of the phase under way,
    `methods` those of all phases, and `trainable` is what any of them may train. `ranks` are the
    processes that train it together.
    """

    config: RunConfig
    tasks: tuple[Task, ...]
    device: torch.device
    model: MultiTaskModel
    shared: list[nn.Parameter]
    layers: list[list[int]]
    own: list[list[nn.Parameter]]
    streams: list[Stream]
    dev: list[TaskBatches]
    schedule: Schedule
    methods: tuple[Methods, ...]
    combiner: Bound
    weighting: Weighting
    past: Past
    optimiser: torch.optim.Optimizer
    loss_scale: LossScale
    dropout: RandomStream
    watch: Watch
    planes: dict[str, Directions]
    probe_set: ProbeSet | None
    baselines: list[float]
    ceilings: list[float]
    trainable: frozenset[nn.Parameter]
    progress: Progress = field(default_factory=Progress)
    best: dict[str, Tensor] = field(default_factory=dict)
    best_record: EvalRecord | None = None
    pending: deque[Record] = field(default_factory=deque)
    worked_example: WorkedExample | None = None
    ranks: Ranks = ALONE

    @property
    def total(self) -> int:
        """Planned number of updates."""
        limit = self.config.optimisation.max_updates
        planned = len(self.schedule.epoch)
        return planned if limit is None else min(planned, limit)

    def span(self, phase: int) -> tuple[int, int]:
        """The updates of a phase: its first, and the one after its last."""
        ends = [*self.schedule.starts[1:], self.total]
        return self.schedule.starts[phase], ends[phase]

    @property
    def finished(self) -> bool:
        """Whether no update is left to do; records may still be pending."""
        return self.progress.stopped or self.progress.update >= self.total

    def batches_per_epoch(self, task: int) -> int:
        """Updates in one pass through a task's training split."""
        return -(-len(self.streams[task]) // self.config.optimisation.accumulate)

    def use_best(self) -> None:
        """Give the model the trained values that scored best on the development splits."""
        checkpoint.load_tensors(
            {name: t for name, t in self._changing().items() if name in self.best},
            self.best,
            "model",
        )

    def keep_as_best(self) -> None:
        """Remember the present trained values as the best ones."""
        self.best = {
            name: tensor.detach().to("cpu", copy=True) for name, tensor in self._changing().items()
        }

    def _changing(self) -> dict[str, Tensor]:
        """All that a run changes of a model's answers: what trains, and what its phases set."""
        trained = {name: p for name, p in self.model.named_parameters() if p in self.trainable}
        return trained | self.model.set_by_phases()

    def changing_values(self) -> dict[str, Tensor]:
        """A copy of all that the run changes, by name, where the model is."""
        return {name: tensor.detach().clone() for name, tensor in self._changing().items()}


def prepare(
    config: RunConfig, given: Sequence[Task] | None = None, ranks: Ranks = ALONE
) -> Training:
    """Load, build and seed everything a run needs, up to its first update.

    Args:
        config: The run's settings.
        given: Its tasks where they are loaded already; otherwise they are loaded here.
        ranks: The processes that will train it.

    Raises:
        MtlvizError: If a setting or the data is wrong.
    """
    check_choices(config)
    device = resolve_device(config.device, ranks.rank)
    tasks = _tasks(config, given)
    tokenizer, model = untrained(config, tasks, device)
    train, dev = (_splits(config, tasks, split, tokenizer, device) for split in ("train", "dev"))
    for task in range(len(tasks)):
        if is_cacheable(model, task):
            for split in (train[task], dev[task]):
                precision = config.optimisation.precision
                split.use_features(cached_features(model, task, split, precision))
    feeds = [
        Stream(split, settings.examples_per_epoch, config.seed, task, device)
        for task, (split, settings) in enumerate(zip(train, config.data.tasks, strict=True))
    ]
    training = _assembled(config, tasks, device, model, feeds, dev)
    training.ranks = ranks
    for feed in feeds:
        feed.ranks = ranks
    training.pending.extendleft(reversed([*opening_notes(training, tokenizer)]))
    if config.probes.worked_example_every:
        training.worked_example = WorkedExample.of(tasks, config, tokenizer, device)
    return training


def untrained(
    config: RunConfig, tasks: Sequence[Task], device: torch.device
) -> tuple[Tokenizer, MultiTaskModel]:
    """The tokenizer of a run, and its model as it starts."""
    seed = int(generator(config.seed, purposes.MODEL).integers(2**62))
    tokenizer = build_tokenizer(config, tasks)
    model = build(config, tasks, tokenizer, torch.Generator().manual_seed(seed))
    return tokenizer, model.to(device)


def _tasks(config: RunConfig, given: Sequence[Task] | None) -> tuple[Task, ...]:
    """The run's tasks, loaded unless they were handed over."""
    if given is None:
        return load_tasks(config.data, generator(config.seed, purposes.DATA))
    wanted, names = [task.name for task in config.data.tasks], [task.name for task in given]
    if names != wanted:
        raise ConfigError(f"The settings name the tasks {wanted}, but {names} were handed over.")
    return tuple(given)


def _splits(
    config: RunConfig,
    tasks: Sequence[Task],
    split: SplitName,
    tokenizer: Tokenizer,
    device: torch.device,
) -> list[TaskBatches]:
    """One split of every task, tokenised."""
    return [
        read_batches(config, number, task, split, tokenizer, device)
        for number, task in enumerate(tasks)
    ]


def read_batches(  # noqa: PLR0913 (a run and what is read of it)
    config: RunConfig,
    number: int,
    task: Task,
    split: SplitName,
    tokenizer: Tokenizer,
    device: torch.device,
) -> TaskBatches:
    """One split of a run's task, tokenised as the run says."""
    data = config.data
    return TaskBatches(
        task,
        split,
        tokenizer,
        data.tasks[number].head,
        data.batch_size,
        data.max_length,
        pinned=device.type == "cuda",
        overlap=data.overlap,
    )


def _assembled(  # noqa: PLR0913 (what was loaded and built for a run)
    config: RunConfig,
    tasks: tuple[Task, ...],
    device: torch.device,
    model: MultiTaskModel,
    feeds: list[Stream],
    dev: list[TaskBatches],
) -> Training:
    """A run from its data and model."""
    seed, optimisation, probes = config.seed, config.optimisation, config.probes
    shared, methods = model.shared_parameters(), methods_of(config, tasks, model, feeds)
    own = [model.task_parameters(task) for task in range(len(tasks))]
    training = Training(
        config=config,
        tasks=tasks,
        device=device,
        model=model,
        shared=shared,
        layers=model.sharing.by_layer(shared),
        own=own,
        streams=feeds,
        dev=dev,
        schedule=schedule_of(
            config, np.array([-(-len(feed) // optimisation.accumulate) for feed in feeds])
        ),
        methods=methods,
        combiner=methods[0].combiner,
        weighting=methods[0].weighting,
        past=Past(make_recipe(config.continual.method, **config.continual.method_options)),
        optimiser=make_optimiser(
            optimisation, *_by_step_size(model, shared, own), model.sharing.paced()
        ),
        loss_scale=LossScale(optimisation.precision),
        dropout=RandomStream(int(generator(seed, purposes.DROPOUT).integers(2**62)), device),
        watch=Watch(tuple(task.name for task in tasks)),
        planes=run_planes(config, model, shared),
        probe_set=ProbeSet.drawn(
            dev, probes.embeddings_examples, generator(seed, purposes.PROBE_SET)
        )
        if probes.embeddings_every
        else None,
        baselines=[f.score if (f := KINDS[t.kind].floor(t)) else np.nan for t in tasks],
        ceilings=[c.scores[t.metric] if (c := KINDS[t.kind].ceiling(t)) else np.nan for t in tasks],
        trainable=frozenset(p for p in model.parameters() if p.requires_grad),
    )
    # Every phase is tried before the first update: a fault of the last must not end a long run.
    for number in reversed(range(len(methods))):
        arrange(training, number)
    if optimisation.phases or len(methods) > 1:
        training.pending.append(begun(training))
    if told := slowness(device, optimisation.precision):
        training.pending.append(Note(0, "slow_format", told))
    if optimisation.compile:
        _compile(training)
    return training


def _by_step_size(
    model: MultiTaskModel, shared: list[nn.Parameter], own: list[list[nn.Parameter]]
) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Trained parameters of encoders, a task's own ones too, and all others."""
    encoders = set(model.sharing.encoder_parameters())
    every = [*shared, *(p for each in own for p in each)]
    return [p for p in every if p in encoders], [p for p in every if p not in encoders]


def _compile(training: Training) -> None:
    """Let the encoder's layers be compiled at the first update, or say why there are none."""

    def tell(text: str) -> None:
        training.pending.append(Note(training.progress.update, "compile", text))

    sharing = training.model.sharing
    if compiling.trained_layers(sharing):
        training.model.compiled = compiling.CompiledLayers(sharing, tell, training.device)
    else:
        encoder = training.config.capacity.encoder
        tell(f"Nothing is compiled: the {encoder} encoder has no transformer layers that train.")
