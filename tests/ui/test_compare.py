"""The page that compares runs through AppTest, on records made by hand."""

import json
import math
from functools import partial

import numpy as np
import pytest

from mtlviz.engine.config import Budget, RunConfig
from mtlviz.engine.presets import preset
from mtlviz.runs import single_task
from mtlviz.runs.comparison import grouped
from mtlviz.ui.core import scored_runs
from mtlviz.ui.pages.compare import curves, downloads
from mtlviz.ui.pages.compare.curves import group_curve
from tests.runs.compare_runs import settings, stored
from tests.ui import harness
from tests.ui import test_run as run_page
from tests.ui.harness import said

# The page as a link opens it, its tables open.
opened = partial(
    harness.opened, "compare", {"compare.runs_open": True, "compare.numbers_open": True}
)
PCGRAD = {"optimisation__combiner": "pcgrad"}


def seeds(store, count=3, base=(0.8, 0.7), updates=6, **changes):
    """Finished runs over seeds, each a little better than the one before."""
    return [
        stored(store, settings(seed, **changes), np.array(base) + 0.01 * seed, updates=updates)
        for seed in range(count)
    ]


def table(app, column):
    """The first table that has this column."""
    return next(each.value for each in app.dataframe if column in each.value.columns)


def test_without_runs_the_page_leads_to_the_studio(store):
    app = opened()
    assert said(app, "Nothing to compare yet")
    assert len(app.get("page_link")) == 1


def test_one_run_is_shown_with_what_can_be_said_of_it(store):
    seeds(store, 1)
    app = opened()
    assert said(app, "One run alone is shown")
    assert said(app, "One seed: no interval yet, add seeds")
    assert list(table(app, "mean")["mean"]) == ["0.800", "0.700"]


def test_groups_over_seeds_are_compared_with_intervals(store):
    seeds(store)
    seeds(store, base=(0.9, 0.7), **PCGRAD)
    stored(store, settings(0, **PCGRAD), (0.901, 0.7))
    app = opened()
    means = table(app, "mean")
    assert list(means["group"]) == ["sum", "sum", "PCGrad", "PCGrad"]
    assert list(means["mean"]) == ["0.810", "0.710", "0.910", "0.710"]
    # Student's t with two degrees of freedom: 4.303 · 0.01 / √3.
    assert means["95 % interval"][0] == "0.785 to 0.835"
    assert said(app, "**sum**, against PCGrad, lower on **reviews** (−10.0)")
    assert list(table(app, "verdict")["paired seeds"]) == [3, 3]


def test_transfer_is_measured_against_tasks_trained_alone_and_said_by_group(store):
    seeds(store, base=(0.8, 0.7))
    for seed in range(3):
        for task, score in ((0, 0.7 + 0.02 * seed), (1, 0.70 + 0.01 * seed)):
            single = single_task.single_task_run(settings(seed), task, Budget(6, 2, 2))
            stored(store, single, (score,))
    app = opened()
    assert said(app, "of 2 comparisons training together **helps in 1, hurts in 0**")
    assert said(app, ":blue[▲ helps] **reviews** (+9.0)")
    assert said(app, ":gray[● exactly as it was] **letters**")
    assert not [button for button in app.button if button.key == "compare.train_alone"]


def test_separate_encoders_are_found_as_a_baseline_and_are_no_row_of_their_own(store):
    seeds(store)
    seeds(store, base=(0.9, 0.5), capacity__sharing="separate")
    app = opened()
    assert app.segmented_control(key="compare.kind").value == "separate"
    assert said(app, "helps in 0, hurts in 0")  # No spread at all decides nothing.
    assert not said(app, "**separate** :")


def test_where_no_baseline_is_the_page_says_so_and_queues_the_runs_once(store):
    seeds(store, 2)
    seeds(store, 2, **PCGRAD)
    app = opened()
    assert said(app, "Nothing to measure transfer against yet")
    app.button(key="compare.train_alone").click().run()
    assert not app.exception
    waiting = store.runs(("queued",))
    assert len(waiting) == 4  # Two tasks, two seeds; both combiners share them.
    config = store.config(waiting[-1].id)
    assert [task.name for task in config.data.tasks] == ["reviews"]
    assert config.optimisation.max_updates == 6
    assert said(app, "4 single-task runs wait or run")
    assert not [button for button in app.button if button.key == "compare.train_alone"]


def test_baselines_of_other_examples_are_trained_anew_and_waited_for(store):
    stored(store, settings(0), (0.8, 0.7), data=["new", "same"])
    for task, data in ((0, "old"), (1, "same")):
        stored(
            store,
            single_task.single_task_run(settings(0), task, Budget(6, 2, 2)),
            (0.7,),
            data=[data],
        )
    app = opened()
    app.button(key="compare.train_alone").click().run()
    (waiting,) = store.runs(("queued",))
    assert store.config(waiting.id).data.tasks[0].name == "reviews"
    assert said(app, "1 single-task run waits or runs")
    assert not [button for button in app.button if button.key == "compare.train_alone"]


def test_single_task_runs_in_every_state_stand_beside_finished_ones(store):
    seeds(store, 4)
    for seed, status in ((0, "finished"), (1, "failed"), (2, None), (3, "queued")):
        single = single_task.single_task_run(settings(seed), 0, Budget(6, 2, 2))
        if status == "queued":
            store.create_run(single)
        else:
            stored(store, single, (0.7,), status=status, planned=6)
    app = opened(runs="1-4")
    assert said(
        app, ":gray[○ no interval yet] **reviews** (+10.0) (one seed: no interval yet, add seeds)"
    )
    assert said(app, "2 single-task runs wait or run")  # Of the second and the third seed.
    assert said(app, "5 runs")  # One failed, and four of the other task.
    app = opened(runs="1-8")
    assert said(app, "is not finished: failed at update 6 of 6")
    assert said(app, "is not finished: waiting, number 1 in the queue")


def test_one_seed_is_told_as_such_with_the_button_that_adds_more(store):
    seeds(store, 1)
    app = opened()
    assert "cannot be told apart" not in harness.text(app)
    app.button(key="compare.add_seeds").click().run()
    waiting = [store.config(run.id) for run in store.runs(("queued",))]
    first = store.config(1)
    assert sorted(config.seed for config in waiting) == [first.seed + more for more in (1, 2, 3, 4)]
    assert {each.key_without("seed", "name") for each in waiting} == {
        first.key_without("seed", "name")
    }
    assert "compare.add_seeds" not in harness.widgets(app)


def test_unfinished_and_failed_runs_are_marked_and_in_no_mean(store):
    seeds(store)
    stored(store, settings(7), (0.1, 0.1), status="failed", error="Too <large>.")
    stored(store, settings(8), (0.2, 0.2), status=None, planned=30)
    app = opened()
    assert list(table(app, "mean")["seeds"]) == [3, 3]
    assert said(app, "Run 4, made, is not finished: failed at update 6 of 6 (Too \\<large\\>\\.)")
    assert said(app, "Run 5, made, is not finished: update 6 of 30")


def test_other_data_scoring_or_budget_is_said_in_words(store):
    seeds(store, 2)
    seeds(store, 2, updates=18, optimisation__epochs=9)
    seeds(store, 2, data__tasks__0__dev_examples=50)
    seeds(store, 2, data__drop_leaked=True)
    app = opened()
    assert said(app, "**The budgets differ**")
    assert said(app, "They differ in epochs. Each task gets 6 batches in ")
    assert said(app, "; 18 batches in epochs 9.")
    assert said(app, "**The runs are not scored on the same examples**: they differ in "
                "reviews\\: dev examples")  # fmt: skip
    assert said(app, "**The runs learn from different data**: they differ in drop leaked")


def test_a_round_robin_that_gives_each_task_as_many_batches_is_no_other_budget(store):
    seeds(store, 2, optimisation__max_updates=6, optimisation__scheduler="joint")
    turns = np.tile(np.eye(2, dtype=bool), (6, 1))
    for seed in range(2):
        config = settings(seed, optimisation__scheduler="round_robin", optimisation__max_updates=12)
        stored(store, config, (0.7, 0.7), updates=12, due=turns)
    app = opened()
    assert not said(app, "budgets differ")
    told = "Each task gets 6 batches in every group. The encoder makes 6 in joint and 12 in round "
    assert said(app, f"{told}robin: 2 times as many updates, each from fewer examples.")
    assert set(table(app, "mean")["group"]) == {"joint", "round robin"}
    assert not said(app, "Unless a group's name says otherwise: max updates")


def test_seeds_that_only_one_group_has_are_left_out_and_named(store):
    seeds(store, 3)
    seeds(store, 2, **PCGRAD)
    app = opened()
    assert said(app, "The groups have different seeds (sum: 0, 1 and 2; PCGrad: 0 and 1)")
    assert said(app, "Without a partner, so left out: run 3")


def test_grouping_by_fewer_settings_pools_and_says_so(store):
    seeds(store, 2)
    seeds(store, 2, optimisation__epochs=9, **PCGRAD)
    seeds(store, 2, **PCGRAD)
    app = opened()
    app.multiselect(key="compare.grouping").set_value(["optimisation.combiner"]).run()
    assert not app.exception
    assert said(app, "**PCGrad** pools runs that also differ in epochs")
    assert list(table(app, "mean")["seeds"]) == [2, 2, 2, 2]
    assert app.query_params["by"] == "optimisation.combiner"
    app.multiselect(key="compare.grouping").set_value([]).run()
    assert list(table(app, "mean")["group"]) == ["all runs"] * 2


def test_curves_of_pooled_runs_have_a_band_over_seeds(store):
    for seed, epochs, score in ((0, 3, 0.5), (0, 9, 0.7), (1, 3, 0.6)):
        stored(store, settings(seed, optimisation__epochs=epochs), (score, 0.7))
    known, _ = scored_runs.readable(store.runs())
    pooled = grouped([scored_runs.outcome(run) for run in known], ())[0]
    curve = group_curve(pooled, 0, "reviews", "score", "update")
    # Both seeds have a mean of 0.6; three runs taken for seeds would spread.
    assert (curve.low[-1], curve.high[-1]) == pytest.approx((0.6, 0.6))


def test_curves_by_tokens_meet_between_the_places_of_each_run():
    steep = (np.array([0.0, 10.0]), np.array([0.0, 1.0]))
    flat = (np.array([5.0, 20.0]), np.array([0.0, 0.0]))
    places, values = curves._between([steep, flat])
    assert places.tolist() == [0, 5, 10, 20]
    np.testing.assert_allclose(values, [[0, np.nan], [0.5, 0], [1, 0], [np.nan, 0]])
    assert curves._between([])[0].size == 0


@pytest.mark.parametrize(("across", "unit"), [("tokens", 10), ("time", 0.01)])
def test_runs_are_compared_at_the_tokens_read_and_the_seconds_worked(store, across, unit):
    run_page.recorded(store, [run_page.step(update) for update in range(30)])
    known, _ = scored_runs.readable(store.runs())
    (group,) = grouped([scored_runs.outcome(run) for run in known], ())
    drawn, updates = (
        np.concatenate([curve.at, *(at for at, _ in curve.single)])
        for curve in (group_curve(group, 0, "reviews", "loss", name) for name in (across, "update"))
    )
    assert len(updates)
    np.testing.assert_allclose(drawn, unit * updates)


def test_the_runs_picked_stand_in_the_link_and_can_be_cleared_and_filled(store):
    seeds(store, 3)
    app = opened()
    assert app.query_params["runs"] == "1-3"
    app.button(key="compare.none").click().run()
    assert said(app, "Tick two or more runs")
    app.button(key="compare.all").click().run()
    assert app.query_params["runs"] == "1-3"


def test_seeds_that_were_begun_together_are_one_row_and_each_a_row_where_asked_for(store):
    together = seeds(store)
    store.join(together)
    single = seeds(store, **PCGRAD)
    app = opened()
    assert list(table(app, "seed")["run"]) == [*map(str, reversed(single)), "1–3"]
    assert list(table(app, "seed")["seed"]) == ["2", "1", "0", "0–2"]
    assert table(app, "seed")["status"].iloc[3] == "3 finished"
    harness.widget(app, "compare.each").set_value(True).run()
    assert len(table(app, "seed")) == 6
    # What is ticked in part is not one row.
    assert len(table(opened(runs=f"{together[0]}"), "seed")) == 6


def test_rows_are_sorted_by_their_numbers_where_families_make_them_texts(store):
    store.join(seeds(store, 2))
    seeds(store, 9, **PCGRAD)
    shown = table(opened(), "seed")
    assert sorted(shown["run"]) == list(reversed(shown["run"]))
    assert [each.strip() for each in shown["run"]][-3:] == ["4", "3", "1–2"]


def test_a_run_is_renamed_and_noted_where_runs_are_compared(store):
    first, second = seeds(store, 2)
    app = opened()
    harness.widget(app, "compare.labelled").set_value(second).run()
    harness.widget(app, f"compare.label.{second}.name").set_value("the better one").run()
    harness.widget(app, f"compare.label.{second}.note").set_value("try again").run()
    assert store.run(second).name == "the better one"
    assert store.run(second).note == "try again"
    assert store.run(first).note is None
    assert "the better one" in list(table(app, "seed")["name"])


def test_runs_are_filtered_by_what_they_contain_and_single_tasks_are_not_offered_first(store):
    seeds(store, 2)
    seeds(store, 1, **PCGRAD)
    stored(store, settings(0, tasks=("reviews",)), (0.5,))
    app = opened()
    assert list(table(app, "created")["run"]) == ["3", "2", "1"]
    app.text_input(key="compare.text").set_value("pcgrad").run()
    assert list(table(app, "created")["run"]) == ["3"]
    app.text_input(key="compare.text").set_value("banana").run()
    assert said(app, "No run passes these filters")


def test_runs_that_came_after_a_link_are_offered(store):
    seeds(store, 3)
    app = opened(runs="1-2")
    assert said(app, "Run 3 of the same tasks came later")
    app.button(key="compare.add").click().run()
    assert app.query_params["runs"] == "1-3"


def test_a_link_opens_runs_grouping_and_baseline(store):
    seeds(store, 2)
    seeds(store, 2, **PCGRAD)
    app = opened(runs="1,3-4", by="optimisation.combiner", baseline="separate")
    assert sorted(set(table(app, "mean")["seeds"])) == [1, 2]
    assert app.segmented_control(key="compare.kind").value == "separate"
    assert app.query_params["runs"] == "1,3-4"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"runs": "banana"}, "`runs` must be numbers of runs like 1-4,7"),
        ({"runs": "1-999999999"}, "`runs` must be numbers of runs like 1-4,7"),
        ({"baseline": "banana"}, "`baseline` must be one of alone, separate, got 'banana'."),
        ({"runs": "1,99"}, "There is no run 99 (any more)"),
        ({"by": "no.such"}, "`by` names no setting of these runs: no\\.such"),
    ],
)
def test_what_a_link_names_wrongly_gets_one_sentence(store, query, sentence):
    seeds(store, 1)
    assert said(opened(**query), sentence)


def test_a_repeated_run_is_replaced_by_the_newest_and_named(store):
    seeds(store, 2)
    stored(store, settings(0), (0.9, 0.9))
    app = opened()
    assert said(app, "Run 1 of all runs repeat")
    assert list(table(app, "mean")["mean"]) == ["0.855", "0.805"]


def test_a_score_that_is_no_number_is_said_and_in_no_mean(store):
    stored(store, settings(0), (0.8, math.nan))
    seeds(store, 1, **PCGRAD)
    app = opened()
    assert said(app, "**letters** has no score in run 1")


def test_names_of_people_are_shown_as_they_are(store):
    tasks = ("<b>bold</b>", "*star* $x$")
    for seed in range(2):
        stored(store, settings(seed, tasks=tasks, name="[link](x)"), (0.8, 0.7))
    app = opened()
    assert said(app, r"**\<b\>bold\</b\>**")
    assert said(app, r"**\*star\* \$x\$**")


def test_settings_that_differ_are_listed_in_words_and_by_key_and_no_others(store):
    seeds(store, 2)
    seeds(store, 2, **PCGRAD)
    found = table(opened(), "key")
    assert list(found["key"]) == ["optimisation.combiner"]
    assert list(found["setting"]) == ["combiner"]
    assert (found["sum"][0], found["PCGrad"][0]) == ("sum", "PCGrad")


def test_a_run_that_repeats_a_papers_experiment_stands_beside_its_table(store, monkeypatch):
    # It names a model of the hub, which is not fetched here.
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    config = preset("cs224n-round-robin").changed_at("name", "mine")
    stored(store, config, (0.5, 0.75, 0.6))
    stored(store, config.changed_at("seed", 1), (0.51, 0.75, 0.6))
    app = opened()
    found = table(app, "published")
    assert list(found["published"]) == ["0.504 *", "0.747 *", "0.608"]
    assert found["here"][0] == "0.505 ± 0.005"
    assert said(app, "column-swapped")


def test_of_two_hundred_runs_each_is_read_once_and_forty_are_compared(store, monkeypatch):
    config, read = settings(), []
    for seed in range(200):
        stored(store, config.model_copy(update={"seed": seed}), (0.8, 0.7), updates=2)
    parse = RunConfig.from_json
    monkeypatch.setattr(RunConfig, "from_json", lambda text: read.append(text) or parse(text))
    app = harness.opened("compare")
    assert len(read) <= 200
    assert said(app, "40 of 200 are compared") or "40 of 200" in app.expander[0].label


def test_settings_of_all_runs_can_be_taken_along(store):
    seeds(store, 2)
    seeds(store, 2, **PCGRAD)
    assert len(opened().get("download_button")) == 6
    known, _ = scored_runs.readable(store.runs())
    assert json.loads(downloads.settings_json(known))["1"]["data"]["tasks"][0]["name"] == "reviews"


def test_the_script_is_of_the_run_that_was_chosen(store):
    seeds(store, 2)
    app = opened()
    assert harness.widget(app, "compare.script_run").value == 1
    harness.widget(app, "compare.script_run").set_value(2).run()
    assert harness.widget(app, "compare.script_run").value == 2


def test_runs_in_phases_are_a_group_of_their_own_named_by_their_phases(store):
    seeds(store)
    seeds(
        store,
        base=(0.7, 0.7),
        optimisation__phases="reviews share=0.5 > letters > reviews share=0.5",
    )
    app = opened()
    assert not app.exception
    assert said(app, "half of reviews, then letters, then half of reviews")
    assert not said(app, "share=")
    assert said(app, "phases")


def test_a_run_in_halves_stands_beside_sharmas_table_with_what_is_wrong_in_it(store, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    stored(store, preset("sst2-squad-halves"), (0.4, 0.8))
    app = opened()
    found = table(app, "published")
    assert list(found["published"]) == ["0.881 *", "0.921 *"]
    assert said(app, "printed as exact match, but it is F1")
    assert said(app, "standard errors of one unpaired run")
