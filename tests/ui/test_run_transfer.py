"""Start, Run, Studio and shell tell what training together did, in the same words and numbers."""

from contextlib import redirect_stdout
from io import StringIO

import pytest

from mtlviz import cli
from mtlviz.engine.config import Budget, DataConfig, TaskConfig
from mtlviz.engine.presets import preset
from mtlviz.runs import queue, worker
from mtlviz.runs.plan_runs import begin
from mtlviz.runs.single_task import single_task_run
from mtlviz.runs.store import Store
from mtlviz.ui.core import scored_runs
from mtlviz.ui.core.existing_runs import missing_runs
from mtlviz.ui.core.family_panel import SEEDS
from tests.runs.compare_runs import finish_waiting, settings, stored
from tests.ui.harness import lines, opened, payloads, text, unescaped, widget, widgets

ONE = "Training together changed reviews by +5.0 points (one seed: no interval yet, add seeds)."


@pytest.fixture
def waiting(monkeypatch):
    """Runs wait in the queue and nothing begins."""
    monkeypatch.setattr(queue, "tick", lambda store: [])


def both(seed):
    return settings(seed, optimisation__max_updates=6, probes__evaluate_every=3)


def alone(seed, task=0):
    return single_task_run(both(seed), task, Budget(6, 2, 2))


def plain(app):
    return unescaped(text(app)).replace("**", "")


def shown(store, run):
    """What the shell shows of a run."""
    with redirect_stdout(StringIO()) as out:
        assert cli.main(["runs", "--home", str(store.home), "show", str(run)]) == 0
    return out.getvalue()


def test_one_seed_has_no_interval_yet_and_a_button_adds_seeds(store, waiting):
    together = stored(store, both(0), (0.8, 0.7), data=["same", "other"])
    assert "Training together changed" not in text(opened("run", run=str(together)))
    stored(store, alone(0), (0.75,), data=["same"])
    app = opened("run", run=str(together))
    assert ONE in plain(app)
    assert ONE in shown(store, together)
    widget(app, "family.add").click().run()
    queued = [store.config(run.id) for run in store.runs(("queued",))]
    # Of seed 0 the run and its first task are there; the other task alone is missing.
    assert sorted(config.seed for config in queued if len(config.data.tasks) == 2) == [1, 2, 3, 4]
    assert len(queued) == 4 + 2 * SEEDS - 1
    assert len({run.family for run in store.runs(("queued",))}) == 1


@pytest.mark.parametrize(
    ("scores", "single"),
    [
        ([(0.80, 0.7), (0.82, 0.7), (0.81, 0.7)], [0.75, 0.76, 0.75]),
        ([(0.80, 0.7), (0.7, 0.7)], [0.75, 0.75]),
        ([(0.753, 0.7), (0.754, 0.7)], [0.75, 0.751]),
        ([(0.80, 0.7)], [0.75]),
    ],
)
def test_page_and_shell_say_the_same_of_the_same_runs(store, scores, single):
    for seed, (pair, one) in enumerate(zip(scores, single, strict=True)):
        together = stored(store, both(seed), pair)
        stored(store, alone(seed), (one,))
    told = next(
        line.strip()
        for line in shown(store, together).splitlines()
        if line.startswith(("  Training together", "  What training"))
    )
    assert told in plain(opened("run", run=str(together)))
    assert told in plain(opened("studio", run=str(together)))


def test_a_score_that_stays_as_it_was_is_told_in_one_wording_everywhere(store):
    for seed in range(3):
        together = stored(store, both(seed), (0.8, 0.7 + seed / 100))
        for task, score in enumerate((0.7 + seed / 1000, 0.7 + seed / 100)):
            stored(store, single_task_run(both(seed), task, Budget(6, 2, 2)), (score,))
    told = "left the score of letters exactly as it was."
    assert told in shown(store, together)
    for page in ("run", "studio"):
        assert told in plain(opened(page, run=str(together)))
    compare = opened("compare", runs="1,4,7")
    assert "**helps in 1, hurts in 0**, leaves the score exactly as it was in 1" in text(compare)
    assert ":gray[● exactly as it was] **letters**" in text(compare)
    (matrix,) = (
        each for each in payloads(compare, "mtlviz.chart") if "z" in each["figure"]["data"][0]
    )
    assert matrix["figure"]["data"][0]["text"][0][1] == "● exactly as<br>it was<br><b>0.0</b>"


def test_start_queues_the_default_with_its_seeds_and_tasks_alone_as_one_family(store, waiting):
    app = opened("start", {"guess:skip_all": False})
    assert payloads(app, "mtlviz.film")[0]["beneath"] == "start.experiment"
    widget(app, "start.train").click().run()
    # What was begun takes the question's place.
    assert "The same question of text" not in text(app)
    runs = store.runs()
    assert len(runs) == 5 * SEEDS
    assert len({run.family for run in runs}) == 1
    together = [run for run in runs if len(store.config(run.id).data.tasks) == 4]
    assert {store.config(run.id).seed for run in together} == set(range(SEEDS))
    start = preset("default")
    assert store.config(together[-1].id).model_copy(update={"name": start.name}) == start
    assert any("0 of 25 runs" in line for line in lines(app))
    # Once queued it is not queued again, and the Studio's list has one line for it.
    assert "start.train" not in widgets(opened("start"))
    studio = opened("studio")
    assert sum(": 0 of 25" in line or "· 0 of 25" in line for line in lines(studio)) >= 1
    assert not any("letters alone" in line for line in lines(studio))


def test_a_family_under_way_tells_what_it_has_found_so_far(store, waiting):
    app = opened("start")
    widget(app, "start.train").click().run()
    # The first seed: the run of all tasks, then letters alone.
    first, *others = sorted(store.runs(), key=lambda run: run.id)
    letters = next(run for run in others if run.name.startswith("letters alone"))
    finish_together(store, first.id)
    finish_waiting(store, letters.id, 250)
    told = [line.replace("**", "") for line in lines(opened("start"))]
    assert any("2 of 25 runs, about" in line for line in told)
    assert any(line.startswith("So far: Training together changed letters by") for line in told)


def finish_together(store, run):
    from tests.runs.compare_runs import evaluation, lease, step

    held = lease(store, run)
    held.plan(250, ["accuracy"] * 4)
    scored = [evaluation(update, [0.8] * 4) for update in range(10, 260, 10)]
    held.append([*(step(update, 4) for update in range(250)), *scored])
    held.finish("finished")


def test_a_run_is_renamed_and_noted_on_its_page_and_shown_as_text(store):
    run = stored(store, both(0), (0.8, 0.7))
    app = opened("run", run=str(run))
    widget(app, f"run.{run}.name").set_value("<b>*Mine*</b>").run()
    widget(app, f"run.{run}.note").set_value("Look: **letters** :red[gain]").run()
    assert store.run(run).name == "<b>*Mine*</b>"
    assert "<b>*Mine*</b>" in plain(opened("run", run=str(run)))
    assert "Look: **letters** :red[gain]" in unescaped(text(opened("run", run=str(run))))
    widget(app, f"run.{run}.name").set_value("a\x1bb").run()
    assert "U+001B" in app.error[0].value
    assert store.run(run).name == "<b>*Mine*</b>"


def test_page_and_shell_train_the_same_and_say_the_same(store, tmp_path, capsys):
    """The family that the page begins, and that of `mtlviz train --seeds --with-stl`."""
    tasks = tuple(
        TaskConfig(name=name, options={"size": 32, "dev_size": 16, "asks": asks})
        for name, asks in (("mood", "sentiment"), ("theme", "topic"))
    )
    small = preset("default").model_copy(update={"data": DataConfig(tasks=tasks, batch_size=8)})
    config = small.with_values({"optimisation.epochs": 2, "probes.evaluate_every": 4})
    runs = begin(store, missing_runs(config, 2)), *(run.id for run in store.runs())
    for run in sorted(set(runs)):
        assert worker.work(store, run) == "finished"
    told = scored_runs.family_of(store.run(runs[0])).sentence()
    place = tmp_path / "settings.json"
    place.write_text(config.to_json())
    shell = ["train", "--config", str(place), "--seeds", "2", "--with-stl"]
    assert cli.main([*shell, "--home", str(tmp_path / "shell")]) == 0
    assert told
    assert told in capsys.readouterr().out
    other = Store(tmp_path / "shell")
    scores = [
        {(len(each.config(run.id).data.tasks), each.config(run.id).seed, each.result(run.id).scores)
         for run in each.runs()}
        for each in (store, other)
    ]  # fmt: skip
    assert scores[0] == scores[1]
    other.close()
