"""What only a GPU can show: an update waits for it once, and trains as on the CPU."""

import numpy as np
import pytest
import torch

from mtlviz.engine import update_measures
from mtlviz.engine.device import read_together
from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.engine.step import make_update
from mtlviz.engine.train import records, start, train
from tests.engine.test_train import config

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
NO_PROBES = {"gram_every": 0, "planes_every": 0}


def on_gpu(encoder="transformer", **settings):
    capacity = {"encoder": encoder, "depth": 2, "attention_heads": 2, "width": 32, "dropout": 0.0}
    return config(3, capacity=capacity, **settings).changed_at("device", "cuda")


@pytest.fixture
def allowed_reads(monkeypatch):
    """Torch refuses to wait for the GPU but where an update reads; how often it has."""
    found = []

    def read(parts):
        found.append(set(parts))
        torch.cuda.set_sync_debug_mode("default")
        try:
            return read_together(parts)
        finally:
            torch.cuda.set_sync_debug_mode("error")

    monkeypatch.setattr(update_measures, "read_together", read)
    yield found
    torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("encoder", ["mean", "cnn", "lstm", "transformer"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    "settings", [{"probes": NO_PROBES}, {"combiner": "pcgrad", "gradient_precision": "bfloat16"}]
)
def test_an_update_waits_for_the_gpu_once(encoder, precision, settings, allowed_reads):
    training = start(on_gpu(encoder, precision=precision, **settings))
    # The first update makes handles, workspaces and the optimiser's state.
    make_update(training)
    allowed_reads.clear()
    torch.cuda.set_sync_debug_mode("error")
    training.progress.update += 1
    make_update(training)
    assert len(allowed_reads) == 1


@pytest.mark.parametrize("encoder", ["mean", "cnn", "lstm", "transformer"])
def test_a_run_goes_as_on_the_cpu_but_for_rounding(encoder):
    chosen = on_gpu(encoder, combiner="pcgrad", max_updates=4, probes={"evaluate_every": 2})
    (here, scored), (there, scores) = (
        (
            np.array([r.losses for r in found if isinstance(r, StepRecord)]),
            np.array([r.losses for r in found if isinstance(r, EvalRecord)]),
        )
        for found in (list(train(chosen.changed_at("device", name))) for name in ("cpu", "cuda"))
    )
    np.testing.assert_allclose(there, here, rtol=1e-3)
    np.testing.assert_allclose(scores, scored, rtol=1e-3)


@pytest.mark.parametrize("combiner", ["sum", "pcgrad"])
def test_a_run_in_bfloat16_learns_on_the_gpu(combiner):
    chosen = on_gpu(combiner=combiner, precision="bfloat16", epochs=8)
    losses = [r.losses for r in records(start(chosen)) if isinstance(r, StepRecord)]
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
