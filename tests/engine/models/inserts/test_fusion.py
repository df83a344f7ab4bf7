"""AdapterFusion: attention by hand, its two phases, and a stored model that answers as it did."""

from math import exp

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine import resuming
from mtlviz.engine.choices import check_choices
from mtlviz.engine.continual.old_model import distance
from mtlviz.engine.models.inserts.fusion import Fusion
from mtlviz.engine.phases import phases_of
from mtlviz.engine.records import PhaseRecord, StepRecord
from mtlviz.engine.train import records, start
from mtlviz.engine.trained_model import trained_model
from mtlviz.errors import ConfigError
from tests.engine.models.inserts.test_isolation import config


def run(**changes):
    return config("adapter_fusion").with_values({"optimisation.max_updates": None, **changes})


def state(training):
    return {name: p.detach().clone() for name, p in training.model.named_parameters()}


def moved(before, after):
    """Which kinds of parts have changed."""
    names = [name for name in before if not torch.equal(before[name], after[name])]
    kinds = ("adapters", "fusions", "sharing.encoder", "heads")
    return {kind for kind in kinds if any(kind in name for name in names)}


def test_attention_over_two_adapters_worked_by_hand():
    fusion = Fusion(2, torch.Generator())
    values = {"query": [[2.0, 0.0], [0.0, 1.0]], "query_bias": [0.0, 1.0],
              "key": [[1.0, 0.0], [0.0, 0.0]], "key_bias": [0.0, 0.0],
              "value": [[0.0, 1.0], [0.0, 0.0]]}  # fmt: skip
    fusion.load_state_dict({name: torch.tensor(value) for name, value in values.items()})
    found = fusion(torch.tensor([[[0.5, 3.0]]]), [torch.tensor([[[1.0, 4.0]]]),
                                                  torch.tensor([[[-1.0, 2.0]]])])  # fmt: skip
    # Asked (1, 4), keys (1, 0) and (−1, 0): scores 1 and −1. Values (1 + 4, 4) and (−1 + 2, 2).
    first = exp(1) / (exp(1) + exp(-1))
    expected = [5 * first + 1 * (1 - first), 4 * first + 2 * (1 - first)]
    assert_close(found, torch.tensor([[expected]]))


def test_before_fusing_a_text_passes_its_tasks_adapter_alone(sharing_of_family, tokens):
    fusing = sharing_of_family("bert", "adapter_fusion")
    plain = sharing_of_family("bert", "pfeiffer")
    fusing.begin_phase(0)
    for task in range(2):
        adapters = fusing.own[task]["adapters"].state_dict()
        plain.own[task].load_state_dict(adapters)
        assert torch.equal(fusing(task, tokens), plain(task, tokens))
    fusing.begin_phase(1)
    assert not torch.allclose(fusing(0, tokens), plain(0, tokens))


def test_of_equal_adapters_the_mixture_is_any_of_them(sharing_of_family, tokens):
    fusing = sharing_of_family("bert", "adapter_fusion")
    fusing.own[1]["adapters"].load_state_dict(fusing.own[0]["adapters"].state_dict())
    for own in fusing.own:
        for fusion in own["fusions"].values():
            torch.nn.init.zeros_(fusion.value)
    fused = fusing(0, tokens)
    fusing.begin_phase(0)
    assert_close(fused, fusing(0, tokens), rtol=1e-12, atol=1e-12)


def test_adapters_train_first_and_then_their_fusion():
    training = start(run())
    states, phases = [state(training)], []
    for record in records(training):
        if isinstance(record, PhaseRecord):
            phases.append(record)
        if isinstance(record, StepRecord):
            states.append(state(training))
    switch = training.schedule.starts[1]
    assert moved(states[0], states[switch]) == {"adapters", "heads"}
    assert moved(states[switch], states[-1]) == {"fusions", "heads"}
    own = training.model.sharing.own[0]
    fusions = sum(p.numel() for p in own["fusions"].parameters())
    adapters = sum(p.numel() for p in own["adapters"].parameters())
    heads = sum(p.numel() for p in training.model.heads.parameters())
    tasks = len(training.tasks)
    assert [p.trained for p in phases] == [tasks * n + heads for n in (adapters, fusions)]


def test_a_stored_model_answers_as_the_trained_one(tmp_path):
    training = start(run())
    list(records(training))
    training.use_best()
    resuming.save(training, tmp_path / "run.safetensors")
    stored = tmp_path / "run.safetensors"
    model = trained_model(training.config, stored, tasks=training.tasks).model
    batch = training.streams[0].batches.collate(np.arange(4))
    training.model.eval()
    assert model.sharing.common.fuses
    assert torch.equal(model(0, batch), training.model(0, batch))


def test_a_run_stopped_after_the_switch_answers_as_the_state_that_scored_best(tmp_path):
    training = start(run(**{"probes.evaluate_every": 100, "optimisation.epochs": 4}))
    found = records(training)
    while training.progress.update <= training.schedule.starts[1]:
        next(found)
    assert training.model.sharing.common.fuses
    stored = tmp_path / "run.safetensors"
    resuming.save(training, stored)
    model = trained_model(training.config, stored, tasks=training.tasks).model
    assert not model.sharing.common.fuses
    training.use_best()
    batch = training.streams[0].batches.collate(np.arange(4))
    assert torch.equal(model(0, batch), training.model.eval()(0, batch))


def test_the_old_model_of_distillation_answers_as_it_did_before_fusing():
    training = start(run(**{
        "continual.method": "lwf", "optimisation.phases": "task%200 > task%201+task%202",
        "data.tasks.2.head.pair": "joint",
    }))  # fmt: skip
    found = records(training)
    while training.progress.phase == 0:
        next(found)
    model, batch = training.model, training.streams[1].batches.collate(np.arange(4))
    for name, parameter in model.named_parameters():
        if name in training.past.old:
            parameter.data = training.past.old[name].clone()
    model.eval()
    assert model.sharing.common.fuses
    assert distance(model, training.past.old, 0, batch, 2.0) > 0
    model.sharing.common.fuses.fill_(False)
    assert distance(model, training.past.old, 0, batch, 2.0) == 0


def test_one_phase_is_refused_and_own_phases_take_the_place_of_half_and_half():
    assert len(phases_of(run())) == 2
    longer = run(**{"optimisation.phases": "all share=0.9 > all share=0.1"})
    assert [phase.share for phase in phases_of(longer)] == [0.9, 0.1]
    with pytest.raises(ConfigError, match="names one phase; name two, or none"):
        check_choices(run(**{"optimisation.phases": "all"}))
