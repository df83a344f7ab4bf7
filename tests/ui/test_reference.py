"""The Reference page lists every method, and reads one in full."""

import html
from functools import partial

import pytest

from mtlviz.engine.reference import KIND, REGISTRIES, entries
from tests.ui import harness
from tests.ui.harness import said, widget

opened = partial(harness.opened, "reference")


@pytest.mark.parametrize("noun", [*REGISTRIES, KIND])
def test_every_list_has_all_its_methods(home, noun):
    page = " ".join(str(each.proto.body) for each in opened(ref_list=noun).get("html"))
    for each in entries(noun):
        named = f"</p><p>{each.name}" if each.name != each.title else ""
        assert f">{html.escape(each.title)}{named}<" in page


def test_a_cost_that_most_have_is_told_once(home):
    app = opened(ref_list="combiner")
    usual = "K gradients, each as large as what is shared."
    assert said(app, usual)
    assert usual not in [each.strip() for each in str(app.get("html")[-1].proto.body).split("<p>")]
    app = opened(ref_list="scheduler")
    assert said(app, "Costs, of four tasks with 10, 20, 20 and 50 batches:")
    assert "Of four tasks" not in str(app.get("html")[-1].proto.body)
    app = opened(ref_list="combiner", ref_method="pcgrad_all_orders")
    assert said(app, "the mean of Yu et al.")


def test_a_link_opens_one_in_full_and_another_list_starts_anew(home):
    app = opened(ref_list="sharing", ref_method="lora")
    assert said(app, "LoRA")
    assert said(app, "rank")
    assert said(app, "Hu et al.")
    widget(app, "reference.list").set_value("combiner").run()
    assert not said(app, "Hu et al.")


def test_an_unknown_method_is_said(home):
    assert said(opened(ref_method="none"), "There is no combiner called none")
