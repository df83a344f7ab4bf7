"""What the ready-made runs are made to show, held to what they do."""

import numpy as np
import pytest
import torch

from mtlviz.engine.presets import PRESETS, lesson_of, preset
from mtlviz.engine.train import train


@pytest.fixture
def one_thread():
    """Threads that wait for each other are slow where other tests want the cores as well."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_the_default_run_learns_every_task_shows_a_conflict_and_pays_for_it(one_thread):
    config = preset("default").changed_at("device", "cpu")
    found = list(train(config))
    scores = [record.scores for record in found if record.kind == "evaluation"]
    reviews, letters, topics, similarity = scores[-1]
    assert reviews > 0.95
    assert topics > 0.95
    # Majority 0.49; alone 0.72. Alone, similarity reaches 0.82: it pays, and yet learns.
    assert letters > 0.8
    assert 0.3 < similarity < 0.6
    assert similarity > min(s[3] for s in scores)
    grams = [record.gram for record in found if record.kind == "step"]
    apart = np.mean([gram[0, 3] < 0 for gram in grams])
    together = np.mean([gram[0, 1] > 0 for gram in grams])
    assert min(apart, together) > 0.6


def test_a_lesson_belongs_to_the_tasks_whatever_the_method():
    planted = lesson_of(preset("default").changed_at("optimisation.combiner", "pcgrad"))
    assert planted.startswith("Planted: letters asks what reviews asks")
    assert not lesson_of(preset("default").changed_at("data.tasks.1.options.size", 41))
    assert [name for name in PRESETS if lesson_of(preset(name))] == ["default", "families"]
