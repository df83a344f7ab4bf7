"""The alignment and reweighting parts of the Covariance lab, through the app's own script."""

import json
import math

import numpy as np
import pytest

from mtlviz.engine.measures.transfer import transfer
from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord, Snapshot
from mtlviz.runs import queue
from mtlviz.runs.covariance_studies import ALIGNMENT, REWEIGHTING, alignment_runs
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease
from mtlviz.runs.results import RunResult
from mtlviz.toy.alignment_settings import AlignmentConfig
from mtlviz.ui.pages.covariance import alignment
from tests.ui import harness
from tests.ui.harness import charts, piece, put, text


def opened(view, **state):
    unfolded = {f"fold.{name}": is_open for name, is_open in state.items()}
    return harness.opened("covariance_lab", unfolded, cov_view=view)


def test_alignment_opens_with_a_verdict_and_four_pictures(store):
    app = opened("alignment")
    assert "*hurts* task 1: −9.1 points (95 % interval −13.5 to −4.7" in text(app)
    assert charts(app) >= 3


def test_a_turn_by_hand_changes_transfer_and_gets_a_verdict_of_its_own(store):
    app = opened("alignment")
    app.slider(key="align.turn").set_value(-30.0).run()
    assert not app.exception
    assert "task 2 behind R₂ *helps* task 1: +9.5 points" in text(app)
    assert piece(app, "settings:align") == AlignmentConfig(turn=-30)


def test_steps_of_algorithm_1_lead_back_to_training_alone(store):
    app = opened("alignment")
    app.slider(key="align.steps").set_value(100).run()
    assert "100 steps of Algorithm 1 changes task 1 by" in text(app)
    assert "cannot be told apart from zero" in text(app)


@pytest.mark.parametrize(("step", "path"), [("2", "align.angle"), ("3", "align.turn")])
def test_what_a_lesson_wants_moved_lies_in_no_fold(store, step, path):
    app = harness.opened("covariance_lab", lesson="alignment", lesson_step=step)
    assert app.slider(key=path)
    folded = [slider.key for fold in app.expander for slider in fold.slider]
    assert folded
    assert path not in folded


def test_a_story_sets_all_controls(store):
    app = opened("alignment")
    app.selectbox(key="align.preset").set_value("Two directions").run()
    assert app.slider(key="align.capacity").value == 2
    assert "exactly as it was" in text(app)
    assert app.query_params == {"cov_view": "alignment", "align.story": "Two directions"}
    app = harness.opened("covariance_lab", **dict(app.query_params), align__turn="10")
    assert app.slider(key="align.capacity").value == 2
    assert app.slider(key="align.turn").value == 10


def test_a_link_hides_panels_controls_and_share_of_the_lab(store):
    app = harness.opened(
        "covariance_lab", cov_view="alignment", hide="align.turn,alignment.toy.no,covariance.share"
    )
    assert "knows no" in text(app)
    shown = harness.widgets(app)
    assert "align.along" in shown
    assert "align.turn" not in shown
    assert not any(key.endswith("share.hide") for key in shown)
    app = harness.opened("covariance_lab", cov_view="alignment", hide="alignment.*")
    assert charts(app) == 0
    app = harness.opened("covariance_lab", hide="covariance.spectra,covariance.verdict")
    assert "Most alike" not in text(app)
    assert charts(app) == 9


def test_every_control_of_both_parts_has_help(store):
    for view in ("alignment", "reweighting"):
        for each in opened(view).slider:
            assert each.help, each.label


def test_more_noise_weighs_the_task_down_further(store):
    app = opened("reweighting")
    assert "Reweighting *helps* task 2" in text(app)
    assert "Task 1 counts 0.63" in text(app)
    app.slider(key="reweigh.noise").set_value(1.0).run()
    assert "Task 1 counts 0.2" in text(app)


def test_fewer_tasks_bring_rank_and_capacity_down(store):
    app = opened("reweighting")
    app.slider(key="reweigh.rank").set_value(2).run()
    assert "nothing is filtered out" in text(app)
    app.slider(key="reweigh.tasks").set_value(1).run()
    assert not app.exception
    assert piece(app, "settings:reweigh").rank == 1
    assert "One task has the weight 1" in text(app)


def test_measured_pairs_are_shown_with_correlation_and_interval(store):
    app = opened("alignment", **{"alignment.measured": True})
    assert "rank correlation" in text(app)
    assert "of 28 pairs" in text(app)
    app.selectbox(key="alignment.measured.by").set_value("cosine").run()
    assert "cosine of the mean vectors and transfer" in text(app)


def test_kept_results_agree_with_their_own_intervals():
    for cell in alignment.measured():
        assert len(cell["pairs"]) == 28
        for pair in alignment.pairs(cell, "score"):
            assert pair.low <= pair.mean <= pair.high
            assert (pair.verdict == "undecided") == (pair.low <= 0 <= pair.high)
    assert json.loads(alignment.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("view", "key", "count", "marks"),
    [
        ("alignment", "alignment.runs", 9, {"hard", "aligned", "control"}),
        ("reweighting", "reweighting.runs", 9, {"equal", "svd", "svd_task_embeddings"}),
    ],
)
def test_runs_are_queued_that_differ_in_one_method_and_the_seed(store, view, key, count, marks):
    app = opened(view, **{key: True})
    assert "Queue some" in text(app)
    app.button(key=f"{key}.queue").click().run()
    assert not app.exception
    configs = [store.config(run.id) for run in store.runs()]
    question = ALIGNMENT if view == "alignment" else REWEIGHTING
    assert len(configs) == count
    assert {question.study.way_of(config) for config in configs} == marks
    assert len(question.experiments(enumerate(configs))) == 1
    assert "0 of 9 runs finished" in str(app.get("progress")[0].proto.text)


def test_a_store_that_fails_gives_a_sentence(store, monkeypatch):
    app = opened("alignment", **{"alignment.runs": True})

    def refuse(store, configs, owner):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(queue, "start_all", refuse)
    app.button(key="alignment.runs.queue").click().run()
    assert any("disk is full" in error.value for error in app.error)


def finished(store, config, score):
    """A run that is over, with these scores and two snapshots."""
    tasks = len(config.data.tasks)
    held = lease(store, store.create_run(config))
    held.plan(10, ["accuracy"] * tasks)
    source = np.random.default_rng(config.seed)
    scores, none = np.full(tasks, score), np.full(tasks, math.nan)
    rows = [source.normal(size=(8, 3)).astype(np.float32) for _ in range(tasks)]
    held.append(
        [
            Snapshot(0, rows, [np.zeros(8)] * tasks, 0.1),
            Snapshot(5, rows, [np.zeros(8)] * tasks, 0.1),
            EvalRecord(10, 0, scores, none, none, [{}] * tasks, none, True, 0.1),
        ]
    )
    names = tuple(task.name for task in config.data.tasks)
    values = tuple(scores.tolist())
    held.finish("finished", result=RunResult(names, ("accuracy",) * tasks, values, values, values,
                                             10, 10, 1.0))  # fmt: skip


def test_finished_runs_are_told_with_intervals_and_pictures(store):
    configs = alignment_runs(preset("default"), 3)
    gains = {"hard": 0.0, "aligned": 0.1, "control": 0.02}
    for config in configs:
        finished(store, config, 0.5 + gains[config.capacity.sharing] + 0.01 * config.seed**2)
    app = opened("alignment", **{"alignment.runs": True})
    assert "by exactly +10.0 points in each of 3 paired seeds" in text(app)
    assert "| **reviews** | 0.517 ± 0.012 | 0.617 ± 0.012 | 0.537 ± 0.012 |" in text(app)
    assert charts(app) >= 9
    assert app.select_slider(key="alignment.update").value == 5


def test_a_difference_is_paired_over_the_seeds_that_both_have():
    configs = alignment_runs(preset("default"), 3)
    group = ALIGNMENT.experiments(enumerate(configs))[0]
    scores = {
        group.runs[way, seed]: base + 0.1 * seed
        for way, base in (("hard", 0.5), ("aligned", 0.6))
        for seed in range(3)
        if (way, seed) != ("hard", 1)
    }
    found = group.difference(scores, "aligned", "hard")
    assert found == transfer([0.6, 0.8], [0.5, 0.7])
    assert group.difference({}, "aligned", "hard") is None


def test_experiments_that_differ_in_more_than_the_method_are_kept_apart():
    first, second = preset("default"), preset("default").changed_at("capacity.width", 16)
    configs = [config for base in (first, second) for config in alignment_runs(base, 1)]
    assert len(ALIGNMENT.experiments(enumerate(configs))) == 2


def test_runs_on_the_studios_tasks_have_its_settings(store):
    app = opened("alignment", **{"alignment.runs": True})
    put(app, "settings:studio", preset("default").changed(seed=40))
    app.selectbox(key="alignment.runs.base").set_value("studio").run()
    app.button(key="alignment.runs.queue").click().run()
    assert not app.exception
    assert {store.config(run.id).seed for run in store.runs()} == {40, 41, 42}
