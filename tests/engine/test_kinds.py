"""Contracts that every kind of task keeps; a new kind enters by itself."""

import ast
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import mtlviz
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.config import RunConfig
from mtlviz.engine.kinds import KINDS, kind_of, targets
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.records import EvalRecord, Note, StepRecord, to_json
from mtlviz.engine.resuming import save
from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.catalogue import built_in
from mtlviz.engine.tasks.leakage import leaks
from mtlviz.engine.tasks.loading import check_task
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.train import records, start
from mtlviz.errors import ConfigError, DataError

PACKAGE = Path(mtlviz.__file__).parent
# The toys know no kinds of task; one of their own words is also the name of a kind.
ELSEWHERE = [
    source
    for source in sorted(PACKAGE.rglob("*.py"))
    if "kinds" not in source.parts and "toy" not in {*source.parts, source.stem}
]


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture(scope="module", params=KINDS)
def task(request):
    """A built-in task of each kind."""
    return small(load_task(built_in_config(request.param), np.random.default_rng(0)))


def built_in_config(name):
    return next(choice.config for choice in built_in() if choice.kind == name)


def small(task, train=120, dev=60):
    parts = {"train": range(train), "dev": range(dev)}
    splits = {split: take(task.splits[split], rows) for split, rows in parts.items()}
    return replace(task, splits=splits)


def encoder_for(name):
    """The quickest that the kind can use."""
    reads_tokens = KINDS[name].reads_tokens
    return next(e for e in ENCODERS if ENCODERS[e].method.keeps_tokens or not reads_tokens)


def answers_of(task, split):
    """Right answers, in the form in which metrics take them."""
    kind, examples = KINDS[task.kind], task.splits[split]
    if kind.truth(examples) is examples.labels:
        return examples.labels
    return [(*accepted, "")[0] for accepted in kind.truth(examples)]


def run_of(task, **others):
    """A run of a second: this task, and sentiment beside it."""
    options = {"size": 40, "dev_size": 20}
    config = built_in_config(task.kind)
    own = config.model_dump() | {"name": "own", "options": dict(config.options) | options}
    return RunConfig.from_values(
        {
            "data": {"tasks": [own, {"name": "other", "options": options}], "batch_size": 8},
            "capacity": {"encoder": encoder_for(task.kind), "width": 8, "vector_width": 6},
            "optimisation": {"epochs": 2, "learning_rate": 1e-2},
            "device": "cpu",
            **others,
        }
    )


def model_of(task, seed=0):
    run = run_of(task)
    run = run.model_copy(update={"data": run.data.model_copy(update={"tasks": run.data.tasks[:1]})})
    tokenizer = build_tokenizer(run, [task])
    model = build(run, [task], tokenizer, torch.Generator().manual_seed(seed))
    batches = TaskBatches(task, "train", tokenizer, run.data.tasks[0].head, 16, 64)
    return model.eval(), batches.collate(np.arange(16))


def with_labels(task, labels):
    train = replace(task.splits["train"], labels=labels)
    return replace(task, splits={**task.splits, "train": train})


def branches(source):
    """Lines that compare with, or look up by, the name of a kind."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare | ast.MatchValue):
            asked = list(ast.walk(node))
        elif isinstance(node, ast.Dict):
            asked = [key for key in node.keys if key is not None]
        else:
            continue
        if any(isinstance(part, ast.Constant) and part.value in KINDS for part in asked):
            yield f"{source.name}:{node.lineno}"


def test_nothing_but_the_kinds_themselves_asks_what_kind_a_task_is():
    assert [line for source in ELSEWHERE for line in branches(source)] == []


def test_a_branch_on_a_kind_is_found(tmp_path):
    source = tmp_path / "module.py"
    source.write_text(f"if task.kind in ({next(iter(KINDS))!r}, 'x'):\n    pass\n")
    assert list(branches(source)) == ["module.py:1"]


def test_a_kind_says_what_it_is_in_words(kind):
    assert KINDS[kind.name] is kind
    for words in (kind.title, kind.help, kind.asks, kind.no_floor, kind.target_title):
        assert words
    assert kind.help.endswith(".")


def test_the_metrics_of_a_kind_are_known_and_the_first_fits_any_number_of_classes(kind):
    assert set(kind.metrics) <= set(METRICS)
    for classes in (0, 2, 5):
        assert kind.fitting(classes)[0] == kind.metrics[0]


def test_a_kind_is_found_by_what_the_label_column_holds(kind):
    if kind.read_file is None:
        assert kind_of(kind.target, pair=kind.pair) is kind
        assert targets(pair=kind.pair)[kind.target] is kind
    with pytest.raises(ConfigError, match=r"must be .* got 'rank'"):
        kind_of("rank", pair=kind.pair)


def test_the_loss_reaches_every_trained_parameter_and_is_finite(task):
    model, batch = model_of(task)
    logits = model(0, batch)
    assert (len(logits), logits.shape[-1]) == (16, task.outputs)
    loss = model.loss(0, logits, batch.labels)
    assert loss.shape == ()
    loss.backward()
    for parameters in (model.shared_parameters(), model.task_parameters(0)):
        assert all(p.grad is not None and p.grad.isfinite().all() for p in parameters)
    assert any(p.grad.abs().sum() > 0 for p in model.shared_parameters())
    extreme = torch.full_like(logits, 1e4)
    assert all(model.loss(0, sign * extreme, batch.labels).isfinite() for sign in (1, -1))


def test_a_step_against_the_gradient_lowers_the_loss(task):
    model, batch = model_of(task)
    logits = model(0, batch).detach().requires_grad_()
    loss = model.loss(0, logits, batch.labels)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert model.loss(0, logits - 0.01 * gradient, batch.labels) < loss


def test_logits_that_minimise_the_loss_predict_the_labels(task):
    model, batch = model_of(task)
    logits = torch.zeros_like(model(0, batch)).requires_grad_()
    optimiser = torch.optim.Adam([logits], lr=0.1)
    for _ in range(150):
        optimiser.zero_grad()
        model.loss(0, logits, batch.labels).backward()
        optimiser.step()
    predicted = model.predict(0, logits)
    assert predicted.dtype == KINDS[task.kind].label_type
    np.testing.assert_allclose(predicted, batch.labels, atol=0.02)


def test_every_metric_of_the_labels_themselves_is_one_with_a_small_error(task):
    answers, truth = answers_of(task, "train"), KINDS[task.kind].truth(task.splits["train"])
    for name in KINDS[task.kind].fitting(len(task.label_names)):
        assert METRICS[name](answers, truth) == pytest.approx(1.0)
        assert 0 <= METRICS[name].error(answers, truth) < 0.05


def constants(task):
    """Every answer that never changes: each label there is, or each set of labels."""
    labels = task.splits["train"].labels
    if labels.ndim == 1:
        return list(np.unique(labels))
    return [np.array(row) for row in itertools.product((0, 1), repeat=labels.shape[1])]


def test_the_floor_is_the_best_answer_that_never_changes(task):
    kind, train, dev = KINDS[task.kind], task.splits["train"].labels, task.splits["dev"].labels
    if kind.reads_tokens:
        pytest.skip("an answer is a part of each text: its floor is a rule, tested with the spans")

    def scored(answer, labels):
        return METRICS[task.metric](np.broadcast_to(answer, labels.shape), labels)

    def in_training(answer):
        return np.nan_to_num(scored(answer, train), nan=-1.0)

    floor = kind.floor(task)
    best = max(constants(task), key=in_training)
    if np.isnan(scored(best, train)):
        assert floor is None
        assert kind.no_floor
    else:
        assert floor.score == pytest.approx(scored(best, dev))
        assert floor.answer
        assert floor.why


def test_labels_are_written_said_and_read_back(task):
    kind, train = KINDS[task.kind], task.splits["train"]
    if kind.read_file is not None:
        pytest.skip("its labels stand in no table")
    cells = [kind.write(label, task.label_names) for label in train.labels]
    written = kind.written(task.label_names)
    assert [kind.problem(cell, written) for cell in cells] == [None] * len(cells)
    np.testing.assert_array_equal(kind.read(cells, written), train.labels)
    assert kind.read(cells, written).dtype == train.labels.dtype == kind.label_type
    said = [kind.say(task, train, place) for place in range(20)]
    assert all(words and "\n" not in words for words in said)
    if kind.counts(train.labels, len(task.label_names)) is not None:
        spoken = [cell for cell in said if kind.problem(cell, task.label_names) is None]
        np.testing.assert_array_equal(
            kind.read(spoken, task.label_names),
            train.labels[[place for place in range(20) if said[place] in spoken]],
        )


def test_a_cell_that_is_no_label_is_one_clause(task):
    kind = KINDS[task.kind]
    for cell in ("no such, , label", "nan,,", "joy,joy"):
        problem = kind.problem(cell, kind.written(task.label_names))
        assert problem
        assert "\n" not in problem


def test_labels_that_are_out_of_range_are_refused_in_one_sentence(task):
    labels = task.splits["train"].labels
    wrong = labels.copy()
    wrong.flat[0] = np.nan if labels.dtype.kind == "f" else 99
    with pytest.raises(DataError, match=r"^Task [^\n]+\.$"):
        check_task(with_labels(task, wrong))


def test_classes_of_which_training_has_one_are_refused(task):
    labels = task.splits["train"].labels
    if task.label_names:
        with pytest.raises(DataError, match=r"are all of the class|all have the same labels"):
            check_task(with_labels(task, np.repeat(labels[:1], len(labels), axis=0)))


def test_noise_has_the_form_of_labels_and_a_metric_of_it_is_far_from_one(task):
    kind, labels = KINDS[task.kind], task.splits["train"].labels
    if kind.reads_tokens:
        with pytest.raises(ConfigError, match="marks spans"):
            kind.noise(task, labels, 1, np.random.default_rng(0))
        return
    noise = kind.noise(task, labels, len(labels), np.random.default_rng(0))
    assert noise.shape == labels.shape
    check_task(with_labels(task, noise.astype(labels.dtype)))
    assert METRICS[task.metric](noise, labels) < 0.7


def test_counts_are_of_examples_and_of_every_split(task):
    labels = task.splits["train"].labels
    counts = KINDS[task.kind].counts(labels, len(task.label_names))
    if counts is not None:
        assert counts.shape == (len(task.label_names),)
        assert 0 < counts.max() <= len(labels)


def test_a_copied_text_is_a_leak(task):
    train, dev = task.splits["train"], task.splits["dev"]
    texts = {"first": (train.first[0], *dev.first[1:])}
    if train.second is not None:
        texts["second"] = (train.second[0], *dev.second[1:])
    (found,) = leaks([replace(task, splits={"train": train, "dev": replace(dev, **texts)})])
    assert found.positions == (0,)


def told(found):
    """Records without their times."""
    entries = [to_json(record) for record in found if not isinstance(record, Note)]
    return [{k: v for k, v in each.items() if k != "seconds"} for each in entries]


def test_a_run_trains_scores_and_resumes_bit_for_bit(task, tmp_path):
    config = run_of(task, probes={"evaluate_every": 4})
    whole = told(records(start(config)))
    training = start(config)
    early = []
    for record in records(training):
        early.append(record)
        if isinstance(record, StepRecord) and record.update == 5:
            break
    save(training, tmp_path / "run.safetensors")
    late = list(records(start(config, resume=tmp_path / "run.safetensors")))
    assert told([*early, *late]) == whole
    scored = [record for record in late if isinstance(record, EvalRecord)][-1]
    fitting = KINDS[task.kind].fitting(len(task.label_names))
    assert set(scored.metrics[0]) == set(fitting)


@pytest.mark.slow
def test_a_kind_is_learned_beyond_what_a_constant_answer_scores(task):
    """Of 600 sentences a mean encoder learns; pairs need more than it has, and are read apart."""
    config = built_in_config(task.kind)
    run = RunConfig.from_values(
        {
            "data": {"tasks": [config.model_dump()], "batch_size": 16},
            "capacity": {
                "encoder": encoder_for(task.kind),
                "width": 32,
                "vector_width": 32,
                "dropout": 0.0,
            },
            "optimisation": {"epochs": 12, "learning_rate": 1e-2},
            "device": "cpu",
        }
    )
    found = [record for record in records(start(run)) if isinstance(record, EvalRecord)][-1]
    floor = np.nan_to_num(found.baselines[0], nan=0.0)
    assert found.scores[0] > floor + 3 * found.errors[0]


def test_several_labels_worked_by_hand():
    tags, kind = (
        load_task(built_in_config("multilabel"), np.random.default_rng(0)),
        KINDS["multilabel"],
    )
    logits = torch.tensor([[0.0, np.log(3.0)]])
    # −ln ½ for the label that is there, −ln(1 − ¾) for the one that is not; the mean of both.
    loss = kind.loss(tags, logits, torch.tensor([[1, 0]]))
    assert float(loss) == pytest.approx(np.log(8) / 2)
    assert kind.predict(tags, np.array([[0.01, -0.01]])).tolist() == [[1, 0]]


def test_scores_of_a_range_that_does_not_begin_at_zero_worked_by_hand():
    kind = KINDS["regression"]
    rated = replace(
        load_task(built_in_config("regression"), np.random.default_rng(0)), score_range=(-1.0, 3.0)
    )
    assert kind.predict(rated, np.array([[0.25], [1.5]])).tolist() == [0.0, 5.0]
    loss = kind.loss(rated, torch.tensor([[0.25]]), torch.tensor([1.0]))
    assert float(loss) == pytest.approx(0.25**2)
