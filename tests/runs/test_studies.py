"""Studies: which runs they queue, that they are found again, and what is read from their runs."""

from itertools import product

import numpy as np
import pytest

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.measures.widths import differences
from mtlviz.engine.records import AffinityRecord
from mtlviz.engine.tasks import default_tasks, load_tasks
from mtlviz.errors import ConfigError
from mtlviz.runs import affinity_study, capacity_study, queue, stored_study
from mtlviz.runs.lease import lease
from mtlviz.runs.results import RunResult
from mtlviz.runs.study import PairedRuns, Study
from mtlviz.runs.sweep.marks import mark, steered
from mtlviz.runs.visitor_limits import LIMITS
from tests.runs.compare_runs import stored

TASKS = default_tasks()[:3]


@pytest.fixture
def quiet(store, monkeypatch):
    """A store whose queue starts nothing."""
    monkeypatch.setattr(queue, "tick", lambda store: [])
    return store


def result(*scores):
    names = tuple(f"task {number}" for number in range(len(scores)))
    nothing = (0.0,) * len(scores)
    return RunResult(names, ("accuracy",) * len(scores), scores, nothing, nothing, 10, 10, 1.0)


def paired(by_seed):
    """Runs of three tasks by seed and then by way."""
    runs = {(way, seed): run for seed, ways in by_seed.items() for way, run in ways.items()}
    return PairedRuns(tuple(task.name for task in TASKS), runs)


def plan(widths=(4, 10), seeds=(0, 1), encoder="mean"):
    config = capacity_study.base_config(TASKS, encoder, 5, 50)
    return capacity_study.planned(config, widths, seeds)


def test_a_width_study_differs_in_width_seed_and_sharing_alone():
    found = dict(plan())
    assert len(found) == 2 * 2 * 2
    first = found["together", 4, 0]
    assert [task.train_examples for task in first.data.tasks] == [50] * 3
    for (way, width, seed), config in found.items():
        assert config.capacity.width == width
        assert config.seed == seed
        assert config.capacity.sharing == {"together": "hard", "apart": "separate"}[way]
        same = {"width": 4, "sharing": "hard"}
        capacity = config.capacity.model_copy(update=same)
        assert config.model_copy(update={"seed": 0, "name": first.name, "capacity": capacity}) == (
            first.model_copy(update={"capacity": capacity})
        )


def test_attention_heads_divide_every_width():
    for (_, width, _), config in plan(widths=(5, 6, 20), encoder="transformer"):
        assert width % config.capacity.attention_heads == 0


def test_scores_stand_at_their_width_and_seed_and_missing_ones_are_not_a_number():
    roles = {("together", 4, 0): 1, ("apart", 4, 0): 2, ("together", 10, 0): 3,
             ("apart", 10, 0): 4, ("together", 4, 1): 5, ("apart", 4, 1): 6}  # fmt: skip
    results = {1: result(0.8, 0.6), 2: result(0.7, 0.6), 5: result(0.9, 0.7), 6: result(0.8, 0.6)}
    found = capacity_study.sweep(roles, results, 2)
    assert found.widths.tolist() == [4, 10]
    np.testing.assert_array_equal(found.together[0], [[0.8, 0.6], [0.9, 0.7]])
    assert np.isnan(found.together[1]).all()
    points = differences(found)
    assert points[0].mean == pytest.approx(7.5)
    assert points[1] is None


def test_a_study_is_found_again_with_its_runs(quiet):
    begun = stored_study.begin_study(quiet, "capacity", "mine", plan())
    other = stored_study.begin_study(quiet, "affinity", "other", plan(seeds=(5,)))
    assert (begun.id, other.id) == (1, 2)
    assert stored_study.studies(quiet, "capacity") == [begun]
    assert quiet.config(begun.runs["apart", 10, 1]).capacity.sharing == "separate"
    (quiet.home / stored_study.FOLDER / "9.json").write_text("{broken")
    assert [each.name for each in stored_study.studies(quiet, "affinity")] == ["other"]
    assert stored_study.begin_study(quiet, "capacity", "later", []).id == 10


@pytest.mark.parametrize(
    "damaged", ["[" * 100_000, '{"id": 1}', "[]", '{"runs": [["a", {}, 0, 1]]}']
)
def test_studies_of_earlier_versions_open_and_damaged_ones_are_passed_over(quiet, damaged):
    folder = quiet.home / stored_study.FOLDER
    folder.mkdir()
    (folder / "3.json").write_text(
        '{"id": 3, "kind": "capacity", "name": "old", "created": 1.5, '
        '"runs": [["together", 4, 0, 11], ["apart", 4, 0, 12]]}'
    )
    (folder / "4.json").write_text(damaged)
    (found,) = stored_study.studies(quiet, "capacity")
    assert (found.id, found.name) == (3, "old")
    assert found.runs == {("together", 4, 0): 11, ("apart", 4, 0): 12}


def test_what_is_trained_already_is_not_trained_again(quiet):
    runs = plan(widths=(4,))
    (role, config), *others = runs
    renamed = config.model_copy(update={"name": "somebody else's"})
    finished = stored(quiet, renamed, (0.5,) * 3)
    stored(quiet, others[0][1], (0.5,) * 3, status="stopped")
    begun = stored_study.begin_study(quiet, "capacity", "mine", [*runs, (("again", 4, 0), config)])
    assert begun.runs[role] == begun.runs["again", 4, 0] == finished
    assert len({begun.runs[each] for each, _ in others}) == len(others)
    assert len(quiet.runs(("queued",))) == len(others)


def test_a_run_of_files_answers_for_no_other(quiet):
    files = [
        task.model_copy(update={"source": "folder", "path": "mine", "options": {}})
        for task in TASKS
    ]
    config = capacity_study.base_config(files, "mean", 5, 50)
    finished = stored(quiet, config, (0.5,) * 3)
    begun = stored_study.begin_study(quiet, "capacity", "mine", [(("together", 4, 0), config)])
    assert begun.runs["together", 4, 0] != finished


def test_a_study_of_any_settings_is_made_and_found_again():
    rate, noise = "optimisation.learning_rate", "data.tasks.0.label_noise"
    every = product([1e-3, 1e-2], [0.0, 0.5])
    study = Study({values: dict(zip((rate, noise), values, strict=True)) for values in every})
    base = capacity_study.base_config(TASKS, "mean", 5, 50)
    made = study.runs(base, (3, 4), lambda way, seed: f"{way} {seed}")
    assert made[(1e-2, 0.5), 4].optimisation.learning_rate == 1e-2
    assert made[(1e-2, 0.5), 4].data.tasks[0].label_noise == 0.5
    assert len(made) == 2 * 2 * 2
    other = made[(1e-3, 0.0), 3].changed_at("data.tasks.1.label_noise", 0.5)
    found = study.experiments(enumerate([*made.values(), other, *made.values()]))
    ours, theirs = found[study.mark(base)], found[study.mark(other)]
    assert ours.runs == {cell: number for number, cell in enumerate(made)}
    assert list(theirs.runs) == [((1e-3, 0.0), 3)]
    assert study.way_of(base.changed_at(rate, 0.5)) is None
    known = {run: 0.5 + 0.1 * (way == (1e-2, 0.0)) for (way, _), run in ours.runs.items()}
    assert ours.difference(known, (1e-2, 0.0), (1e-3, 0.0)).mean == pytest.approx(10)


def test_stopping_a_study_leaves_other_runs_alone_and_it_can_go_on(quiet):
    begun = stored_study.begin_study(quiet, "capacity", "mine", plan())
    stranger = quiet.create_run(plan()[0][1])
    stored_study.stop_study(quiet, begun)
    assert {run.id for run in quiet.runs(("stopped",))} == set(begun.runs.values())
    assert quiet.run(stranger).status == "queued"
    assert stored_study.continue_study(quiet, begun) == len(begun.runs)
    waiting = [run.id for run in sorted(quiet.runs(("queued",)), key=lambda run: run.position)]
    assert waiting == [stranger, *sorted(begun.runs.values())]


def test_an_affinity_study_has_all_tasks_each_apart_and_every_pair():
    found = affinity_study.planned(TASKS, 40, (0, 1))
    ways = [way for (way, _, seed), _ in found if seed == 0]
    assert ways == ["all", "apart", "0+1", "0+2", "1+2"]
    configs = dict(found)
    assert configs["all", 0, 1].probes.affinity_every == affinity_study.EVERY
    assert configs["0+2", 0, 1].probes.affinity_every == 0
    assert [task.name for task in configs["0+2", 0, 1].data.tasks] == ["reviews", "topics"]
    assert {config.optimisation.max_updates for config in configs.values()} == {40}


def test_relatives_are_found_by_their_settings_and_the_newest_counts():
    configs = [config for _, config in affinity_study.planned(TASKS, 40, (0, 1))]
    stranger = configs[0].changed_at("capacity.width", 7)
    found = affinity_study.relatives(configs[0], enumerate([*configs, stranger, configs[1]]))
    assert {way: run for (way, seed), run in found.runs.items() if seed == 0} == {
        "all": 0, "apart": 11, "0+1": 2, "0+2": 3, "1+2": 4,
    }  # fmt: skip
    assert found.of("all") == [0, 5]


def test_pairs_are_no_relatives_where_their_budget_could_differ():
    free = affinity_study.planned(TASKS, 40, (0,))[0][1].changed_at(
        "optimisation.max_updates", None
    )
    assert set(affinity_study.study_of(free).ways) == {"all", "apart"}


def test_groups_are_planned_as_far_as_they_are_missing():
    config = affinity_study.planned(TASKS, 40, (0,))[0][1]
    found = paired({0: {"all": 1, "apart": 2}, 1: {"all": 3}})
    plan = affinity_study.planned_groups(config, found, [(2, 0), (1,), (0, 1, 2)])
    # One task alone is what is trained apart, and all three are there already.
    assert [role for role, _ in plan] == [("0+2", 0, 0), ("apart", 0, 1), ("0+2", 0, 1)]
    assert plan[0][1].probes.affinity_every == plan[0][1].probes.gram_every == 0
    again = affinity_study.relatives(config, [(7, plan[0][1])], [(0, 2)])
    assert again.runs == {("0+2", 0): 7}


def test_a_group_is_trained_on_the_sentences_that_all_tasks_are_trained_on():
    # The second task's development split is the first one's training split.
    sizes = {"a": {"size": 60}, "b": {"size": 20}, "c": {"size": 60, "seed": 1}}
    tasks = [TaskConfig(name=name, options={"dev_size": 40, **options}, train_examples=10)
             for name, options in sizes.items()]  # fmt: skip
    config = affinity_study.planned(tasks, 40, (0,))[0][1].changed_at("data.drop_leaked", True)
    study = affinity_study.study_of(config, [(0, 2)])
    runs = study.runs(config, (0,), lambda way, seed: str(way))
    first = {
        way: load_tasks(runs[way, 0].data, np.random.default_rng(0))[0].splits["train"].first
        for way in ("all", "apart", "0+2")
    }
    assert first["all"] == first["apart"] == first["0+2"]
    found = affinity_study.relatives(config, enumerate(runs.values()), [(0, 2)])
    assert found.runs.keys() == runs.keys()


def test_groups_are_scored_by_hand():
    results = {1: result(0.5, 0.6, 0.7), 2: result(0.9, 0.8), 11: result(0.5, 0.6, 0.7)}
    found = paired({0: {"apart": 1, "0+2": 2}, 1: {"apart": 11}})
    groups = [(2, 0), (1,)]
    scores = affinity_study.grouping_scores(found, groups, results.get)
    assert scores == {0: pytest.approx((0.9 + 0.6 + 0.8) / 3)}  # Of the other seed one is missing.
    first, second = affinity_study.measured_in_groups(found, groups, results.get)
    assert (first.task, first.company, second.task, second.company) == (2, (0,), 0, (2,))
    assert (first.seeds, second.seeds) == ({0: pytest.approx(10)}, {0: pytest.approx(40)})


def test_measured_transfer_worked_by_hand():
    # Task 1 scores 0.5 and 0.6 apart, with task 0 0.6 and 0.8: +10 and +20 points.
    results = {1: result(0.9, 0.5, 0.1), 2: result(0.9, 0.6), 11: result(0.8, 0.6, 0.1),
               12: result(0.9, 0.8)}  # fmt: skip
    found = paired({0: {"apart": 1, "0+1": 2}, 1: {"apart": 11, "0+1": 12}})
    onto = {(each.company, each.task): each.found
            for each in affinity_study.measured_transfer(found, results.get, 3)}  # fmt: skip
    assert set(onto) == {((1,), 0), ((0,), 1)}
    assert onto[(0,), 1].mean == pytest.approx(15)
    assert onto[(1,), 0].mean == pytest.approx(5)
    assert onto[(1,), 0].seeds == 2


def test_without_pairs_all_tasks_together_are_measured():
    results = {1: result(0.9, 0.5, 0.1), 2: result(0.8, 0.7, 0.1)}
    found = paired({0: {"apart": 1, "all": 2}})
    measured = affinity_study.measured_transfer(found, results.get, 3)
    assert [each.company for each in measured] == [(1, 2), (0, 2), (0, 1)]
    assert [each.found.mean for each in measured] == pytest.approx([-10, 20, 0])
    assert affinity_study.measured_transfer(paired({}), results.get, 3) == []


def test_affinities_are_read_from_the_runs_that_have_them(store):
    config = RunConfig(name="a", data={"tasks": [task.model_dump() for task in TASKS[:2]]})
    without = stored(store, config, (0.5, 0.5))
    held = lease(store, store.create_run(config))
    held.plan(20, ["accuracy"] * 2)
    for update in (0, 10):
        values = np.full((2, 2), update / 100)
        held.append([AffinityRecord(update, values, 0.1, 0.01)])
    held.finish("finished")
    assert affinity_study.runs_with_affinity(store) == {held.run}
    updates, values = affinity_study.affinities(store, held.run)
    assert updates.tolist() == [0, 10]
    np.testing.assert_allclose(values[:, 0, 1], [0, 0.1])
    assert len(affinity_study.affinities(store, without)[0]) == 0


def test_a_visitor_has_so_many_studies_going_on_and_another_has_her_own(quiet, monkeypatch):
    monkeypatch.setenv(LIMITS, '{"studies": 1}')
    begun = stored_study.begin_study(quiet, "capacity", "one", plan((4,), (0,)), "ann")
    with pytest.raises(ConfigError, match="At most 1 studies of yours may go on, and 1 do"):
        stored_study.begin_study(quiet, "capacity", "two", plan((4,), (1,)), "ann")
    stored_study.begin_study(quiet, "capacity", "hers", plan((4,), (2,)), "bob")
    stored_study.stop_study(quiet, begun)
    stored_study.begin_study(quiet, "capacity", "two", plan((4,), (3,)), "ann")


def test_a_forgotten_sweep_needs_nobody_that_acts_for_it(store):
    study = stored_study.new_study(store, "sweep", "one", {})
    mark(store, study.id, 3)
    assert steered(store) == {study.id: 3}
    stored_study.forget_study(store, study)
    assert steered(store) == {}
