"""The Studio's phases: rows, strip, text and link say the same, and tasks taken out leave them."""

import numpy as np

from mtlviz.figures.phase_strip import phase_strip
from mtlviz.figures.theme import task_look
from tests.ui.harness import payloads, put, said
from tests.ui.test_studio import errors, opened, settings, studio  # noqa: F401

TEXT = "studio.optimisation.phases"


def phases(app):
    found = settings(app).optimisation.phases
    return [(each.tasks, each.share) for each in found]


def strip(app):
    return next(
        each["figure"]
        for each in payloads(app, "mtlviz.chart")
        if each["figure"]["layout"].get("uirevision") == "phases"
    )


def test_a_run_is_split_grows_shrinks_and_is_whole_again(studio):  # noqa: F811
    others = ("letters", "topics", "similarity")
    studio.button(key="studio.phases.add").click().run()
    assert phases(studio) == [(("reviews",), 0.5), (others, 1.0), (("reviews",), 0.5)]
    assert studio.text_input(key=TEXT).value == (
        "reviews share=0.5 > letters+topics+similarity > reviews share=0.5"
    )
    assert studio.selectbox(key="studio.continual.method").value == "sequential"
    assert not studio.button(key="studio.start").disabled
    assert len(strip(studio)["layout"]["shapes"]) == 2
    studio.button(key="studio.phases.add").click().run()
    assert len(phases(studio)) == 4
    studio.button(key="studio.optimisation.phases.3.remove").click().run()
    assert len(phases(studio)) == 3
    studio.button(key="studio.phases.none").click().run()
    assert phases(studio) == []
    assert studio.text_input(key=TEXT).value == ""


def test_a_fold_keeps_its_title_so_that_the_browser_keeps_it_open(studio):  # noqa: F811
    folds = [each.label for each in studio.expander]
    studio.button(key="studio.phases.add").click().run()
    assert [each.label for each in studio.expander][: len(folds)] == folds
    assert not said(studio, "This run has 3 phases.")
    put(studio, "fold.studio.phases", False)
    assert said(studio.run(), "This run has 3 phases.")


def test_a_method_against_forgetting_without_phases_is_said_to_do_nothing(studio):  # noqa: F811
    studio.button(key="studio.phases.add").click().run()
    studio.selectbox(key="studio.continual.method").set_value("ewc").run()
    assert not any("does nothing here" in each.value for each in studio.info)
    studio.button(key="studio.phases.none").click().run()
    assert any("does nothing here" in each.value for each in studio.info)


def test_rows_change_what_they_show(studio):  # noqa: F811
    studio.button(key="studio.phases.add").click().run()
    studio.number_input(key=f"{TEXT}.0.share").set_value(0.25).run()
    studio.selectbox(key=f"{TEXT}.1.combiner").set_value("cagrad").run()
    studio.selectbox(key=f"{TEXT}.2.heads").set_value("fresh").run()
    studio.selectbox(key=f"{TEXT}.2.optimiser").set_value("reset").run()
    studio.number_input(key=f"{TEXT}.1.combiner_options.c").set_value(0.3).run()
    first, second, third = settings(studio).optimisation.phases
    assert first.share == 0.25
    assert (second.combiner, second.combiner_options) == ("cagrad", {"c": 0.3})
    assert (third.heads, third.optimiser) == ("fresh", "reset")
    studio.selectbox(key=f"{TEXT}.1.combiner").set_value("").run()
    assert settings(studio).optimisation.phases[1].combiner_options == {}
    assert said(studio, "3 phases")
    assert said(studio, "reviews for 0.5 of the epochs (fresh heads and a new optimiser)")


def test_the_text_of_all_phases_is_read_or_answered(studio):  # noqa: F811
    studio.text_input(key=TEXT).set_value("reviews > all share=0.5").run()
    assert phases(studio) == [(("reviews",), 1.0), ((), 0.5)]
    studio.text_input(key=TEXT).set_value("reviews >> all").run()
    assert ["nothing between two switches" in error for error in errors(studio)] == [True]
    assert len(phases(studio)) == 2


def test_a_task_that_leaves_the_run_leaves_its_phases(studio):  # noqa: F811
    studio.text_input(key=TEXT).set_value(
        "reviews > letters frozen_heads=reviews > topics+similarity > all"
    ).run()
    studio.pills(key="studio.tasks").set_value(["letters", "topics", "similarity"]).run()
    assert phases(studio) == [(("letters",), 1.0), (("topics", "similarity"), 1.0), ((), 1.0)]
    assert settings(studio).optimisation.phases[0].frozen_heads == ()
    assert not studio.button(key="studio.start").disabled


def test_choosing_the_scheduler_of_this_name_gives_each_task_a_phase(studio):  # noqa: F811
    studio.selectbox(key="studio.optimisation.scheduler").set_value("phases").run()
    assert [tasks for tasks, _ in phases(studio)] == [
        ("reviews",), ("letters",), ("topics",), ("similarity",),
    ]  # fmt: skip


def test_the_strip_has_a_bar_where_a_task_trains():
    due = np.zeros((6, 2), bool)
    due[:2, 0], due[2:5, 1], due[5, :] = True, True, True
    figure = phase_strip([0, 2, 5], due, ["a", "b"], ["one", "two", "three"])
    assert [(bar["base"], bar["x"]) for bar in figure["data"]] == [
        ([0, 5], [2, 1]),
        ([2, 5], [3, 1]),
    ]
    assert [bar["marker"]["color"] for bar in figure["data"]] == [
        task_look(t).color for t in (0, 1)
    ]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [2, 5]
