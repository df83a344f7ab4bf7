"""Where each task trains parts of its own alone, there is nothing to combine, and that is said."""

import numpy as np
import pytest

from mtlviz.engine.choices import nothing_shared, without_effect
from mtlviz.engine.records import Note, StepRecord
from mtlviz.engine.train import train
from tests.engine import test_train


def config(sharing, **options):
    small = {"capacity.encoder": "transformer", "capacity.width": 8, "capacity.depth": 1}
    plain = test_train.config(max_updates=2, epochs=1)
    names = {"capacity.sharing": sharing, "capacity.sharing_options": options}
    return plain.with_values({**small, "capacity.attention_heads": 2, **names})


@pytest.mark.parametrize(
    ("sharing", "options", "shared"),
    [
        ("lora", {}, False),
        ("lora", {"owner": "all"}, True),
        ("lora", {"variant": "joint"}, True),
        ("pals", {}, True),
        ("shared_private", {}, True),
        ("hypernetwork", {}, True),
    ],
)
def test_a_run_says_that_isolation_is_not_sharing_where_it_is_so(sharing, options, shared):
    run = config(sharing, **options)
    found = list(train(run))
    notes = [each.text for each in found if isinstance(each, Note) and each.topic == "isolation"]
    grams = [each.gram for each in found if isinstance(each, StepRecord)]
    if shared:
        assert nothing_shared(run) == ""
        assert notes == []
        assert all(np.diagonal(gram).min() > 0 for gram in grams)
    else:
        assert notes == [nothing_shared(run)]
        assert "Isolation is not sharing" in notes[0]
        assert grams == [None, None]


@pytest.mark.parametrize("sharing", ["soft", "adapter_fusion"])
def test_where_tasks_help_without_sharing_that_is_said(sharing):
    said = nothing_shared(config(sharing))
    assert "nothing to combine" in said
    assert "help each other in another way" in said
    assert "Isolation" not in said


def test_a_combiner_without_effect_is_named_once():
    separate = config("separate").with_values({"optimisation.combiner": "pcgrad"})
    assert without_effect(separate) == (nothing_shared(separate),)
    assert without_effect(config("separate")) == ()
    # The run's own note says it.
    kept = config("houlsby").with_values({"optimisation.combiner": "pcgrad"})
    assert nothing_shared(kept) not in without_effect(kept)
