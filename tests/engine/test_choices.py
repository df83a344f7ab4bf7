"""Every method, option and range of a run is known before the run is stored, or refused."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mtlviz.engine.choices import check_choices, combiner_of, schedule_of, sharing_of
from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.weightings import WEIGHTINGS, make_weighting
from mtlviz.errors import ConfigError
from mtlviz.runs.store import Store

TASK_COUNT = 3
PLACES = {
    "capacity.sharing": SHARING,
    "optimisation.scheduler": SCHEDULERS,
    "optimisation.weighting": WEIGHTINGS,
    "optimisation.combiner": COMBINERS,
}
ANY_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.sampled_from([10**400, -1, 2**63]),
    st.floats(),
    st.text(max_size=6),
    st.lists(st.one_of(st.floats(), st.integers(), st.text(max_size=3)), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def run_config(**values):
    tasks = [{"name": f"task {number}"} for number in range(TASK_COUNT)]
    return RunConfig.from_values({"data": {"tasks": tasks}, **values})


def with_method(place, name, options):
    """Settings with one method and its options; NaN and such are set past JSON's own refusals."""
    config = run_config().changed_at(place, name)
    group, _, kind = place.partition(".")
    part = getattr(config, group).model_copy(update={f"{kind}_options": options})
    return config.model_copy(update={group: part})


@st.composite
def chosen_methods(draw):
    """A place, a method there, and options: its own with any value, or made-up ones."""
    place = draw(st.sampled_from(sorted(PLACES)))
    registry = PLACES[place]
    name = draw(st.sampled_from([*registry, "magic"]))
    known = list(registry[name].defaults) if name in registry else []
    option = st.sampled_from([*known, "colour"]) if known else st.just("colour")
    fitting = {
        each.name: st.sampled_from(each.choices) if each.choices else st.just(each.default)
        for each in (registry[name].options if name in registry else ())
    }
    options = draw(st.dictionaries(option, ANY_VALUE, max_size=2))
    if draw(st.booleans()):
        chosen = {key: draw(value) for key, value in fitting.items()}
        options = {**{k: v for k, v in chosen.items() if isinstance(v, int | float | str)}}
    return place, name, options


def build(config):
    """Make every method that needs no data, as a run will."""
    combiner_of(config)(np.eye(TASK_COUNT), np.random.default_rng(0), np.ones(TASK_COUNT))
    schedule_of(config, np.ones(TASK_COUNT, dtype=np.int64))
    sharing_of(config)
    chosen = config.optimisation
    if WEIGHTINGS[chosen.weighting].required <= set(chosen.weighting_options):
        make_weighting(chosen.weighting, TASK_COUNT, **chosen.weighting_options)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(chosen_methods())
def test_any_options_are_accepted_and_the_method_builds_or_are_refused_in_one_sentence(chosen):
    config = with_method(*chosen)
    try:
        check_choices(config)
    except ConfigError as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert len(sentence) < 600
    else:
        build(config)


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_method_and_an_unknown_option_are_refused_by_name(place):
    with pytest.raises(ConfigError, match=r"Unknown .* 'magic'"):
        check_choices(with_method(place, "magic", {}))
    for name in PLACES[place]:
        with pytest.raises(ConfigError, match="has no option 'colour'"):
            check_choices(with_method(place, name, {"colour": 1}))


@pytest.mark.parametrize("source", TASKS)
def test_options_of_sources_are_refused_by_name_and_kind(source):
    for options, words in (({"colour": 1}, "'colour'"), ({"metric": 3, "seed": "x"}, "must be")):
        known = {name: value for name, value in options.items() if name in TASKS[source].defaults}
        task = {"name": "a", "source": source, "options": known or {"colour": 1}}
        config = RunConfig.from_values({"data": {"tasks": [task]}})
        with pytest.raises(ConfigError, match=words if known else "'colour'"):
            check_choices(config)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_poolings_that_an_encoder_does_not_have_are_refused_and_the_others_build(encoder):
    poolings = ENCODERS[encoder].method.poolings
    for pooling in ("mean", "cls", "pooler", "last"):
        config = run_config(capacity={"encoder": encoder, "pooling": pooling, "width": 8})
        if pooling in poolings or len(poolings) == 1:
            check_choices(config)
            if ENCODERS[encoder].method.uses_word_vectors:
                ENCODERS[encoder]().make(config, torch.zeros(4, 6), torch.Generator())
        else:
            with pytest.raises(ConfigError, match=f"cannot pool by '{pooling}'"):
                check_choices(config)


def test_a_temperature_that_is_a_word_is_refused_before_a_run_is_stored(tmp_path):
    config = with_method("optimisation.scheduler", "temperature", {"temperature": "hot"})
    store = Store(tmp_path)
    with pytest.raises(ConfigError, match="`temperature` of the temperature scheduler must be a"):
        store.create_run(config)
    assert store.runs() == []
