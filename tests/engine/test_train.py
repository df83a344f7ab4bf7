"""The training loop: repeatable, resumable, for any number of tasks and every registered method."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.engine.config import Budget, RunConfig, single_task
from mtlviz.engine.evaluate import evaluate
from mtlviz.engine.gradients import lengths
from mtlviz.engine.records import (
    AffinityRecord,
    EvalRecord,
    Note,
    Snapshot,
    StepRecord,
    to_json,
)
from mtlviz.engine.resuming import save
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.train import records, start, train
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.errors import CheckpointError, ConfigError


def config(tasks=3, *, probes=None, capacity=None, data=None, seed=0, **optimisation):
    """A run of a second: a mean encoder of width 8 on a few synthetic sentences a task."""
    asks = ("sentiment", "topic", "similarity")
    return RunConfig.from_values(
        {
            "seed": seed,
            "data": {
                "tasks": [
                    {
                        "name": f"task {k}",
                        "options": {
                            "asks": asks[k % 3],
                            "size": 24 + 8 * (k % 2),
                            "dev_size": 16,
                        },
                        "head": {"pair": "separate", "fusion": "cosine_embedding"}
                        if k % 3 == 2
                        else {},
                    }
                    for k in range(tasks)
                ],
                "batch_size": 8,
                **(data or {}),
            },
            "capacity": {"encoder": "mean", "width": 8, "vector_width": 6, **(capacity or {})},
            "optimisation": {"epochs": 2, "learning_rate": 1e-2, **optimisation},
            "probes": probes or {},
            "device": "cpu",
        }
    )


def timeless(found):
    """Records as JSON without the one entry that equal runs may differ in."""
    return [
        {name: value for name, value in to_json(record).items() if name != "seconds"}
        for record in found
    ]


def steps(found):
    return [record for record in found if isinstance(record, StepRecord)]


def norm(gradient):
    return float(lengths([gradient], torch.device("cpu")))


def parameters(training):
    return torch.cat([p.detach().reshape(-1) for p in training.model.parameters()])


EVERYTHING = {"embeddings_every": 2, "embeddings_examples": 4, "affinity_every": 3}


def test_the_same_settings_and_seed_give_the_same_records_bit_for_bit():
    chosen = config(combiner="pcgrad", scheduler="joint", probes=EVERYTHING)
    first = timeless(train(chosen))
    assert first == timeless(train(chosen))
    assert first != timeless(train(chosen.changed_at("seed", 1)))
    json.dumps(first, allow_nan=False)


def test_a_run_leaves_torchs_own_random_state_alone():
    before = torch.get_rng_state()
    list(train(config(probes=EVERYTHING)))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    "optimisation",
    [
        {"combiner": "pcgrad", "scheduler": "joint"},
        {"combiner": "gradvac", "weighting": "dwa", "scheduler": "joint_fill_up"},
        {"weighting": "famo", "scheduler": "round_robin", "accumulate": 2},
        {"weighting": "gradnorm", "scheduler": "proportional", "patience": 5},
    ],
    ids=lambda optimisation: "-".join(map(str, optimisation.values())),
)
@pytest.mark.parametrize("cut", [1, 4, 6])
def test_a_resumed_run_equals_an_uninterrupted_one_wherever_it_was_cut(tmp_path, optimisation, cut):
    chosen = config(probes={**EVERYTHING, "evaluate_every": 2}, epochs=3, **optimisation)
    whole = start(chosen)
    expected = timeless(records(whole))
    path = tmp_path / "run.safetensors"
    training = start(chosen)
    found = records(training)
    early = [next(found) for _ in range(cut)]
    save(training, path)
    resumed = start(chosen, resume=path)
    assert resumed.progress.emitted == cut
    assert timeless(early) + timeless(records(resumed)) == expected
    assert torch.equal(parameters(resumed), parameters(whole))
    assert resumed.best.keys() == whole.best.keys()
    assert all(torch.equal(resumed.best[name], whole.best[name]) for name in whole.best)


def test_a_checkpoint_of_other_settings_or_data_is_refused_in_one_sentence(tmp_path):
    chosen, path = config(), tmp_path / "run.safetensors"
    training = start(chosen)
    next(records(training))
    save(training, path)
    with pytest.raises(CheckpointError, match=r"`optimisation.combiner` was 'sum', is 'pcgrad'"):
        start(chosen.changed_at("optimisation.combiner", "pcgrad"), resume=path)
    other = load_tasks(chosen.data, np.random.default_rng(99))
    flipped = [task if k else _with_other_labels(task) for k, task in enumerate(other)]
    with pytest.raises(CheckpointError, match="other training or dev examples"):
        start(chosen, tasks=flipped, resume=path)
    assert start(chosen.changed_at("name", "renamed"), resume=path).progress.emitted == 1


def _with_other_labels(task):
    train_split = task.splits["train"]
    changed = dataclasses.replace(train_split, labels=train_split.labels[::-1].copy())
    return dataclasses.replace(task, splits={**task.splits, "train": changed})


@pytest.mark.parametrize("tasks", [1, 2, 3, 8, 32])
def test_any_number_of_tasks_trains(tasks):
    found = list(train(config(tasks, combiner="pcgrad", epochs=1)))
    step = steps(found)[0]
    assert step.gram.shape == step.coefficients.shape == (tasks, tasks)
    assert step.order.shape == (tasks, tasks - 1)
    np.testing.assert_allclose(step.coefficients.sum(axis=0), step.weights)
    assert (step.gram == step.gram.T).all()
    assert isinstance(found[-1], EvalRecord)
    assert found[-1].scores.shape == (tasks,)


@pytest.mark.parametrize("combiner", COMBINERS)
def test_every_combiner_trains(combiner):
    found = steps(train(config(combiner=combiner, max_updates=3)))
    assert len(found) == 3
    assert all(np.isfinite(step.weights).all() for step in found)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_trains_and_what_is_not_due_is_missing(scheduler):
    found = steps(train(config(scheduler=scheduler, epochs=3, max_updates=8)))
    assert found
    for step in found:
        for values in (step.losses, step.weights, step.loss_weights, np.diagonal(step.gram)):
            assert (np.isnan(values) == ~step.due).all()


NEEDS = {"manual": {"values": [1.0, 2.0, 0.5]}}


@pytest.mark.parametrize("weighting", sorted(set(WEIGHTINGS) - {"svd"}))
def test_every_weighting_trains(weighting):
    options = NEEDS.get(weighting, {})
    chosen = config(weighting=weighting, weighting_options=options, max_updates=4, epochs=2)
    found = steps(train(chosen))
    assert len(found) == 4
    assert all(np.isfinite(step.loss_weights).all() for step in found)


def test_db_mtl_brings_the_gradients_of_each_update_to_one_length():
    options = {"beta": 0.0}
    chosen = config(weighting="db_mtl", weighting_options=options, max_updates=3)
    for step in steps(train(chosen)):
        lengths = step.loss_weights * np.sqrt(np.diagonal(step.gram))
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-6)


def test_svd_weighting_is_for_tasks_on_the_same_inputs():
    chosen = config(weighting="svd")
    with pytest.raises(ConfigError, match="same inputs, but 'task 1' has other training texts"):
        start(chosen)
    first = load_tasks(chosen.data, np.random.default_rng(0))[0]
    same = [first, dataclasses.replace(first, name="task 1")]
    two = config(2, weighting="svd", max_updates=2)
    weights = steps(train(two, tasks=same))[0].loss_weights
    np.testing.assert_allclose(weights, [1.0, 1.0])


def test_the_plain_sum_takes_the_same_steps_with_and_without_probes():
    probed = start(config())
    plain = start(config(probes={"gram_every": 0, "planes_every": 0}))
    with_rows, without = steps(records(probed)), steps(records(plain))
    assert with_rows[0].gram is not None
    assert without[0].gram is None
    assert without[0].planes == {}
    for one, other in zip(with_rows, without, strict=True):
        np.testing.assert_array_equal(one.losses, other.losses)
    torch.testing.assert_close(parameters(probed), parameters(plain), rtol=1e-5, atol=1e-7)


def test_manual_weights_scale_the_update_and_the_record_says_so():
    values = {"values": [2.0, 0.0, 1.0]}
    for probes in ({}, {"gram_every": 0, "planes_every": 0}):
        chosen = config(weighting="manual", weighting_options=values, max_updates=1, probes=probes)
        (step,) = steps(train(chosen))
        assert step.weights.tolist() == step.loss_weights.tolist() == [2.0, 0.0, 1.0]


def test_accumulated_batches_give_the_gradient_of_the_larger_batch():
    # Without dropout, two batches of 8 average to one batch of 16; 32 examples divide evenly.
    def gram(batch_size, accumulate):
        chosen = config(
            1,
            accumulate=accumulate,
            max_updates=1,
            capacity={"dropout": 0.0},
            data={"batch_size": batch_size},
        )
        chosen = chosen.changed_at("data.tasks.0.options.size", 16)
        chosen = chosen.changed_at("data.tasks.0.head.dropout", 0.0)
        return steps(train(chosen))[0]

    large, small = gram(16, 1), gram(8, 2)
    np.testing.assert_allclose(large.losses, small.losses, rtol=1e-5)
    np.testing.assert_allclose(large.gram, small.gram, rtol=1e-4)
    assert large.tokens == small.tokens


def test_clipping_shortens_the_shared_update_to_the_longest_allowed():
    for probes in ({}, {"gram_every": 0, "planes_every": 0}):
        chosen = config(clip_norm=1e-3, max_updates=1, probes=probes)
        (step,) = steps(train(chosen))
        assert 0 < step.clipping < 1
        if step.gram is not None:
            length = np.sqrt(step.weights @ step.gram @ step.weights)
            assert step.clipping * length == pytest.approx(1e-3, rel=1e-6)
            probed = step.clipping
    assert step.clipping == pytest.approx(probed, rel=1e-5)


def test_the_step_itself_is_clipped_on_both_paths():
    for probes in ({}, {"gram_every": 0, "planes_every": 0}):
        training = start(config(clip_norm=1e-3, max_updates=1, probes=probes))
        found = []

        def step(training=training, found=found):
            found.append(norm([p.grad for p in training.shared]))

        training.optimiser.step = step
        list(records(training))
        assert found == [pytest.approx(1e-3, rel=1e-5)]


def test_a_combiner_sees_weighted_gradients_and_the_record_shows_plain_ones():
    values = np.array([2.0, 0.5, 1.0])
    weighted = {"weighting": "manual", "weighting_options": {"values": values.tolist()}}
    (plain,) = steps(train(config(combiner="mgda", max_updates=1)))
    (step,) = steps(train(config(combiner="mgda", max_updates=1, **weighted)))
    np.testing.assert_array_equal(step.gram, plain.gram)
    seen = values[:, None] * step.gram * values
    found = make_combiner("mgda")(seen, np.random.default_rng(0))
    np.testing.assert_allclose(step.weights, found.weights * values, rtol=1e-9)
    np.testing.assert_allclose(step.coefficients.sum(axis=0), step.weights, rtol=1e-9)


def test_matching_the_sums_norm_keeps_the_direction():
    chosen = config(combiner="mgda", max_updates=1)
    (free,) = steps(train(chosen))
    (matched,) = steps(train(chosen.changed_at("optimisation.match_sum_norm", True)))
    ones = np.ones(3)
    length = np.sqrt(matched.weights @ matched.gram @ matched.weights)
    assert length == pytest.approx(np.sqrt(ones @ matched.gram @ ones), rel=1e-9)
    factor = matched.weights.sum() / free.weights.sum()
    np.testing.assert_allclose(matched.weights, factor * free.weights, rtol=1e-9)


def test_a_task_that_is_not_due_keeps_its_head_as_it_was():
    training = start(config(scheduler="round_robin", max_updates=1))
    before = [[p.detach().clone() for p in own] for own in training.own]
    (step,) = steps(records(training))
    for due, old, own in zip(step.due, before, training.own, strict=True):
        moved = any(not torch.equal(a, b) for a, b in zip(old, own, strict=True))
        assert moved == due


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_trains_close_to_full(precision):
    chosen = config(2, max_updates=4)
    full = steps(train(chosen))
    half = steps(train(chosen.changed_at("optimisation.precision", precision)))
    for one, other in zip(full, half, strict=True):
        np.testing.assert_allclose(one.losses, other.losses, rtol=0.05, atol=0.02)
        assert np.isfinite(other.gram).all()
    # The scale of float16 losses must not show in the gradients.
    np.testing.assert_allclose(full[0].gram, half[0].gram, rtol=0.1, atol=1e-4)


def test_a_run_that_diverges_stops_with_a_reason_and_keeps_its_records():
    training = start(config(epochs=50, warmup=0.0, decay="constant"))
    found = records(training)
    kept = [next(found), next(found)]
    with torch.no_grad():
        training.shared[0].fill_(float("nan"))
    kept += list(found)
    assert isinstance(kept[-1], Note)
    assert kept[-1].topic == "divergence"
    assert "no longer a finite number" in kept[-1].text
    assert "learning rate" in kept[-1].text
    assert len(steps(kept)) == 2
    assert training.finished


def test_an_exploding_loss_stops_the_run():
    training = start(config(epochs=50, warmup=0.0, decay="constant", clip_norm=None))
    found = records(training)
    next(found)
    with torch.no_grad():
        for parameter in training.model.heads[0].parameters():
            parameter.mul_(1e7)
    kept = list(found)
    assert kept[-1].topic == "divergence"
    assert "rose from" in kept[-1].text


def test_patience_stops_a_run_that_no_longer_improves():
    chosen = config(epochs=40, learning_rate=1e-9, patience=2)
    found = list(train(chosen))
    evaluations = [record for record in found if isinstance(record, EvalRecord)]
    assert [record.best for record in evaluations] == [True, False, False]
    assert found[-1].topic == "early_stopping"


def test_the_best_state_is_the_one_that_scored_best():
    training = start(config(epochs=4))
    found = list(records(training))
    best = max(
        (record for record in found if isinstance(record, EvalRecord)),
        key=lambda record: np.nan_to_num(record.scores).mean(),
    )
    assert training.best_record is not None
    assert training.best_record.update == best.update
    training.use_best()
    again = evaluate(training.model, training.dev, training.device)
    np.testing.assert_array_equal([score.score for score in again], best.scores)


def test_probes_come_when_they_are_due():
    probes = {
        "gram_every": 2,
        "planes_every": 3,
        "embeddings_every": 2,
        "embeddings_examples": 5,
        "affinity_every": 4,
        "evaluate_every": 5,
    }
    found = list(train(config(epochs=3, probes=probes)))
    taken = steps(found)
    assert [s.update for s in taken if s.gram is not None] == list(range(0, len(taken), 2))
    assert [s.update for s in taken if s.planes] == list(range(0, len(taken), 3))
    snapshots = [record for record in found if isinstance(record, Snapshot)]
    assert [s.update for s in snapshots] == list(range(0, len(taken), 2))
    assert {array.shape for array in snapshots[0].embeddings} == {(5, 8)}
    affinities = [record for record in found if isinstance(record, AffinityRecord)]
    assert [a.update for a in affinities] == list(range(0, len(taken), 4))
    assert affinities[0].affinity.shape == (3, 3)
    # A small step on a task's own loss lowers it.
    assert (np.diagonal(affinities[0].affinity) > 0).all()


def test_probes_do_not_change_what_is_learned():
    plain, probed = start(config()), start(config(probes=EVERYTHING))
    list(records(plain))
    list(records(probed))
    assert torch.equal(parameters(plain), parameters(probed))


def test_a_frozen_encoder_trains_heads_and_claims_no_gram_matrix():
    capacity = {"frozen": True, "train_vectors": False}
    training = start(config(2, capacity=capacity, combiner="pcgrad", epochs=30))
    assert training.shared == []
    found = list(records(training))
    assert steps(found)[0].gram is None
    assert steps(found)[-1].losses.sum() < steps(found)[0].losses.sum()


def test_the_single_task_counterpart_has_the_budget_the_task_had():
    chosen = config(scheduler="round_robin", epochs=3)
    together = start(chosen)
    due = int(together.schedule.due[:, 1].sum())
    alone = single_task(chosen, 1, Budget(due, together.batches_per_epoch(1), 3))
    found = list(train(alone, tasks=[together.tasks[1]]))
    assert len(steps(found)) == due
    assert len([r for r in found if isinstance(r, EvalRecord)]) == 3


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("optimisation.combiner", "magic", "Unknown combiner 'magic'"),
        ("optimisation.scheduler", "magic", "Unknown scheduler 'magic'"),
        ("optimisation.scheduler_options.x", 1, "The joint scheduler has no option 'x'"),
        ("optimisation.weighting", "magic", "Unknown weighting 'magic'"),
        ("optimisation.weighting_options.x", 1, "no option 'x'"),
        ("capacity.encoder", "magic", "Unknown encoder 'magic'"),
        ("capacity.sharing", "magic", "Unknown sharing 'magic'"),
        ("data.tasks.0.source", "magic", "Unknown source 'magic'"),
        ("device", "tpu", "Unknown device 'tpu'"),
    ],
)
def test_a_wrong_choice_is_one_sentence_before_training_starts(place, value, words):
    with pytest.raises(ConfigError, match=words):
        start(config().changed_at(place, value))


def test_tasks_that_are_not_those_of_the_settings_are_refused():
    tasks = load_tasks(config(2).data, np.random.default_rng(0))
    with pytest.raises(ConfigError, match="name the tasks"):
        start(config(3), tasks=tasks)
