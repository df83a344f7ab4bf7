"""The single-task baselines of --with-stl: each task of a run trained alone, and stored."""

import sys
from collections.abc import Iterator

from mtlviz.cli.shell_run import ShellRun
from mtlviz.engine.config import Budget, RunConfig
from mtlviz.errors import DataError
from mtlviz.runs.lease import resume_in_process
from mtlviz.runs.single_task import single_task_run, stored_single_task
from mtlviz.runs.summary import Status
from mtlviz.runs.worker import Pace

Scores = dict[str, tuple[float, float]]


def train_single_tasks(shell: ShellRun, pace: Pace) -> tuple[Scores, int | None]:
    """Train every task of a finished run by itself, with the updates it really had there.

    A baseline that is stored already, from the very same settings and examples, is not trained
    again; one that was stopped goes on.

    Args:
        shell: The finished run.
        pace: How often to save.

    Returns:
        Score and standard error of each task trained alone, and the number of the first of these
        runs that did not finish; None if all did.

    Raises:
        MtlvizError: If one cannot be set up, or the data have changed since the run.
    """
    store, scores = shell.store, {}
    if shell.diverged():
        sys.stderr.write(
            "The run diverged, so no task is trained alone: there is no budget to compare with.\n"
        )
        return scores, None
    for task, config in _configs(shell):
        run, status = _trained(shell, task, config, pace)
        if status != "finished":
            return scores, run
        result = store.result(run)
        if result is not None:
            scores[config.data.tasks[0].name] = (result.scores[0], result.errors[0])
    return scores, None


def _configs(shell: ShellRun) -> Iterator[tuple[int, RunConfig]]:
    """Each task that took part in the run, with the settings of its run alone."""
    training = shell.prepared()
    _check_same_data(shell)
    # As recorded, and so as everybody counts who looks for a baseline.
    taken = shell.store.steps_array(shell.run).due.sum(axis=0)
    scored = shell.store.records(shell.run, kinds=("evaluation",))
    evaluations = sum(record.update > 0 for _, record in scored)
    for number, task in enumerate(training.tasks):
        updates = int(taken[number])
        if not updates:
            sys.stderr.write(f"{task.name} took part in no update, so it is not trained alone.\n")
            continue
        budget = Budget(updates, training.batches_per_epoch(number), evaluations)
        found = single_task_run(training.config, number, budget)
        name = f"{training.config.name} · {task.name} alone"[:120]
        yield number, found.model_copy(update={"name": name})


def _check_same_data(shell: ShellRun) -> None:
    from mtlviz.engine.tasks.digest import digest

    known = shell.store.run(shell.run).fingerprints
    for number, task in enumerate(shell.prepared().tasks):
        if known is not None and digest([task]) != known[number]:
            raise DataError(
                f"The examples of {task.name!r} have changed since run {shell.run} was trained, so "
                "training the task alone now would compare different data."
            )


def _trained(shell: ShellRun, task: int, config: RunConfig, pace: Pace) -> tuple[int, Status]:
    """The number and status of the run that trains a task alone: stored, gone on with, or new."""
    from mtlviz.engine.tasks.digest import digest

    store, chosen = shell.store, shell.prepared().tasks[task]
    stored = stored_single_task(store, config, digest([chosen]))
    if stored is not None and stored.status == "finished":
        sys.stderr.write(f"{config.name}: stored as run {stored.id}.\n")
        return stored.id, "finished"
    if stored is None:
        # Relative paths in its settings are meant from where those of the finished run are.
        with store.in_directory(shell.run):
            run = store.create_run(config, queued=False)
    else:
        run = stored.id
        resume_in_process(store, run)
    return run, ShellRun(store, run, new=stored is None, tasks=(chosen,)).work(pace)
