"""A new task for a trained model: what trains in each way, and what is read of the runs."""

import math

import numpy as np

from mtlviz.engine.records import EvalRecord, PhaseRecord
from mtlviz.engine.tasks import default_tasks
from mtlviz.engine.train import train
from mtlviz.runs import sharing_study
from mtlviz.runs.adding_study import KEEPING, Ending, added, ending, planned


def trained(way):
    base = sharing_study.base(default_tasks(), 1, None)
    records = list(train(dict(planned(base, (0,)))[way, 0]))
    evaluations = [record for record in records if isinstance(record, EvalRecord)]
    return evaluations, [record for record in records if isinstance(record, PhaseRecord)]


def test_with_the_encoder_kept_the_old_tasks_lose_exactly_nothing_and_the_new_one_learns():
    for way in KEEPING:
        evaluations, phases = trained(way)
        assert ending(evaluations, phases).lost == 0.0
        assert phases[1].due.tolist() == [False, False, False, True]
    number = {way: trained(way)[1][1].trained for way in ("insert", "head", "embedding")}
    assert number["insert"] > number["head"]
    # The task's vector of the hypernetwork, and nothing else beside the head.
    assert number["embedding"] == number["head"] + 64


def test_with_everything_free_the_old_tasks_change():
    evaluations, phases = trained("everything")
    assert ending(evaluations, phases).lost != 0.0


def test_all_from_the_start_has_no_phases():
    evaluations, phases = trained("together")
    assert math.isnan(ending(evaluations, phases).lost)


def evaluation(update, *scores):
    scores = np.array(scores)
    return EvalRecord(update, 0, scores, scores, scores, [{}] * len(scores), scores, True, 0.1)


def phase(update, number):
    return PhaseRecord(update, number, np.ones(3, bool), np.zeros(3, bool), False, 1)


def test_what_the_old_tasks_lose_is_counted_from_the_switch_worked_by_hand():
    scores = [evaluation(5, 0.2, 0.2, 0.0), evaluation(10, 0.6, 0.8, 0.1),
              evaluation(15, 0.5, 0.6, 0.7)]  # fmt: skip
    found = ending(scores, [phase(0, 0), phase(10, 1)])
    assert (found.new, round(found.lost, 6)) == (0.7, -0.15)
    assert ending([], []) is None


def test_differences_are_paired_over_seeds_in_points():
    roles = {(way, seed): 10 * seed + place for seed in (0, 1)
             for place, way in enumerate(("head", "insert", "everything", "together"))}  # fmt: skip
    nan = math.nan
    endings = {0: Ending(0.5, 0.0), 10: Ending(0.6, 0.0), 2: Ending(0.9, -0.2),
               3: Ending(0.7, nan), 13: Ending(0.6, nan)}  # fmt: skip
    found = added(roles, endings)
    assert round(found["head"].new.mean, 6) == -10.0
    assert (found["head"].lost.mean, found["head"].lost.seeds) == (0.0, 2)
    assert (round(found["everything"].new.mean, 6), round(found["everything"].lost.mean, 6)) == (
        20.0,
        -20.0,
    )
    assert found["insert"].new is None
    assert [way for way, each in found.items() if not each.keeping] == ["everything"]
