"""An update looks at the device's numbers once: every look makes a GPU wait for the host.

The tests run on torch's "meta" device, whose tensors have shapes and no numbers: any look at one
of them raises, and so does an operation that mixes them with numbers of the CPU.
"""

import numpy as np
import pytest
import torch

from mtlviz.engine import passes, training, update_measures
from mtlviz.engine.device import read_together
from mtlviz.engine.step import make_update
from mtlviz.engine.train import start
from tests.engine.test_train import config

NO_PROBES = {"gram_every": 0, "planes_every": 0}
ENCODERS = ("mean", "cnn", "lstm", "transformer")


@pytest.fixture
def reads(monkeypatch):
    """Runs that are started live on the meta device; what is read of it, one entry a look."""
    found = []

    def invented(parts):
        found.append(set(parts))
        return {
            name: np.eye(*part.shape) if name == "gram" else np.full(part.shape, 0.5)
            for name, part in parts.items()
        }

    monkeypatch.setattr(training, "resolve_device", lambda *_: torch.device("meta"))
    for module in (update_measures, passes):
        monkeypatch.setattr(module, "read_together", invented)
    return found


def small(encoder, **settings):
    capacity = {"encoder": encoder, "depth": 2, "attention_heads": 2, "width": 8}
    return config(3, capacity=capacity, **settings)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("probes", [NO_PROBES, {}])
def test_a_plain_update_reads_once(encoder, probes, reads):
    step = make_update(start(small(encoder, probes=probes, accumulate=2)))
    assert len(reads) == 1
    assert step.losses.tolist() == [0.5, 0.5, 0.5]
    assert step.tokens > 0


@pytest.mark.parametrize("combiner", ["pcgrad", "cagrad", "mgda"])
def test_gradient_surgery_reads_once_what_it_needs_and_what_is_recorded(combiner, reads):
    step = make_update(start(small("transformer", combiner=combiner, weighting="dwa")))
    (read,) = reads
    assert {"losses", "gram", "own", "plane: two parameters"} <= read
    assert (step.gram == np.eye(3)).all()
    assert set(step.planes) == {"two parameters", "random directions"}


@pytest.mark.parametrize("probes", [NO_PROBES, {}])
def test_encoders_of_single_tasks_are_clipped_by_lengths_read_with_the_rest(probes, reads):
    capacity = {"encoder": "mean", "width": 8, "sharing": "separate"}
    step = make_update(start(config(3, capacity=capacity, probes=probes, clip_norm=0.25)))
    assert len(reads) == 1
    assert step.clipping == 0.5


def test_a_weighting_that_wants_the_losses_after_the_update_reads_once_more(reads):
    make_update(start(small("mean", weighting="famo", accumulate=2)))
    assert reads[1:] == [{"losses"}]


def test_what_is_read_together_comes_back_in_its_shapes_and_keeps_every_float32():
    parts = {
        "a": torch.tensor([[0.1, 1e-40], [3.0, float("inf")]]),
        "none": torch.zeros(0),
        "b": torch.tensor(1 / 3, dtype=torch.float64, requires_grad=True),
    }
    read = read_together(parts)
    assert read["a"].tolist() == parts["a"].double().tolist()
    assert read["none"].shape == (0,)
    assert read["b"].shape == ()
    assert float(read["b"]) == 1 / 3
    assert read_together({}) == {}
