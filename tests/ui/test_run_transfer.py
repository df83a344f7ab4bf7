"""Run tells what training together did to each task, where its single-task baselines exist."""

from mtlviz.engine.config import Budget
from mtlviz.runs import single_task
from tests.runs.compare_runs import settings, stored
from tests.ui.harness import opened, said, text


def test_each_tasks_transfer_is_told_beside_the_run_it_is_measured_against(store):
    together = stored(store, settings(0), (0.8, 0.7), updates=6)
    assert "Against training alone" not in text(opened("run", run=str(together)))
    single = single_task.single_task_run(settings(0), 0, Budget(6, 2, 2))
    alone = stored(store, single, (0.75,), updates=6)
    app = opened("run", run=str(together))
    assert said(app, f"reviews **+5.0** points (run {alone})")
    assert said(app, "one seed: no interval yet, add seeds")
    assert "Against training alone" not in text(opened("run", run=str(alone)))
