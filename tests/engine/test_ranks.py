"""Several processes that train one run make what one makes: here as threads, for every method.

Without dropout, which each draws by itself, numbers differ by rounding alone. Models are in float64
here: where a gradient is zero, as that of the keys' bias in attention, AdamW makes steps of what
rounding leaves of it. Real processes, in float32, are in tests/runs/test_followers.py.
"""

from itertools import cycle, islice

import numpy as np
import pytest
import torch

from mtlviz.engine import gradients
from mtlviz.engine.choices import check_choices
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.ranks import ALONE, part
from mtlviz.engine.records import EvalRecord, Note, StepRecord
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks import load_task
from mtlviz.engine.train import follow, records, start
from mtlviz.engine.weightings import WEIGHTINGS
from mtlviz.errors import ConfigError, MtlvizError
from tests.engine.rank_threads import Threads, together
from tests.engine.test_kinds import built_in_config, run_of
from tests.engine.test_train import config

NEAR = 1e-5


def without_dropout(chosen):
    heads = {f"data.tasks.{k}.head.dropout": 0.0 for k in range(len(chosen.data.tasks))}
    return chosen.with_values({**heads, "capacity.dropout": 0.0})


def trained(chosen, ranks=ALONE, double=True):
    """The run at its end, and its records, which only rank 0 has."""
    training = start(chosen, ranks=ranks)
    # An LSTM computes in float32, and what a frozen encoder makes of the texts is kept in it.
    if double and chosen.capacity.encoder != "lstm" and not chosen.capacity.frozen:
        training.model.double()
    if ranks.rank:
        follow(training)
        return training, []
    return training, list(records(training))


def apart(first, second):
    """The largest difference between two models."""
    pairs = zip(first.model.parameters(), second.model.parameters(), strict=True)
    return max(float((a.detach() - b.detach()).abs().max()) for a, b in pairs)


def check_equal(chosen, size=2):
    """So many together make what one makes."""
    chosen = without_dropout(chosen)
    alone, expected = trained(chosen)
    several = chosen.changed_at("processes", size)
    check_choices(several)
    (first, found), *others = together(size, lambda ranks: trained(several, ranks))
    assert alone.progress.update == first.progress.update > 0
    assert apart(alone, first) <= NEAR
    for other, _ in others:
        assert apart(first, other) == 0  # They never disagree, not even by rounding.
    (noted,) = [each for each in found if isinstance(each, Note) and each.topic == "processes"]
    assert noted.text.startswith(f"{size} processes")
    found = [each for each in found if each is not noted]
    assert [type(record) for record in found] == [type(record) for record in expected]
    for one, other in zip(expected, found, strict=True):
        _check_record(one, other)
    return expected, found


def _check_record(one, other):
    if isinstance(one, StepRecord):
        assert (one.update, one.tokens, one.learning_rate) == (
            other.update, other.tokens, other.learning_rate,
        )  # fmt: skip
        for name in ("losses", "weights", "loss_weights"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-3)
        np.testing.assert_array_equal(one.examples, other.examples)
        np.testing.assert_array_equal(one.due, other.due)
        if one.gram is not None:
            scale = np.nanmax(np.abs(one.gram))
            np.testing.assert_allclose(one.gram, other.gram, rtol=0, atol=1e-3 * scale)
    elif isinstance(one, EvalRecord):
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-4)


def beside(*registries):
    """Entries of several registries beside each other, each at least once."""
    longest = max(map(len, registries))
    return [*zip(*(islice(cycle(registry), longest) for registry in registries), strict=True)]


@pytest.mark.parametrize(
    ("combiner", "weighting", "scheduler"),
    beside(COMBINERS, [name for name in WEIGHTINGS if name != "svd"],
           [name for name in SCHEDULERS if name != "phases"]),
)  # fmt: skip
def test_every_way_of_making_an_update_is_the_same_by_two(combiner, weighting, scheduler):
    options = {"values": [1.0, 0.5, 2.0]} if weighting == "manual" else {}
    check_equal(
        config(
            combiner=combiner, weighting=weighting, weighting_options=options,
            scheduler=scheduler, max_updates=6,
        )
    )  # fmt: skip


@pytest.mark.parametrize("sharing", SHARING)
def test_every_way_of_sharing_is_the_same_by_two(sharing):
    check_equal(_with_sharing(sharing))


def _with_sharing(sharing):
    """Two tasks that share so, with the first encoder that allows it."""
    for encoder in ("mean", "transformer"):
        chosen = config(2, capacity={"encoder": encoder, "sharing": sharing, "depth": 2}, epochs=1)
        try:
            check_choices(chosen)
        except ConfigError:
            continue
        return chosen
    raise AssertionError(sharing)


@pytest.mark.parametrize("encoder", sorted(set(ENCODERS) - {"checkpoint"}))
def test_every_encoder_is_the_same_by_two(encoder):
    check_equal(config(capacity={"encoder": encoder}, combiner="pcgrad", max_updates=4))


@pytest.mark.parametrize("method", CONTINUAL)
def test_every_method_against_forgetting_is_the_same_by_two(method):
    sharing = "lora" if method == "inserts" else "hard"
    encoder = "transformer" if method == "inserts" else "mean"
    capacity = {"encoder": encoder, "sharing": sharing}
    chosen = config(2, phases="task%200 > task%201", capacity=capacity)
    check_equal(chosen.changed_at("continual.method", method))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_task_is_the_same_by_two(kind):
    task = load_task(built_in_config(kind), np.random.default_rng(0))
    encoder = "transformer" if KINDS[kind].reads_tokens else "mean"
    changes = {"optimisation.max_updates": 3, "capacity.encoder": encoder}
    check_equal(run_of(task).with_values(changes))


@pytest.mark.parametrize(
    "chosen",
    [
        # 25 examples by 8: the last batch of each pass has one, which one of two reads.
        config(2, data={"batch_size": 23}, combiner="pcgrad", epochs=3),
        config(2, accumulate=3, combiner="pcgrad"),
        config(2, probes={"gram_every": 0, "planes_every": 0}),
        config(2, probes={"gram_every": 2, "planes_every": 0}, clip_norm=0.05),
        config(2, capacity={"frozen": True}),
        config(2, capacity={"sharing": "separate"}, clip_norm=0.05),
        config(2, data={"heads": "one"}).with_values({"data.tasks.1.options.asks": "sentiment"}),
        config(2, gradient_checkpointing=True, capacity={"encoder": "transformer"}),
        config(2, epochs=5, patience=1, probes={"evaluate_every": 1}, learning_rate=0.5),
        config(1),
    ],
    ids=["short batches", "accumulated", "sum only", "sum and rows", "frozen", "separate",
         "one head", "recomputed", "patience", "one task"],
)  # fmt: skip
@pytest.mark.parametrize("size", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_what_a_batch_or_a_sum_is_made_of_does_not_matter(chosen, size):
    check_equal(chosen, size)


@pytest.mark.parametrize("changes", [{"gradient_precision": "bfloat16"}, {"precision": "float16"}])
def test_in_half_precision_losses_are_the_same_up_to_that(changes):
    chosen = without_dropout(config(2, combiner="pcgrad", max_updates=3, **changes))
    _, expected = trained(chosen, double=False)
    several = chosen.changed_at("processes", 2)
    _, found = together(2, lambda ranks: trained(several, ranks, double=False))[0]
    steps = (
        [each.losses for each in part if isinstance(each, StepRecord)] for part in (expected, found)
    )
    np.testing.assert_allclose(*steps, rtol=0.02)


def test_a_mean_of_gram_matrices_is_another_one():
    # Tasks (1, 0) and (0, 1) in the mean, by two processes that each see noise of +-(0, 3).
    rows = [[[1.0, 3.0], [0.0, 4.0]], [[1.0, -3.0], [0.0, -2.0]]]
    grams = [gradients.gram_matrix([[torch.tensor(row)] for row in each]) for each in rows]

    def reduced(ranks):
        own = [[torch.tensor(row) / 2] for row in rows[ranks.rank]]
        ranks.add_up([tensor for row in own for tensor in row])
        return gradients.gram_matrix(own)

    for found in together(2, reduced):
        np.testing.assert_allclose(found, np.eye(2), atol=1e-6)
    np.testing.assert_allclose(np.mean(grams, axis=0), [[10, 9], [9, 10]])


@pytest.mark.parametrize("count", [0, 1, 2, 5, 16])
@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_the_parts_of_a_batch_are_the_batch(count, size):
    parts = [part(Threads(_Meeting(size), rank), count) for rank in range(size)]
    read = [places for places, share in parts if share]
    assert sorted(np.concatenate(read, axis=None).tolist() if read else []) == list(range(count))
    assert sum(share for _, share in parts) == pytest.approx(1.0 if count else 0.0)


class _Meeting:
    def __init__(self, size):
        self.size = size


def test_another_number_of_processes_than_asked_for_trains_nothing():
    training = start(config(2).changed_at("processes", 2))
    with pytest.raises(ConfigError, match="ask for 2 processes, but 1 are at work"):
        next(records(training))


def test_models_that_part_end_the_run():
    chosen = config(2).changed_at("processes", 2)

    def work(ranks):
        training = start(chosen, ranks=ranks)
        if ranks.rank:
            with torch.no_grad():
                next(training.model.parameters()).add_(1.0)
            return follow(training)
        return list(records(training))

    with pytest.raises(MtlvizError, match="no longer hold the same model"):
        together(2, work)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"device": "cuda:1"}, "2 processes need a GPU each, but `device` names one, 'cuda:1'"),
        ({"data.batch_size": 1}, "2 processes cannot share a batch of 1"),
        ({"optimisation.compile": True}, "compiled encoder trains in one process"),
    ],
)
def test_what_several_processes_cannot_share_is_refused_in_one_sentence(changes, said):
    with pytest.raises(ConfigError, match=said):
        check_choices(config(2).with_values({"processes": 2, **changes}))
    check_choices(config(2).with_values(changes))
