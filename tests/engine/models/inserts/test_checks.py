"""What inserts cannot do is refused in one sentence before a run is stored."""

import pytest

from mtlviz.engine.choices import check_capacity
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.sizes import model_size
from mtlviz.engine.train import start
from mtlviz.errors import ConfigError
from tests.engine import test_train
from tests.engine.models.inserts.test_isolation import config
from tests.engine.models.inserts.test_training import _update, state


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"capacity.frozen": True}, "`capacity.frozen` trains heads only"),
        ({"optimisation.compile": True}, "leave `optimisation.compile` off"),
        ({"capacity.sharing": "pals", "capacity.sharing_options": {"width": 10}}, "multiple of"),
    ],
)
def test_settings_that_contradict_inserts_are_refused(values, words):
    with pytest.raises(ConfigError, match=words):
        check_capacity(config("lora").with_values(values))


@pytest.mark.parametrize(
    ("encoder", "sharing", "words"),
    [
        (
            "lstm",
            "bitfit",
            "it trains biases, and torch computes those of an LSTM in one piece with its weights",
        ),
        ("lstm", "lora", "it changes linear maps, and there is none"),
        ("cnn", "parallel", "beside a feed-forward part or a linear map, and there is none"),
        ("mean", "prefix", "its keys and values are for attention, and there is none"),
        ("cnn", "pals", "beside layers of a transformer, and there are none"),
    ],
)
def test_an_encoder_without_a_place_for_them_is_refused_by_check_and_estimate(
    encoder, sharing, words
):
    plain = test_train.config()
    run = plain.with_values({"capacity.encoder": encoder, "capacity.sharing": sharing})
    for asked in (lambda: check_capacity(run), lambda: model_size(run, data_facts(run.data))):
        with pytest.raises(ConfigError, match=rf"^\S.* cannot be put into .*: .*{words}\.$"):
            asked()


def test_phases_leave_a_kept_encoder_kept_and_let_inserts_train():
    phases = [{"share": 0.5}, {"share": 0.5, "frozen": True}, {"share": 0.5}]
    values = {"optimisation.phases": phases, "optimisation.max_updates": 6}
    training = start(config("shared_private").with_values(values))
    before = state(training)
    for _ in range(training.total):
        _update(training)
    after = state(training)
    kept = [name for name in before if name.startswith("sharing.encoder.")]
    assert all((after[name] == before[name]).all() for name in kept)
    assert (after["sharing.common.0_sum.up"] != before["sharing.common.0_sum.up"]).any()
