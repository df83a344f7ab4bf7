"""Words that many pages say."""

from dataclasses import replace

import numpy as np
import pytest

from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord
from mtlviz.ui.core import run_words
from mtlviz.ui.core.config_words import one_line
from mtlviz.ui.core.run_words import numbered
from mtlviz.ui.core.words import counted, listed_first


@pytest.mark.parametrize(
    ("number", "thing", "said"),
    [(1, "update", "1 update"), (250, "update", "250 updates"), (1, "family", "1 family"),
     (4, "family", "4 families"), (2, "way", "2 ways"), (2, "class", "2 classes"),
     (0, "search", "0 searches"), (12_345, "painted point", "12\u2009345 painted points")],
)  # fmt: skip
def test_a_number_of_things_has_its_plural(number, thing, said):
    assert counted(number, thing) == said


def test_of_many_names_the_first_are_said_and_the_others_counted():
    assert listed_first(["a", "b", "c", "d"]) == "a, b, c and d"
    assert listed_first([*"abcdefg"]) == "a, b, c and 4 more"


def test_a_run_in_a_line_says_what_methods_are_called_and_one_epoch_is_one():
    start = preset("default")
    assert "hard sharing; joint fill up, equal, sum; 50 epochs, seed 0." in one_line(start)
    changed = start.with_values({
        "capacity.sharing": "lora", "optimisation.combiner": "pcgrad_libmtl",
        "optimisation.weighting": "dwa", "optimisation.epochs": 1,
    })  # fmt: skip
    told = "sharing by LoRA; joint fill up, DWA, PCGrad (LibMTL); 1 epoch, seed 0."
    assert told in one_line(changed)


def test_of_many_tasks_the_lowest_and_the_highest_score_are_told():
    scores = np.linspace(0.6, 0.9, 14)
    scores[:] = scores[np.random.default_rng(0).permutation(14)]
    errors, losses, floors = (np.full(14, value) for value in (0.01, 1.0, 0.5))
    record = EvalRecord(8, 1, scores, errors, losses, [{}] * 14, floors, True, 0.1)
    told = run_words.learned([record], [f"t{n}" for n in range(14)])
    low, high = int(scores.argmin()), int(scores.argmax())
    assert told.startswith(
        f"Better than guessing: 14 tasks, from **t{low}** 0.600 ± 0.010 (guessing 0.500) to "
        f"**t{high}** 0.900 ± 0.010 (guessing 0.500). These are"
    )


def test_of_many_tasks_one_without_a_score_is_at_neither_end():
    scores = np.linspace(0.49, 0.51, 14)
    scores[3] = np.nan
    errors, losses, floors = (np.full(14, value) for value in (0.1, 1.0, 0.5))
    record = EvalRecord(8, 1, scores, errors, losses, [{}] * 14, floors, True, 0.1)
    names = [f"t{n}" for n in range(14)]
    told = run_words.learned([record], names)
    assert "guessing: 14 tasks, from **t0** 0.490" in told
    assert "to **t13** 0.510" in told
    missing = replace(record, scores=np.full(14, np.nan))
    assert "guessing: 14 tasks. These" in run_words.learned([missing], names)


def test_of_many_runs_the_numbers_are_said_in_ranges():
    assert numbered([3]) == "run 3"
    assert numbered([3, 4, 7]) == "runs 3, 4 and 7"
    assert numbered([12, 11, 10, 3, 2, 1]) == "runs 1–3, 10–12"
