"""The page of a run in phases: switches in every curve, forgetting and recovery in words."""

import numpy as np

from mtlviz.engine.records import PhaseRecord
from mtlviz.figures.switches import with_switches
from tests.ui.harness import charts, payloads, said
from tests.ui.test_run import evaluation, opened, recorded, step

ALL = np.arange(4)


def phase(update, number, due, fresh=(), reset=False):
    return PhaseRecord(update, number, np.isin(ALL, due), np.isin(ALL, fresh), reset, 100)


def phased(store, last=0.88, **run):
    """Reviews alone, then the others, then reviews again with a fresh head."""
    records = [phase(0, 0, [0])]
    records += [step(update, due=(0,)) for update in range(10)]
    records += [evaluation(10, 0.9), phase(10, 1, [1, 2, 3], reset=True)]
    records += [step(update, due=(1, 2, 3)) for update in range(10, 20)]
    records += [evaluation(20, 0.5, best=False), phase(20, 2, [0], fresh=[0])]
    records += [step(update, due=(0,)) for update in range(20, 30)]
    records += [evaluation(25, 0.7, best=False), evaluation(30, last, best=False)]
    return recorded(store, records, **run)


def test_every_curve_has_the_switches_with_their_names(store):
    phased(store)
    app = opened()
    figures = [each["figure"] for each in payloads(app, "mtlviz.chart") if "figure" in each]
    curves = [figure for figure in figures if figure["layout"].get("annotations")]
    assert len(curves) >= 3
    for figure in curves:
        texts = [each["text"] for each in figure["layout"]["annotations"]]
        assert texts == ["reviews", "letters + topics + similarity"[:23] + "…", "reviews"]
        lines = [each for each in figure["layout"]["shapes"] if each["line"]["dash"] == "dash"]
        assert [each["x0"] for each in lines] == [10, 20]


def test_forgetting_and_recovery_are_said_with_their_numbers(store):
    phased(store)
    app = opened()
    assert said(app, "| 1 · reviews | 0 to 10 | **0.900 ± 0.010** |")
    assert said(app, "2 · letters + topics + similarity (new optimiser)")
    assert said(app, "3 · reviews (fresh head of reviews) | 20 to 30 | **0.880 ± 0.010** |")
    assert said(app, "**reviews** forgot 40.0 ± 1.4 points while letters + topics + similarity")
    assert said(app, "had 95% of its earlier 0.900 again at the score after 10 updates.")
    assert said(app, "**letters** while reviews trained (phase 3): −0.0 ± 2.8 points, which cannot")


def test_the_matrix_shows_every_task_after_every_phase_and_what_is_read_from_it(store):
    phased(store)
    app = opened()
    shown = [each["figure"] for each in payloads(app, "mtlviz.chart") if "figure" in each]
    maps = [each["data"][0] for each in shown if each["data"][0]["type"] == "heatmap"]
    found = next(each for each in maps if each["y"][0] == "1 · reviews")
    assert found["text"][0][0] == "[90.0]"
    assert "▼ −40.0" in found["text"][1][0]
    assert said(app, "**average** at the end (ACC)")


def test_a_score_that_never_comes_back_is_said_and_a_missing_one_is_missing(store):
    phased(store, last=0.8)
    assert said(opened(), "did not reach 95% of its earlier 0.900 within 10 updates.")
    records = [phase(0, 0, [0]), step(0), phase(1, 1, [1, 2, 3]), step(1)]
    recorded(store, records)
    app = opened()
    assert said(app, "**reviews**: no score at both ends while letters")
    assert said(app, "| 1 · reviews | 0 to 1 | – | – | – | – |")


def test_a_run_without_phases_says_nothing_of_them(store):
    recorded(store, [*(step(update) for update in range(30)), evaluation(30)])
    app = opened()
    assert not said(app, "forgetting and recovery")
    assert charts(app)


def test_a_long_name_is_cut_and_a_figure_keeps_its_own_marks():
    figure = {"data": [], "layout": {"shapes": [{"type": "line"}]}}
    made = with_switches(figure, [0, 5], ["a" * 40, "<b>"])
    first, second = (each["text"] for each in made["layout"]["annotations"])
    assert len(first) == 24
    assert "<b>" not in second
    assert len(made["layout"]["shapes"]) == 2
    assert figure["layout"] == {"shapes": [{"type": "line"}]}
