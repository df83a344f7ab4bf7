"""Every page that shows runs opens on whatever a run may have left, or not left, behind."""

import pytest

from mtlviz.engine.presets import preset
from mtlviz.runs.lease import lease
from mtlviz.runs.recorded_runs import open_pack, pack_runs
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.run.panels import PANELS
from tests.ui.harness import opened, text
from tests.ui.test_run import NAMES, evaluation, recorded, step
from tests.ui.test_run_phases import phased

STEPS = [step(update) for update in range(3)]


def counted_only(store):
    """The store says that there were updates, and holds none of them."""
    run = recorded(store, [])
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET updates = 30 WHERE id = ?", (run,))
    return run


def of_one_task(store):
    data = preset("default").data
    config = preset("default").changed(data=data.changed(tasks=data.tasks[:1]))
    held = lease(store, store.create_run(config))
    held.plan(30, ["accuracy"])
    held.finish("finished")
    return held.run


def unplanned(store, status):
    """Its process died, or it failed, before it knew how long it would be."""
    held = lease(store, store.create_run(preset("default")))
    if status:
        held.finish(status, None if status == "interrupted" else "No memory.")
    return held.run


def imported(store, run):
    """The same run out of a pack."""
    return open_pack(store, pack_runs(store, [run])).runs[0]


def in_phases_before_the_first_update(store):
    config = preset("default")
    each = [{"tasks": NAMES[:1]}, {"tasks": NAMES[1:]}]
    config = config.changed_at("optimisation.phases", each)
    held = lease(store, store.create_run(config))
    held.plan(30, ["accuracy"] * 4)
    held.finish("stopped")
    return held.run


KINDS = {
    "nothing": lambda store: recorded(store, []),
    "nothing, but counted": counted_only,
    "only scores": lambda store: recorded(store, [evaluation(0), evaluation(30)]),
    "only scores, from a pack": lambda store: imported(store, KINDS["only scores"](store)),
    "nothing, from a pack": lambda store: imported(store, KINDS["nothing"](store)),
    "no scores": lambda store: recorded(store, STEPS),
    "interrupted before its first update": lambda store: unplanned(store, "interrupted"),
    "failed before its first update": lambda store: unplanned(store, "failed"),
    "stopped before its first update": lambda store: recorded(store, [], "stopped"),
    "running, nothing yet": lambda store: unplanned(store, None),
    "waiting": lambda store: store.create_run(preset("default")),
    "one task": of_one_task,
    "phases": phased,
    "phases, from a pack": lambda store: imported(store, phased(store)),
    "stopped before its first phase": in_phases_before_the_first_update,
}
FOLDED = {fold_key(panel): True for panel in PANELS if panel.folded} | {
    "compare.runs_open": True,
    "compare.numbers_open": True,
}
LOOKS = (
    ("studio", {}),
    ("sweep", {}),
    ("covariance_lab", {"cov_view": "similarity", "cov_encoder": "run"}),
    ("covariance_lab", {"cov_view": "alignment"}),
    ("covariance_lab", {"cov_view": "reweighting"}),
    ("capacity_lab", {"cap_view": "width", "cap_measured": "text"}),
    ("capacity_lab", {"cap_view": "affinity", "cap_measured": "text"}),
    ("conflict_lab", {}),
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_run_opens_whatever_it_left(store, kind):
    run = KINDS[kind](store)
    assert text(opened("run", FOLDED, run=str(run)))
    opened("run", FOLDED, run=str(run), run_update="2", run_axis="epoch", run_plane="pair")
    opened("compare", FOLDED, runs=str(run))


@pytest.mark.parametrize(("page", "query"), LOOKS)
def test_a_page_opens_over_runs_of_every_kind(store, page, query):
    for kind in KINDS.values():
        kind(store)
    assert text(opened(page, FOLDED, **query))
