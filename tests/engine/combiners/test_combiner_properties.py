"""Laws that every registered combiner keeps; a new entry is tested without being named here."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.errors import ConfigError
from tests.engine.combiners.combiner_problems import (
    NASTY,
    ORDINARY,
    combine,
    generator,
    gram_of,
    random_gradients,
)

# (K − 1)! orders.
FEW_TASKS_ONLY = {"pcgrad_all_orders"}
NEVER_CONFLICTING = ["mgda", "upgrad", "dualproj"]

ORDER_FREE = [
    name
    for name in COMBINERS
    if combine(name, np.eye(3)).order is None and "current" not in make_combiner(name).wants
]

every_combiner = pytest.mark.parametrize("name", COMBINERS)


def nasty_for(name):
    few = name in FEW_TASKS_ONLY
    return {key: rows for key, rows in NASTY.items() if len(rows) <= 5 or not few}


@every_combiner
def test_weights_are_finite_on_nasty_gradients_and_add_up_from_the_coefficients(name):
    for key, gradients in nasty_for(name).items():
        result = combine(name, gram_of(gradients))
        assert result.weights.shape == (len(gradients),), key
        assert np.isfinite(result.coefficients).all(), key
        assert_allclose(result.weights, result.coefficients.sum(axis=-2), rtol=1e-12, err_msg=key)


@every_combiner
def test_a_batch_gives_what_its_problems_give_one_by_one(name):
    gram = gram_of(random_gradients(3, 4, batch=(2, 5)))
    gram[0, 1] = gram_of(NASTY["one zero of three"])
    gram[1, 2] = gram_of(NASTY["balanced triangle"])
    together = combine(name, gram, seed=7)
    source = generator(7)
    for index in np.ndindex(2, 5):
        alone = make_combiner(name)(gram[index], source)
        assert_allclose(together.weights[index], alone.weights, rtol=1e-9, atol=1e-12)
        assert_allclose(together.coefficients[index], alone.coefficients, rtol=1e-9, atol=1e-12)


# Where roles differ, `test_memory_combiners` renames them too.
@pytest.mark.parametrize("name", ORDER_FREE)
def test_renaming_the_tasks_renames_the_weights_where_no_order_is_involved(name):
    gram = gram_of(random_gradients(4, 6, seed=3))
    plain = combine(name, gram)
    renamed = np.array([2, 0, 3, 1])
    result = combine(name, gram[np.ix_(renamed, renamed)])
    assert_allclose(result.weights, plain.weights[renamed], rtol=1e-9)


@every_combiner
@pytest.mark.parametrize("scale", [1e-6, 3.0, 1e6])
def test_longer_gradients_leave_the_direction_of_the_update_alone(name, scale):
    gram = gram_of(random_gradients(3, 5, seed=4))
    plain = combine(name, gram).weights
    scaled = combine(name, gram * scale**2).weights
    assert_allclose(
        scaled / np.linalg.norm(scaled), plain / np.linalg.norm(plain), rtol=1e-8, atol=1e-12
    )


@every_combiner
def test_one_task_alone_keeps_its_direction(name):
    weights = combine(name, np.array([[4.0]])).weights
    assert weights.shape == (1,)
    assert weights[0] > 0


@every_combiner
def test_the_same_generator_gives_the_same_result(name):
    gram = gram_of(random_gradients(5, 3, batch=(4,)))
    first, second = combine(name, gram, seed=11), combine(name, gram, seed=11)
    assert_array_equal(first.coefficients, second.coefficients)


@every_combiner
@pytest.mark.parametrize("taken", [0, 3])
def test_a_resumed_combiner_goes_on_exactly_as_the_first_would(name, taken):
    grams = [gram_of(random_gradients(3, 4, seed=seed)) for seed in range(7)]
    first, second = make_combiner(name), make_combiner(name)
    for gram in grams[:taken]:
        first(gram, generator())
    second.load_state_dict(json.loads(json.dumps(first.state_dict(), allow_nan=False)))
    for seed, gram in enumerate(grams[taken:]):
        once, again = first(gram, generator(seed)), second(gram, generator(seed))
        assert_array_equal(once.coefficients, again.coefficients)


REMEMBERING = [name for name in COMBINERS if make_combiner(name).remembers]


@pytest.mark.parametrize("name", REMEMBERING)
def test_a_combiner_that_remembers_keeps_to_its_tasks_and_leaves_single_ones_alone(name):
    combiner = make_combiner(name)
    combiner(gram_of(random_gradients(3, 4)), generator())
    before = json.dumps(combiner.state_dict())
    assert combiner(np.array([[2.0]]), generator()).weights.tolist() == [1.0]
    assert json.dumps(combiner.state_dict()) == before
    with pytest.raises(ConfigError, match="began with 3 tasks and got 2"):
        combiner(np.eye(2), generator())


@pytest.mark.parametrize("name", REMEMBERING)
def test_what_a_combiner_returned_is_not_what_it_remembers(name):
    one, other = make_combiner(name), make_combiner(name)
    for seed in range(4):
        gram = gram_of(random_gradients(3, 4, seed=seed))
        found, kept = one(gram, generator(seed)), other(gram, generator(seed))
        assert_array_equal(found.weights, kept.weights)
        found.weights[...] = 0
        found.coefficients[...] = 0


@every_combiner
def test_the_gram_matrix_is_not_changed(name):
    gram = gram_of(random_gradients(3, 3, batch=(2,)))
    before = gram.copy()
    combine(name, gram)
    assert_array_equal(gram, before)


@every_combiner
def test_a_broken_problem_is_not_a_number_and_leaves_the_others_alone(name):
    gram = gram_of(random_gradients(3, 5, batch=(3,)))
    whole = combine(name, gram, seed=2)
    gram[1, 0, 2] = np.nan
    result = combine(name, gram, seed=2)
    assert np.isnan(result.weights[1]).all()
    assert np.isnan(result.coefficients[1]).all()
    assert_allclose(result.weights[[0, 2]], whole.weights[[0, 2]])


@pytest.mark.parametrize("name", NEVER_CONFLICTING)
def test_projecting_methods_oppose_no_task(name):
    for key, gradients in {**NASTY, **ORDINARY}.items():
        gram = gram_of(gradients)
        weights = combine(name, gram).weights
        lengths = np.linalg.norm(gradients, axis=-1)
        worst = (gram @ weights + 1e-7 * lengths * np.linalg.norm(weights @ gradients)).min()
        # What rounding in the Gram matrix itself leaves of an update that should be zero.
        rounding = 1e-14 * np.abs(weights * lengths).max() * lengths.max()
        assert worst >= -rounding, key


@every_combiner
def test_the_summary_is_one_sentence_for_a_person(name):
    line = COMBINERS[name].help
    assert line.endswith(".")
    assert line[0].isupper()
    assert len(line) <= 100


@every_combiner
def test_an_option_the_method_does_not_have_is_refused_by_name(name):
    with pytest.raises(ConfigError, match="'colour'"):
        make_combiner(name, colour=1)


@every_combiner
def test_options_of_the_wrong_kind_are_refused_by_name(name):
    for option in COMBINERS[name].defaults:
        with pytest.raises(ConfigError, match=option):
            make_combiner(name, **{option: [1]})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("mgda", {"normalise": "l3"}),
        ("cagrad", {"c": -0.1}),
        ("cagrad", {"c": float("nan")}),
        ("cagrad", {"rescale": 3}),
        ("aligned", {"scale": "max"}),
        ("fairgrad", {"alpha": 0.0}),
        ("gradvac", {"beta": 1.5}),
    ],
)
def test_values_that_are_not_allowed_are_refused_before_the_first_step(name, given):
    with pytest.raises(ConfigError):
        make_combiner(name, **given)


def test_an_unknown_combiner_is_refused_with_the_known_names():
    with pytest.raises(ConfigError, match=r"'pcgard'.*pcgrad"):
        make_combiner("pcgard")
