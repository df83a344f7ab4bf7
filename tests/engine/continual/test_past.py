"""What a run of texts keeps of earlier tasks: against closed forms, full-space solvers, by hand."""

from math import log

import numpy as np
import pytest
import torch
from scipy.optimize import nnls

from mtlviz.engine import step as step_module
from mtlviz.engine.choices import check_choices, nothing_shared, without_effect
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.continual.answer_slopes import answer_slopes, directions, take_out, with_more
from mtlviz.engine.continual.fisher import fisher
from mtlviz.engine.continual.old_model import distance
from mtlviz.engine.continual.past import Past
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.work import earlier_turns, schedule
from mtlviz.engine.gradients import combine_into
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.purposes import MEMORY, generator
from mtlviz.engine.records import EvalRecord, PhaseRecord, StepRecord
from mtlviz.engine.resuming import save
from mtlviz.engine.train import records, start, train
from mtlviz.engine.trained_model import trained_model
from mtlviz.errors import ConfigError
from tests.engine.test_train import config, parameters, timeless

SEQUENCE = "task%200 > task%201 > task%203"
KEPT = {"memory": 5}


def sequence(method="sequential", options=None, phases=SEQUENCE, **more):
    """Three tasks in turn, of six or eight updates each: two of one kind, and none of pairs."""
    chosen = config(4, phases=phases, data=more.pop("data", None), **more)
    tasks = [task for task in chosen.data.tasks if task.name != "task 2"]
    return chosen.with_values({
        "data.tasks": [task.model_dump(mode="json") for task in tasks],
        "continual.method": method, "continual.method_options": options or {},
        "probes": {"gram_every": 1, "planes_every": 0, "layers_every": 0, "evaluate_every": 100},
    })  # fmt: skip


def one_head(method="sequential", options=None, **more):
    """The same question in two places, and one head."""
    chosen = sequence(method, options, phases="task%200 > task%203", **more)
    tasks = [task.model_dump(mode="json") for task in chosen.data.tasks if task.name != "task 1"]
    return chosen.with_values({"data.tasks": tasks, "data.heads": "one"})


def in_phase(chosen, number):
    """A run just after its first update of a phase."""
    training = start(chosen)
    for record in records(training):
        if isinstance(record, StepRecord) and training.progress.phase == number:
            return training
    raise AssertionError("The run has no such phase.")


@pytest.mark.parametrize("method", [name for name in CONTINUAL if name != "inserts"])
def test_no_method_shows_a_task_that_has_not_come(method):
    if method == "joint":
        return  # It is the exception: all tasks are there from the start.
    phase, come = -1, set()
    for record in train(sequence(method)):
        if isinstance(record, PhaseRecord):
            phase, come = record.phase, come | set(np.flatnonzero(record.due).tolist())
        if isinstance(record, StepRecord):
            taking_part = set(np.flatnonzero(record.due).tolist())
            assert phase in taking_part <= come
            shown = set(np.flatnonzero((record.examples >= 0).any(axis=1)).tolist())
            assert shown <= taking_part


@pytest.mark.parametrize("method", ["replay", "agem", "gem"])
def test_of_an_earlier_task_only_kept_examples_are_read(method):
    seen: dict[tuple[int, int], set[int]] = {}
    phase = 0
    for record in train(sequence(method, KEPT)):
        phase = record.phase if isinstance(record, PhaseRecord) else phase
        if isinstance(record, StepRecord):
            for task, numbers in enumerate(record.examples):
                seen.setdefault((phase, task), set()).update(numbers[numbers >= 0].tolist())
    assert all(len(seen[phase, task]) == 5 for phase in (1, 2) for task in range(phase))
    assert seen[1, 0] == seen[2, 0] < seen[0, 0]


def test_all_of_an_earlier_task_is_there_where_training_ends_jointly():
    chosen = sequence("retrain", {"share": 0.5}, epochs=4)
    found = [record for record in train(chosen) if isinstance(record, StepRecord)]
    together = [record.due.sum() for record in found]
    lengths = [4 * 3, 4 * 4, 4 * 4]
    expected = [1] * lengths[0]
    for length, tasks in zip(lengths[1:], (2, 3), strict=True):
        expected += [1] * (length - length // 2) + [tasks] * (length // 2)
    assert together == expected


@pytest.mark.parametrize("method", ["sequential", "retrain", "replay", "ewc", "lwf", "gem", "ogd"])
def test_a_resumed_run_equals_an_uninterrupted_one_at_a_switch_and_between(method, tmp_path):
    phases = "task%200 > task%201 > task%203 label_noise=0.5"
    chosen = sequence(method, phases=phases, epochs=1)
    whole = start(chosen)
    expected = list(records(whole))
    last = max(n for n, record in enumerate(expected) if isinstance(record, PhaseRecord))
    for place in (last, last + 2):
        training = start(chosen)
        found = records(training)
        early = [next(found) for _ in range(place)]
        save(training, tmp_path / "half.safetensors")
        resumed = start(chosen, resume=tmp_path / "half.safetensors")
        assert timeless([*early, *records(resumed)]) == timeless(expected)
        assert torch.equal(parameters(resumed), parameters(whole))


def flat(row):
    return torch.cat([tensor.reshape(-1) for tensor in row]).double().numpy()


@pytest.mark.parametrize("method", ["agem", "gem"])
def test_the_update_is_that_of_a_solver_in_the_full_space(method, monkeypatch):
    """Of all parameters, without the Gram matrix: A-GEM's formula, GEM's nearest feasible step."""
    checked = []

    def recorded(rows, weights):
        before = [flat(row) for row in rows]
        update = combine_into(rows, weights)
        if len(before) == 3:
            checked.append((before, flat(update)))
        return update

    monkeypatch.setattr(step_module.gradients, "combine_into", recorded)
    list(train(sequence(method, KEPT, clip_norm=None, learning_rate=0.05, epochs=4)))
    bent = 0
    for (*memories, new), update in checked:
        if method == "agem":
            memory = np.mean(memories, axis=0)
            expected = new - min(0.0, new @ memory) / (memory @ memory) * memory
        else:
            # min |d − g| with Md ≥ 0: d = g + Mᵀv, v ≥ 0 the least squares of Mᵀv to −g.
            expected = new + np.stack(memories, 1) @ nnls(np.stack(memories, 1), -new)[0]
        np.testing.assert_allclose(update, expected, atol=2e-5 * np.abs(new).max())
        bent += not np.allclose(expected, new)
    assert len(checked) >= 4
    assert bent


def test_projecting_leaves_the_heads_of_earlier_tasks_as_they_are_and_replay_trains_them():
    moved = {}
    for method in ("agem", "replay"):
        training = in_phase(sequence(method, KEPT), 1)
        before = [p.detach().clone() for p in training.model.heads[0].parameters()]
        next(record for record in records(training) if isinstance(record, StepRecord))
        after = training.model.heads[0].parameters()
        moved[method] = not all(map(torch.equal, before, after))
    assert moved == {"agem": False, "replay": True}


def test_fisher_of_a_linear_softmax_model_is_the_closed_form():
    """F of W[c, k] is the mean over examples of p_c (1 − p_c) x_k², of b[c] of p_c (1 − p_c)."""
    training = start(one_head(capacity={"frozen": True}))
    assert len(training.shared) == 2
    weight, bias = training.shared
    with torch.no_grad():
        weight.mul_(20)
    features = training.streams[0].batches.features
    found = fisher(training, 0, 10_000)
    with torch.no_grad():
        shares = (features @ weight.T + bias).softmax(-1)
        spread = shares * (1 - shares)
        by_weight = torch.einsum("nc,nk->ck", spread, features**2) / len(features)
    torch.testing.assert_close(found[0], by_weight, rtol=1e-4, atol=1e-8)
    torch.testing.assert_close(found[1], spread.mean(0), rtol=1e-4, atol=1e-8)


def test_ewc_pulls_with_strength_times_fisher_times_the_way_from_where_a_task_ended():
    training = start(sequence("ewc", {"strength": 3.0}))
    for record in records(training):
        if isinstance(record, StepRecord) and record.update == 5:
            break
    ended = [p.detach().clone() for p in training.shared]
    training.past.finish(training)
    fishers = fisher(training, 0, 100)
    with torch.no_grad():
        for parameter in training.shared:
            parameter.add_(0.5)
    for pull, information, place, parameter in zip(
        training.past.pull(training), fishers, ended, training.shared, strict=True
    ):
        torch.testing.assert_close(pull, 3.0 * information * (parameter - place).detach())


def test_ewc_keeps_nothing_where_nothing_that_trains_is_shared():
    training = start(sequence("ewc", capacity={"sharing": "separate"}))
    assert not training.shared
    assert [record.phase for record in records(training) if isinstance(record, PhaseRecord)]
    assert training.finished
    assert training.past.anchors == {}


def test_slopes_of_a_linear_models_answers_are_its_inputs():
    """Of logit y the slope by W[y] is x, by b[y] 1, and nothing by the others."""
    training = start(one_head(capacity={"frozen": True}))
    found = answer_slopes(training, 0, 10_000)
    batches = training.streams[0].batches
    order = generator(training.config.seed, MEMORY, 0).permutation(len(batches))
    labels, features = batches.labels[order], batches.features[order]
    picked = torch.nn.functional.one_hot(labels, len(training.shared[1])).float()
    weight, bias = (torch.stack(each) for each in zip(*found, strict=True))
    torch.testing.assert_close(weight, picked[:, :, None] * features[:, None])
    torch.testing.assert_close(bias, picked)


def test_ogd_leaves_of_a_gradient_what_no_kept_slope_explains(monkeypatch):
    """Against least squares in the space of all parameters, after one task and after two."""
    checked = []
    whole = Past.bend

    def recorded(past, training, row, share):
        before = flat(row)
        whole(past, training, row, share)
        if past.slopes:
            kept = [flat(each) for each in zip(*past.slopes.values(), strict=True)]
            checked.append((np.array(kept), before, flat(row)))

    monkeypatch.setattr(Past, "bend", recorded)
    list(train(sequence("ogd", {"examples": 5}, clip_norm=None)))
    assert {len(kept) for kept, _, _ in checked} == {5, 10}
    for kept, before, after in checked:
        expected = before - kept.T @ np.linalg.lstsq(kept.T, before, rcond=1e-4)[0]
        np.testing.assert_allclose(after, expected, atol=1e-4 * np.abs(before).max())
        assert np.abs(kept @ after).max() < 1e-3 * np.linalg.norm(before)


def test_no_step_of_ogd_moves_old_answers_to_first_order():
    """By the slopes of the answers as autograd has them, where Adam has made its step."""
    training, moved = start(sequence("ogd", {"examples": 5}, clip_norm=None)), []
    before, slopes = None, {}
    for _ in records(training):
        now = [parameter.detach().clone() for parameter in training.shared]
        if slopes and any(map(torch.any, map(torch.ne, now, before))):
            kept = np.array([flat(each) for each in zip(*slopes.values(), strict=True)])
            step = flat([new - old for new, old in zip(now, before, strict=True)])
            sizes = np.linalg.norm(kept, axis=1).max() * np.linalg.norm(step)
            moved.append(np.abs(kept @ step).max() / sizes)
        before, slopes = now, dict(training.past.slopes)
    assert len(moved) > 10
    assert max(moved) < 1e-3


@pytest.mark.parametrize("other", [False, True])
def test_taking_out_tensor_by_tensor_equals_one_projection_of_all_together(other):
    drawn = torch.Generator().manual_seed(0)
    row, second = ([torch.randn(4, 3, generator=drawn), torch.randn(5, generator=drawn)]
                   for _ in range(2))  # fmt: skip
    known = torch.linalg.qr(torch.randn(17, 3, generator=drawn))[0].T
    whole = torch.cat([each.reshape(-1) for each in (second if other else row)])
    expected = torch.cat([each.reshape(-1) for each in row]) - known.T @ (known @ whole)
    take_out(row, known, second if other else None)
    torch.testing.assert_close(torch.cat([each.reshape(-1) for each in row]), expected)


def test_slopes_of_parameters_that_stood_still_are_zero_and_repeated_ones_add_no_direction():
    first = with_more({}, ["a"], [[torch.tensor([3.0, 0.0])]])
    both = with_more(first, ["b", "a"], [[torch.tensor([[2.0]]), torch.tensor([6.0, 0.0])]])
    assert {name: each.tolist() for name, each in both.items()} == {
        "a": [[3.0, 0.0], [6.0, 0.0]], "b": [[[0.0]], [[2.0]]],
    }  # fmt: skip
    like = {"a": torch.zeros(2), "b": torch.zeros(1, 1), "new": torch.zeros(1)}
    assert directions(both, ["a"], [like["a"]]).tolist() == [[1.0, 0.0]]
    found = directions(both, list(like), list(like.values()))
    assert found.tolist() == [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]


def keeps_the_encoder(sharing):
    """Whether a way of sharing fits inserts that are kept when their phase ends."""
    try:
        check_choices(inserts(sharing))
    except ConfigError:
        return False
    return True


def inserts(sharing):
    capacity = {"encoder": "transformer", "depth": 1, "sharing": sharing}
    return sequence("inserts", capacity=capacity)


KEEPING = [name for name in SHARING if keeps_the_encoder(name)]


def test_lora_and_both_adapters_keep_the_encoder():
    assert {"lora", "houlsby", "pfeiffer"} <= set(KEEPING)


@pytest.mark.parametrize("sharing", KEEPING)
def test_of_a_task_whose_phase_has_ended_no_insert_moves_and_no_answer_changes(sharing):
    ended, scores, last = {}, {}, None
    training = start(inserts(sharing))
    for record in records(training):
        if isinstance(record, EvalRecord):
            last = record.scores
            assert all(last[task] == score for task, score in scores.items())
        if isinstance(record, PhaseRecord) and record.phase:
            task = record.phase - 1
            ended[task] = [p.detach().clone() for p in training.own[task]]
            scores[task] = last[task]
        for task, before in ended.items():
            assert all(map(torch.equal, before, training.own[task]))
    assert len(ended) == 2
    assert len(training.own[0]) > len(list(training.model.heads[0].parameters()))


def test_a_common_head_is_something_to_combine():
    apart = {"sharing": "separate"}
    assert nothing_shared(sequence(capacity=apart))
    assert not nothing_shared(one_head(capacity=apart))
    assert not without_effect(one_head(capacity=apart, combiner="pcgrad"))


@pytest.mark.parametrize("method", ["sequential", "retrain", "replay", "lwf", "joint"])
def test_who_takes_part_when_is_known_before(method):
    chosen = sequence(method)
    planned = schedule(chosen, data_facts(chosen.data))
    found = [each.due for each in records(start(chosen)) if isinstance(each, StepRecord)]
    assert np.array_equal(found, planned.due | earlier_turns(chosen, planned))


def test_distillation_by_hand():
    """Logits (0, 0) before and (0, 2 log 3) now at τ = 2: 4 · KL((½, ½) ‖ (¼, ¾))."""
    training = in_phase(one_head("lwf", capacity={"frozen": True}), 1)
    past, model = training.past, training.model
    weight, bias = (name for name, _ in model.named_parameters() if "score" in name)
    named = dict(model.named_parameters())
    with torch.no_grad():
        past.old[weight].zero_(), past.old[bias].zero_()
        named[weight].zero_()
        named[bias].copy_(torch.tensor([0.0, 2 * log(3.0)]))
    batch = training.streams[1].batches.collate(np.arange(4))
    expected = 4 * (0.5 * log(0.5 / 0.25) + 0.5 * log(0.5 / 0.75))
    found = distance(model, past.old, 0, batch, 2.0).item()
    assert found == pytest.approx(expected, rel=1e-5)


def test_old_answers_count_by_their_strength_and_are_no_loss_of_the_task():
    found = [r for r in train(sequence("lwf", {"strength": 2.5})) if isinstance(r, StepRecord)]
    later = found[-1]
    assert later.due.tolist() == [True, True, True]
    assert later.loss_weights.tolist() == [2.5, 2.5, 1.0]
    assert np.isfinite(later.losses).tolist() == [False, False, True]


def test_replay_weighs_by_the_share_of_examples():
    chosen = sequence("replay", {"memory": 6, "weigh": "share"})
    last = [r for r in train(chosen) if isinstance(r, StepRecord)][-1]
    assert last.loss_weights.tolist() == [6 / 32, 6 / 32, 1.0]


def test_kept_examples_are_equally_many_of_each_class_where_that_is_asked():
    training = in_phase(sequence("replay", {"memory": 4, "sampling": "balanced"}), 1)
    assert sorted(training.past.memory.labels[0].tolist()) == [0, 0, 1, 1]


def growing(method="sequential"):
    """Two topics, then the other two, in one head."""
    options = {"asks": "topic", "size": 64, "dev_size": 48}
    steps = (("first", ["cinema", "school"]), ("second", ["sport", "kitchen"]))
    tasks = [{"name": name, "classes": each, "options": options} for name, each in steps]
    return one_head(method).with_values({
        "data.tasks": tasks, "data.heads": "growing", "optimisation.phases": "first > second",
    })  # fmt: skip


def test_classes_that_have_not_come_cannot_be_answered():
    training = start(growing())
    assert training.tasks[1].label_names == ("cinema", "school", "sport", "kitchen")
    assert set(training.tasks[1].splits["train"].labels.tolist()) == {2, 3}
    batch = training.streams[0].batches.collate(np.arange(3))
    assert torch.isneginf(training.model(0, batch)).tolist() == [[False, False, True, True]] * 3
    scored = [record for record in records(training) if isinstance(record, EvalRecord)]
    assert scored[0].update == 0
    assert scored[1].scores[1] == 0.0
    assert scored[1].scores[0] > 0.5
    assert training.model.classes.all()


def test_a_run_stopped_after_a_switch_answers_only_with_classes_it_was_scored_with(tmp_path):
    training = in_phase(growing(), 1)
    assert training.model.classes.all()
    save(training, tmp_path / "run.safetensors")
    model = trained_model(training.config, tmp_path / "run.safetensors").model
    assert model.classes.tolist() == [True, True, False, False]
    training = start(growing())
    save(training, tmp_path / "new.safetensors")
    model = trained_model(training.config, tmp_path / "new.safetensors").model
    assert model.classes.tolist() == [True, True, False, False]


@pytest.mark.parametrize("method", ["replay", "ewc", "lwf", "gem", "ogd"])
def test_methods_work_with_classes_that_grow(method):
    found = [record for record in train(growing(method)) if isinstance(record, StepRecord)]
    assert all(np.isfinite(record.weights[record.due]).all() for record in found)


def test_one_head_is_shared_and_its_gradient_stands_in_the_gram_matrix():
    training = start(one_head())
    assert training.model.heads[0] is training.model.heads[1]
    head = {*training.model.heads[0].parameters()}
    assert head <= {*training.shared}
    assert training.own == [[], []]


def test_label_noise_begins_with_its_phase_and_ends_with_it():
    phases = "task%200 share=0.4 > task%200 share=0.3 label_noise=1 > task%200+task%201+task%203"
    training = start(sequence(phases=phases, epochs=4))
    right = training.tasks[0].splits["train"].labels
    same = {}
    for record in records(training):
        if isinstance(record, StepRecord):
            labels = training.streams[0].batches.labels.numpy()
            same.setdefault(training.progress.phase, set()).add(float((labels == right).mean()))
    assert same[0] == same[2] == {1.0}
    assert len(same[1]) == 1
    assert 0.1 < same[1].pop() < 0.9


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"continual.method": "inserts"}, "choose a way of sharing such as lora"),
        ({"continual.method": "nothing"}, "Unknown method against forgetting"),
        ({"data.heads": "one"}, "one kind with equally many classes"),
        ({"data.tasks.0.classes": ["other"]}, "has no class 'other'"),
        ({"data.tasks.0.classes": ["class 1", "class 1"]}, "asks for a class twice"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(changes, told):
    with pytest.raises(ConfigError, match=told):
        start(sequence().with_values(changes))


def test_pairs_read_apart_cannot_be_asked_about_other_texts():
    with pytest.raises(ConfigError, match="each text of a pair by itself"):
        start(config(3, phases="task%200 > task%201 > task%202").with_values(
            {"continual.method": "lwf"}
        ))  # fmt: skip
