"""The toy's batched program against a loop of modules with an optimiser."""

from functools import partial

import numpy as np
import torch
from torch import nn

from mtlviz.bench.result import Table, rows_of
from mtlviz.bench.rounds import Told, interleaved
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.layout import arms_of
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.scene import make_scene

_LOOP_SEEDS = 2


def toy_costs(rounds: int, told: Told) -> Table:
    """Microseconds of one model's step: all arms and repetitions at once, or one by one."""
    points = {f"t{task}.points": 200 for task in (1, 2, 3)}
    config = PRESETS["clouds"].config.with_values(points)
    fewer = config.with_values({"seeds": _LOOP_SEEDS})
    arms = arms_of(0, 3)
    cases = {
        "a loop of modules and SGD": partial(_loop, fewer, arms),
        "the toy's batched program": partial(train, config, arms),
    }
    seconds = interleaved(cases, rounds, told=told)
    steps = {name: len(arms) * config.steps * config.seeds for name in cases}
    steps["a loop of modules and SGD"] = len(arms) * config.steps * _LOOP_SEEDS
    each = {name: [spent / steps[name] for spent in found] for name, found in seconds.items()}
    batched = sorted(each["the toy's batched program"])[rounds // 2]
    return Table(
        title=f"The toy: {len(arms)} arms × {config.seeds} repetitions × 200 points a task",
        unit="µs per model-step",
        reading="A model-step is one update of one arm of one repetition. The loop "
        f"runs {_LOOP_SEEDS} repetitions, the batched program all {config.seeds}.",
        rows=rows_of(
            each,
            "a loop of modules and SGD",
            factor=1e6,
            notes={"the toy's batched program": f"{1 / batched:,.0f} model-steps/s"},
        ),
    )


def _loop(config: ToyConfig, arms: tuple[tuple[int, ...], ...]) -> None:
    scene = make_scene(config)
    for arm in arms:
        for seed in range(config.seeds):
            filled = [scene.signs[task, seed] != 0 for task in arm]
            points = [
                torch.as_tensor(scene.points[task, seed, there], dtype=torch.float32)
                for task, there in zip(arm, filled, strict=True)
            ]
            signs = [
                torch.as_tensor(np.asarray(scene.signs[task, seed, there], dtype=np.float32))
                for task, there in zip(arm, filled, strict=True)
            ]
            _train_one(config, points, signs)


def _train_one(config: ToyConfig, points: list[torch.Tensor], signs: list[torch.Tensor]) -> None:
    shared = nn.Linear(2, config.capacity, bias=False)
    heads = nn.ModuleList(nn.Linear(config.capacity, 1) for _ in points)
    parameters = [*shared.parameters(), *heads.parameters()]
    optimiser = torch.optim.SGD(parameters, lr=config.learning_rate)
    for _ in range(config.steps):
        optimiser.zero_grad()
        losses = [
            nn.functional.softplus(-sign * head(shared(x)).squeeze(1)).mean()
            for head, x, sign in zip(heads, points, signs, strict=True)
        ]
        torch.stack(losses).sum().backward()
        optimiser.step()
