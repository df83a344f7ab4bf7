"""Ways to make one update: the engine's own, and those of other libraries, on the same model."""

import copy
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor

from mtlviz.engine.choices import combiner_of
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.device import autocast
from mtlviz.engine.passes import task_loss
from mtlviz.engine.step import make_update
from mtlviz.engine.training import Training

Stepping = Callable[[Training], None]

PLAIN = "sum, task by task"
RECORDED = "sum, everything recorded"


def with_combiner(name: str, *, gram_every: int = 1, planes_every: int = 0) -> Stepping:
    """The engine's own update, as a run makes it, with a combiner."""

    def step(training: Training) -> None:
        training.config = _settings(training.config, name, gram_every, planes_every)
        training.combiner = combiner_of(training.config)
        make_update(training)

    return step


def _settings(config: RunConfig, combiner: str, gram: int, planes: int) -> RunConfig:
    optimisation = config.optimisation.model_copy(update={"combiner": combiner})
    # An update is made again and again at the same place of the run, where every probe is due: what
    # a run takes every ten updates belongs to "everything recorded" alone.
    layers = config.probes.layers_every if planes else 0
    probes = config.probes.model_copy(
        update={"gram_every": gram, "planes_every": planes, "layers_every": layers}
    )
    return config.model_copy(update={"optimisation": optimisation, "probes": probes})


def sum_at_once(training: Training) -> None:
    """All forward passes, then one backward pass of the summed losses: the usual joint step."""
    torch.stack(_losses(training)).sum().backward()
    _finish(training)


def torchjd_pcgrad(training: Training) -> None:
    """The PCGrad of torchjd in its documented way for tasks with batches of their own."""
    from torchjd.aggregation import PCGrad
    from torchjd.autojac import jac_to_grad, mtl_backward

    batches, model = _batches(training), training.model.train()
    with autocast(training.device, training.config.optimisation.precision):
        features = [model.features(task, batch) for task, batch in enumerate(batches)]
        logits = [model.heads[task](found) for task, found in enumerate(features)]
    losses = [model.loss(task, logits[task], batch.labels) for task, batch in enumerate(batches)]
    mtl_backward(losses, features=features, parallel_chunk_size=1)
    jac_to_grad(training.shared, PCGrad())
    _finish(training)


def losses_in_one_tensor(training: Training) -> None:
    """PCGrad as LibMTL's trainer feeds it: losses written into one tensor, a (K, P) buffer."""
    found = _losses(training)
    losses = torch.zeros(len(found), device=training.device)
    for task, loss in enumerate(found):
        losses[task] = loss
    sizes = [parameter.numel() for parameter in training.shared]
    rows = torch.zeros(len(found), sum(sizes), device=training.device)
    for task in range(len(found)):
        losses[task].backward(retain_graph=True)
        rows[task] = torch.cat([_flat(parameter) for parameter in training.shared])
        for parameter in training.shared:
            parameter.grad = None
    _set(training.shared, _projected(rows).sum(0), sizes)
    _finish(training)


def optimiser_wrapper(training: Training) -> None:
    """PCGrad as the Pytorch-PCGrad wrapper does it: all parameters, deep copies, kept graphs."""
    parameters = [p for group in training.optimiser.param_groups for p in group["params"]]
    sizes = [parameter.numel() for parameter in parameters]
    rows, masks = [], []
    for loss in _losses(training):
        training.optimiser.zero_grad(set_to_none=True)
        loss.backward(retain_graph=True)
        rows.append(torch.cat([_flat(parameter) for parameter in parameters]))
        masks.append(torch.cat([_present(parameter) for parameter in parameters]))
    projected = _projected(torch.stack(copy.deepcopy(rows)))
    shared = torch.stack(masks).prod(0).bool()
    _set(parameters, torch.where(shared, projected.mean(0), projected.sum(0)), sizes)
    _finish(training)


def all_ways() -> tuple[dict[str, Stepping], list[str]]:
    """Every way that can be measured here, and a sentence for each that cannot."""
    ways: dict[str, Stepping] = {
        "sum, one backward": sum_at_once,
        PLAIN: with_combiner("sum", gram_every=0),
        RECORDED: with_combiner("sum", planes_every=1),
        **{name: with_combiner(name) for name in COMBINERS if name != "sum"},
        "PCGrad, losses in one tensor": losses_in_one_tensor,
        "PCGrad, optimiser wrapper": optimiser_wrapper,
    }
    if find_spec("torchjd") is None:
        return ways, ["torchjd is not installed, so its PCGrad is missing (pip install torchjd)."]
    return {**ways, "PCGrad, torchjd": torchjd_pcgrad}, []


def _batches(training: Training) -> list:
    return [stream.next().to(training.device, non_blocking=True) for stream in training.streams]


def _losses(training: Training) -> list[Tensor]:
    training.model.train()
    return [task_loss(training, task, batch) for task, batch in enumerate(_batches(training))]


def _finish(training: Training) -> None:
    training.optimiser.step()
    training.optimiser.zero_grad(set_to_none=True)


def _flat(parameter: Tensor) -> Tensor:
    gradient = parameter.grad
    return (torch.zeros_like(parameter) if gradient is None else gradient).flatten().clone()


def _present(parameter: Tensor) -> Tensor:
    return torch.full(
        (parameter.numel(),), float(parameter.grad is not None), device=parameter.device
    )


def _projected(rows: Tensor) -> Tensor:
    """Each row without what opposes the others, projected on full vectors; (K, P)."""
    result, drawn = rows.clone(), np.random.default_rng(0)
    for task in range(len(rows)):
        for other in drawn.permutation(len(rows)).tolist():
            product = torch.dot(result[task], rows[other])
            if product < 0:
                result[task] -= product * rows[other] / (rows[other].norm() ** 2 + 1e-8)
    return result


def _set(parameters: Sequence[Tensor], flat: Tensor, sizes: Sequence[int]) -> None:
    for parameter, part in zip(parameters, flat.split(list(sizes)), strict=True):
        parameter.grad = part.view_as(parameter)
