"""GradNorm's toy: regression tasks that differ in scale only, under several loss weightings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.weightings import WEIGHTINGS, make_weighting
from mtlviz.engine.weightings.weighting import Step
from mtlviz.errors import ConfigError
from mtlviz.toy.landscapes.gradnorm_network import Networks, Numbers, Sizes
from mtlviz.toy.landscapes.optimisers import Adam

Array = NDArray[np.float64]

# Weightings that read epochs (DWA) get one every so many steps, as nash-mtl's code has it.
_EPOCH = 25
_HELD_OUT = 256
_REPORTS = 50


@dataclass(frozen=True)
class Arm:
    """One way of weighting the losses.

    Attributes:
        weighting: Key in WEIGHTINGS.
        options: Its options.
    """

    weighting: str
    options: dict[str, object] = field(default_factory=dict)


USUAL_ARMS = (Arm("equal"), Arm("gradnorm", {"alpha": 0.12}), Arm("uncertainty"), Arm("dwa"))


@dataclass(frozen=True)
class GradNormToy:
    """T regression tasks fᵢ(x) = σᵢ tanh((B + εᵢ)x), learned by one trunk with T heads.

    The entries of B have standard deviation 10, those of εᵢ 3.5, those of x 1 (the paper gives
    N(0, 10) and N(0, 3.5) and does not say which; it says nothing of x). The defaults are smaller
    than the paper's network, so that a comparison takes seconds: 100 inputs instead of 250, 50
    outputs and 50 neurons a layer instead of 100.

    Attributes:
        scales: σ of each task, above 0.
        arms: The weightings to compare; all start alike and see the same batches.
        steps: Updates.
        inputs: Numbers in.
        outputs: Numbers out.
        width: Neurons of each trunk layer.
        layers: Trunk layers.
        batch: Fresh examples of every update.
        rate: Adam's learning rate.
        frames: Most measurements kept.

    Raises:
        ConfigError: If a value is unknown or not allowed.

    Reference:
        Chen et al., ICML 2018, section 4. https://arxiv.org/abs/1711.02257
    """

    scales: tuple[float, ...] = (1.0, 100.0)
    arms: tuple[Arm, ...] = USUAL_ARMS
    steps: int = 1500
    inputs: int = 100
    outputs: int = 50
    width: int = 50
    layers: int = 4
    batch: int = 64
    rate: float = 1e-3
    frames: int = 151

    def __post_init__(self) -> None:
        if not self.scales or not all(0 < scale < np.inf for scale in self.scales):
            raise ConfigError(f"`scales` must be numbers above 0, one a task, got {self.scales}.")
        if not self.arms:
            raise ConfigError("The comparison needs at least one weighting, got none.")
        for arm in self.arms:
            _check_arm(arm)
        for name in ("steps", "inputs", "outputs", "width", "layers", "batch"):
            if getattr(self, name) < 1:
                raise ConfigError(f"`{name}` must be at least 1, got {getattr(self, name)}.")
        if self.frames < 2:
            raise ConfigError(f"`frames` must be at least 2, got {self.frames}.")
        if not 0 < self.rate < np.inf:
            raise ConfigError(f"`rate` must be a finite number above 0, got {self.rate}.")


def wide_scales(tasks: int, generator: np.random.Generator) -> tuple[float, ...]:
    """Scales for many tasks: sizes of normal numbers of standard deviation 50 (ours), plus 1."""
    return tuple(float(scale) for scale in 1 + np.abs(generator.normal(0, 50, tasks)))


@dataclass(frozen=True)
class Curves:
    """A arms at F measurements of T tasks.

    Attributes:
        arms: The arms.
        steps: Updates done before each measurement, shape (F,).
        losses: Mean squared errors on 256 held-out examples, shape (A, F, T).
        weights: Weight of each loss in the update that follows, shape (A, F, T).
        lengths: Length of each unweighted loss's gradient on the last shared layer's weights, on
            that update's batch, shape (A, F, T).
    """

    arms: tuple[Arm, ...]
    steps: NDArray[np.int64]
    losses: Array
    weights: Array
    lengths: Array

    @property
    def ratio_sums(self) -> Array:
        """Σ over tasks of L(t) / L(0), the paper's measure, which favours no scale, (A, F)."""
        return (self.losses / self.losses[:, :1]).sum(axis=-1)


@dataclass(frozen=True)
class ToyProgress:
    """How far the comparison is: updates done, updates asked for, curves so far."""

    done: int
    total: int
    curves: Curves


def compare_weightings(toy: GradNormToy, generator: np.random.Generator) -> Iterator[ToyProgress]:
    """Train every arm side by side; reports about 50 times, the last time with whole curves.

    To cancel, ask for no further report.

    Args:
        toy: The tasks, the network, the arms.
        generator: Source of the tasks, the first parameters, the batches and random weightings.

    Raises:
        ConfigError: If an option of a weighting is unknown or not allowed, or training diverges so
            far that a weighting is handed a loss it cannot work with.
    """
    training = _Training(toy, generator)
    kept = np.unique(np.rint(np.linspace(0, toy.steps, toy.frames)).astype(np.int64))
    marks, every = set(kept.tolist()), max(1, toy.steps // _REPORTS)
    frames: list[Array] = []
    for step in range(toy.steps + 1):
        held_out = training.held_out_losses() if step in marks else None
        weights, lengths = training.update(step, move=step < toy.steps)
        if held_out is not None:
            frames.append(np.stack([held_out, weights, lengths]))
        if step == toy.steps or (step and step % every == 0):
            losses, weights, lengths = np.stack(frames, axis=2)
            curves = Curves(toy.arms, kept[: len(frames)], losses, weights, lengths)
            yield ToyProgress(step, toy.steps, curves)


class _Training:
    """The networks of all arms and what they learn from."""

    def __init__(self, toy: GradNormToy, generator: np.random.Generator) -> None:
        tasks = len(toy.scales)
        self._toy, self._generator = toy, generator
        shared = generator.normal(0, 10, (toy.inputs, toy.outputs))
        own = generator.normal(0, 3.5, (tasks, toy.inputs, toy.outputs))
        self._maps = (shared + own).astype(np.float32)
        self._scales = np.array(toy.scales, dtype=np.float32)[:, None, None]
        sizes = Sizes(len(toy.arms), tasks, toy.inputs, toy.outputs, toy.width, toy.layers)
        self._networks = Networks(sizes, generator)
        self._optimiser = Adam(self._networks.values, toy.rate)
        self._weightings = [make_weighting(a.weighting, tasks, **a.options) for a in toy.arms]
        self._looks_back = any(weighting.needs_losses_after for weighting in self._weightings)
        self._held_out = self._draw(_HELD_OUT)

    def held_out_losses(self) -> Array:
        """Losses of every arm and task, shape (A, T)."""
        inputs, answers = self._held_out
        return _losses(self._networks.forward(inputs)[1] - answers)

    def update(self, number: int, *, move: bool) -> tuple[Array, Array]:
        """One update of every arm; returns weights and gradient lengths, each (A, T)."""
        inputs, answers = self._draw(self._toy.batch)
        active, predictions = self._networks.forward(inputs)
        errors = predictions - answers
        steps = [self._step(losses, number) for losses in _losses(errors)]
        weights = np.array(
            [w.weights(step) for w, step in zip(self._weightings, steps, strict=True)]
        )
        pull = errors * (2 / errors[0, 0].size)
        lengths = self._networks.backward(active, pull, weights)
        if move:
            self._optimiser.step(self._networks.slopes)
            self._observe(steps, lengths, inputs, answers)
        return weights, lengths

    def _observe(
        self, steps: list[Step], lengths: Array, inputs: Numbers, answers: Numbers
    ) -> None:
        after = None
        if self._looks_back:
            after = _losses(self._networks.forward(inputs)[1] - answers)
        for arm, (weighting, step) in enumerate(zip(self._weightings, steps, strict=True)):
            weighting.observe(
                step, norms=lengths[arm], losses_after=None if after is None else after[arm]
            )

    def _step(self, losses: Array, number: int) -> Step:
        due = np.ones(len(losses), dtype=bool)
        return Step(losses, due, number // _EPOCH, self._generator)

    def _draw(self, count: int) -> tuple[Numbers, Numbers]:
        """Inputs (N, inputs) and every task's answers (T, N, outputs)."""
        inputs = self._generator.standard_normal((count, self._toy.inputs), dtype=np.float32)
        return inputs, self._scales * np.tanh(inputs @ self._maps)


def _losses(errors: Numbers) -> Array:
    """Mean squared errors, (A, T, N, out) to (A, T)."""
    return np.square(errors).mean((-2, -1), dtype=np.float64)


def _check_arm(arm: Arm) -> None:
    if missing := WEIGHTINGS[arm.weighting].required - set(arm.options):
        raise ConfigError(f"The {arm.weighting} weighting needs {', '.join(sorted(missing))}.")
