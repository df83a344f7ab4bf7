"""The Run page: in which layers tasks pull apart, and the run that puts a split to the test."""

import dataclasses
from functools import partial

import numpy as np

from tests.ui import harness
from tests.ui.harness import payloads, said
from tests.ui.test_run import GRADIENTS, recorded, step

opened = partial(harness.opened, "run")


def layered(update):
    """The first layer is pulled apart by tasks 1 and 2, the embedding by nobody; none beside it."""
    gram = GRADIENTS @ GRADIENTS.T
    apart = np.where(np.eye(4, dtype=bool), gram, -np.abs(gram) - 0.1)
    layers = np.stack([np.abs(gram) + 0.01, apart, np.full((4, 4), np.nan)])
    return dataclasses.replace(step(update), layers=layers)


def test_the_layer_that_tasks_pull_apart_is_named_and_one_click_trains_it_split(store):
    run = recorded(store, [layered(update) for update in range(30)])
    app = opened()
    assert said(app, "Tasks pull apart more often than not in layer 1, most often in **layer 1** (")
    assert said(app, "Split layer 1, share the rest.")
    app.button(key=f"run.split.{run}").click()
    app.run()
    assert not app.exception
    (new,) = [each for each in store.runs() if each.id != run]
    before, after = store.config(run), store.config(new.id)
    assert (after.capacity.sharing, after.capacity.sharing_options) == ("recon", {"split": "1"})
    same = after.with_values({"capacity.sharing": "hard", "capacity.sharing_options": {}})
    assert same.model_copy(update={"name": before.name}) == before
    assert said(app, f"Run {new.id} is in the queue")


def test_where_nothing_beyond_chance_speaks_for_a_split_the_offer_says_so(store):
    apart = [layered(update) for update in range(4)]
    turned = [dataclasses.replace(each, layers=each.layers[[1, 0, 2]]) for each in apart[1::2]]
    recorded(store, [apart[0], turned[0], apart[2], turned[1]])
    app = opened()
    assert said(app, "In no layer do conflicts prevail beyond chance")
    assert said(app, "Nothing beyond chance speaks for it; to try it all the same, split")


def test_a_pair_is_chosen_by_the_link_and_a_wrong_one_shows_all(store):
    recorded(store, [layered(update) for update in range(30)])
    alts = [_alt(opened(run_layers=pair)) for pair in ("1,2", "2,1")]
    assert "reviews and letters: lowest in layer 1 (mean −0.74" in alts[0]
    assert "all pairs, averaged: lowest in layer 1" in alts[1]


def _alt(app):
    sent = [each["alt"] for each in payloads(app, "mtlviz.chart") if "by layer" in each["alt"]]
    return sent[0]


def test_a_run_without_records_by_layer_says_why(store):
    recorded(store, [step(update) for update in range(5)])
    assert said(opened(), "Nothing recorded by layer: it is taken every 10 updates")
