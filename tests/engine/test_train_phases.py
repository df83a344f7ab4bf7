"""Training in phases: nothing is lost at a switch, and only what should change does."""

import numpy as np
import pytest
import torch

from mtlviz.engine.phases import planned
from mtlviz.engine.records import EvalRecord, PhaseRecord, StepRecord, best_evaluation
from mtlviz.engine.resuming import save
from mtlviz.engine.switch import switch
from mtlviz.engine.train import records, start, train
from mtlviz.errors import ConfigError
from tests.checkpoints import write_model, write_tokenizer
from tests.engine.test_train import EVERYTHING, config, parameters, steps, timeless

# Three tasks of 3, 4 and 3 batches; with one epoch "task 1" has its second half after the others.
PHASES = "'task 1' share=0.5 > 'task 0'+'task 2' {middle} > 'task 1' share=0.5 {last}"


def phased(middle="", last="", **optimisation):
    text = PHASES.format(middle=middle, last=last).replace("'task ", "task%20").replace("'", "")
    return config(phases=text, epochs=1, **optimisation)


def states(chosen, update):
    """The run just before an update, and just after it."""
    training = start(chosen)
    for record in records(training):
        if isinstance(record, StepRecord) and record.update == update - 1:
            break
    while training.pending:
        training.pending.popleft()
    return training


def step_once(training):
    """Make one update; what it gave."""
    found = records(training)
    return next(record for record in found if isinstance(record, StepRecord))


def flat(part):
    return torch.cat([torch.zeros(0), *(p.detach().reshape(-1) for p in part.parameters())])


def test_all_tasks_are_scored_at_every_switch_and_the_records_say_what_begins():
    found = list(train(phased("optimiser=reset", "heads=fresh", probes={"evaluate_every": 100})))
    begun = [record for record in found if isinstance(record, PhaseRecord)]
    scored = [record for record in found if isinstance(record, EvalRecord)]
    assert [(record.update, record.phase) for record in begun] == [(0, 0), (2, 1), (5, 2)]
    assert [record.due.tolist() for record in begun] == [
        [False, True, False], [True, False, True], [False, True, False],
    ]  # fmt: skip
    assert [record.fresh.any() for record in begun] == [False, False, True]
    assert [record.optimiser_reset for record in begun] == [False, True, False]
    assert [record.update for record in scored] == [2, 5, 7]
    assert all(np.isfinite(record.scores[[0, 1]]).all() for record in scored)


def test_a_run_cut_in_two_equal_phases_trains_as_it_does_uncut():
    plain = config(combiner="pcgrad", weighting="dwa", epochs=2)
    cut = plain.changed_at("optimisation.phases", "all share=0.5 > all share=0.5")
    assert [each["gram"] for each in timeless(steps(train(plain)))] == [
        each["gram"] for each in timeless(steps(train(cut)))
    ]


@pytest.mark.parametrize("cut", ["before the switch", "at the switch", "after it"])
def test_a_resumed_run_equals_an_uninterrupted_one_at_and_around_a_switch(tmp_path, cut):
    chosen = phased(
        "combiner=cagrad weighting=famo warmup=0.5 frozen_heads=task%202 optimiser=reset",
        "heads=fresh frozen=1",
        combiner="pcgrad",
        probes=EVERYTHING,
    )
    whole = start(chosen)
    expected = list(records(whole))
    switches = [n for n, record in enumerate(expected) if isinstance(record, PhaseRecord)][1:]
    shift = {"before the switch": -1, "at the switch": 0, "after it": 1}[cut]
    for place in (each + shift for each in switches):
        path = tmp_path / f"{place}.safetensors"
        training = start(chosen)
        found = records(training)
        early = [next(found) for _ in range(place)]
        save(training, path)
        resumed = start(chosen, resume=path)
        assert timeless([*early, *records(resumed)]) == timeless(expected)
        assert torch.equal(parameters(resumed), parameters(whole))


def test_frozen_parts_do_not_change_by_a_bit_and_the_others_do():
    chosen = phased("frozen=1", "frozen_heads=task%201", weight_decay=0.5)
    middle = states(chosen, 2)
    encoder, heads = flat(middle.model.sharing), [flat(head) for head in middle.model.heads]
    step_once(middle)
    assert torch.equal(flat(middle.model.sharing), encoder)
    # The cosine of "task 2" has no parameters.
    changed = [
        not torch.equal(flat(head), was)
        for head, was in zip(middle.model.heads, heads, strict=True)
    ]
    assert changed == [True, False, False]
    last = states(chosen, 5)
    encoder, head = flat(last.model.sharing), flat(last.model.heads[1])
    step_once(last)
    assert torch.equal(flat(last.model.heads[1]), head)
    assert not torch.equal(flat(last.model.sharing), encoder)


def test_what_a_phase_freezes_stays_in_the_best_state():
    training = start(phased("", "frozen=1"))
    list(records(training))
    assert {name for name, _ in training.model.named_parameters()} == set(training.best)


@pytest.mark.parametrize(("policy", "same"), [("kept", True), ("fresh", False)])
def test_a_returning_task_finds_its_head_as_it_was_or_another_one(policy, same):
    training = states(phased("", f"heads={policy}"), 5)
    before = [flat(head) for head in training.model.heads]
    assert switch(training).fresh.tolist() == [False, not same, False]
    after = [flat(head) for head in training.model.heads]
    assert [torch.equal(*pair) for pair in zip(before, after, strict=True)] == [True, same, True]
    # Of a new head the optimiser knows nothing, of the encoder what it knew.
    known = training.optimiser.state
    assert [p in known for p in training.model.heads[1].parameters()] == [same, same]
    assert all(p in known for p in training.shared)


def test_fresh_heads_are_drawn_by_seed_and_phase():
    found = [list(train(phased("", "heads=fresh", seed=seed))) for seed in (0, 0, 1)]
    assert timeless(found[0]) == timeless(found[1])
    assert timeless(found[0]) != timeless(found[2])


def test_a_reset_optimiser_is_a_new_one():
    steps_of = {}
    for policy in ("kept", "reset"):
        training = states(phased("", f"optimiser={policy}"), 5)
        step_once(training)
        shared = training.optimiser.state[training.shared[0]]
        steps_of[policy] = float(shared["step"])
    # Two updates of phase 1, three of phase 2, one more; or that one alone.
    assert steps_of == {"kept": 6.0, "reset": 1.0}


def test_a_phase_with_a_curve_of_its_own_begins_and_ends_it():
    rates = [r.learning_rate for r in steps(train(phased("warmup=0.4", "decay=constant warmup=0")))]
    # Three updates with one of warm-up, then half of the peak, the peak, and a third less a step.
    assert rates[2:5] == pytest.approx([0.5e-2, 1e-2, 0.5e-2])
    assert rates[5:] == pytest.approx([1e-2, 1e-2])
    whole = [record.learning_rate for record in steps(train(phased(warmup=0.0)))]
    assert whole == pytest.approx([1e-2 * (1 - n / 7) for n in range(7)])


def test_phases_have_their_own_combiner_and_weighting():
    own = 'combiner=mean weighting=manual weighting_options={"values":[1,2,4]}'
    found = steps(train(phased(own)))
    assert found[0].weights[1] == 1.0
    assert found[2].weights[[0, 2]].tolist() == [0.5, 2.0]
    assert found[5].weights[1] == 1.0


def test_patience_never_ends_a_phase_before_the_last():
    chosen = phased(patience=1, probes={"evaluate_every": 1}, learning_rate=1e-9)
    found = [r for r in train(chosen) if isinstance(r, PhaseRecord)]
    assert [record.phase for record in found] == [0, 1, 2]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    """A BERT of two layers with random weights, and its tokenizer."""
    folder = tmp_path_factory.mktemp("bert")
    write_tokenizer(folder)
    write_model(folder)
    return str(folder)


def test_lower_layers_are_frozen_for_a_phase_without_dropout_and_train_in_the_next(bert):
    encoder = {"encoder": "checkpoint", "checkpoint": bert, "pooling": "pooler", "dropout": 0.5}
    training = states(phased("frozen_layers=1", capacity=encoder, data={"max_length": 32}), 2)
    inside = training.model.sharing.encoder
    parts = [inside.embeddings, *inside.model.encoder.layer, inside.model.pooler]
    before = [flat(part) for part in parts]
    step_once(training)
    assert [torch.equal(flat(part), was) for part, was in zip(parts, before, strict=True)] == [
        True, True, *[False] * (len(parts) - 2),
    ]  # fmt: skip
    assert not inside.embeddings.training
    assert inside.model.encoder.layer[1].training
    list(records(training))
    assert inside.embeddings.training
    assert not torch.equal(flat(parts[0]), before[0])


def test_more_layers_than_there_are_end_a_run_before_it_begins(bert):
    encoder = {"encoder": "checkpoint", "checkpoint": bert}
    with pytest.raises(ConfigError, match="layers of this checkpoint can be frozen, got 9"):
        start(phased("", "frozen_layers=9", capacity=encoder, data={"max_length": 32}))


@pytest.mark.parametrize("combiner", ["sum", "pcgrad", "mgda"])
def test_a_frozen_encoder_leaves_nothing_to_combine_and_the_heads_train(combiner):
    found = steps(train(phased("frozen=1", combiner=combiner)))
    assert len(found) == 7
    assert np.isfinite(found[3].losses[[0, 2]]).all()
    assert found[3].gram is None
    assert found[5].gram is not None


def test_the_best_state_is_sought_in_the_last_phase_alone():
    found = list(train(phased(last="heads=fresh", probes={"evaluate_every": 1})))
    last = [record for record in found if isinstance(record, PhaseRecord)][-1].update
    scored = [record for record in found if isinstance(record, EvalRecord)]
    within = [each for each in scored if each.update > last]
    means = [np.nan_to_num(each.scores).mean() for each in within]
    assert within[0].best
    assert best_evaluation(scored) is within[int(np.argmax(means))]


@pytest.mark.parametrize(
    "phases", ["all updates=3000000", "all updates=1500000 > all updates=600000", "all share=100"]
)
def test_phases_of_more_updates_than_can_be_planned_are_refused(phases):
    with pytest.raises(ConfigError, match="Phases may take 2,000,000 updates in all"):
        planned(config(phases=phases), np.array([100_000] * 3))
