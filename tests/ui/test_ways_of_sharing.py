"""The Capacity lab's view of ways of sharing, from its first screen to a finished study."""

from functools import partial

import numpy as np
import pytest

from mtlviz.engine.tasks import default_tasks
from mtlviz.runs import sharing_study, stored_study
from mtlviz.ui.pages.capacity.sharing import described, verdicts
from tests.ui import harness
from tests.ui.harness import charts, said, text
from tests.ui.test_capacity_lab import finish

pytestmark = pytest.mark.usefixtures("store")
opened = partial(harness.opened, "capacity_lab", cap_view="sharing")


def study(store, finished=True):
    """Two tasks, three seeds; hard sharing is better by 10 points, experts worse by 10."""
    config = sharing_study.base(default_tasks()[:2], 2, None)
    plan = sharing_study.planned(config, ("hard", "mmoe"), 2, range(3))
    begun = stored_study.begin_study(store, sharing_study.KIND, "two ways", plan)
    gains = {"separate": 0.0, "hard": 0.1, "mmoe": -0.1}
    for (way, rate, seed), run in begun.runs.items() if finished else ():
        noise = 0.004 * ((seed + len(way)) % 3)
        finish(store, run, np.array([0.5, 0.6]) + gains[way] - 0.2 * rate + noise)
    return begun


def test_before_a_study_the_page_says_what_the_first_one_is_made_of():
    app = opened(cap_ways_seeds="2", cap_ways_ways="hard,mmoe")
    assert said(app, "**18 runs**: every task alone and 2 ways of sharing 4 tasks, each at 3 step")
    assert not app.error


def test_one_click_queues_the_study_and_shows_it(store):
    app = opened(cap_ways_seeds="1", cap_ways_rates="1", cap_ways_ways="hard")
    app.button(key="capacity.ways.start").click().run()
    assert not app.exception
    assert len(store.runs()) == 2
    assert said(app, "The picture appears when the first runs alone and together are finished")


def test_a_finished_study_says_what_helps_what_hurts_and_what_was_searched(store):
    study(store)
    app = opened()
    assert charts(app) == 2
    assert said(app, "**hard** against each task alone, mean over tasks: +1")
    assert said(app, "Of 2 ways 1 help, 1 hurt, 0 cannot be told apart from alone")
    assert said(app, "Search budget: 2 step sizes a way")
    (table,) = [each.value for each in app.dataframe if "way" in each.value]
    assert table["step sizes chosen"].tolist() == ["0.01"] * 3
    assert (table["stored"] > 0).all()
    assert "stores less than alone from" in text(app)


def test_a_study_that_is_not_there_is_said_and_the_newest_shown(store):
    study(store, finished=False)
    assert said(opened(cap_ways="9"), "There is no study of ways 9 here")


def test_a_way_that_is_unknown_is_one_sentence():
    assert "each must be a way of sharing, not 'telepathy'" in " ".join(
        each.value for each in opened(cap_ways_ways="telepathy").warning
    )


def test_without_a_difference_nothing_is_claimed():
    assert verdicts({}) == []
    assert described({"a": []}, "stored").startswith("Points over the task alone")
