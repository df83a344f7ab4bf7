"""Whether conflicts and agreements balance, where neighbouring updates resemble each other."""

import numpy as np
import pytest

from mtlviz.engine.measures.conflict import balanced, independent


def test_updates_that_resemble_their_neighbours_count_as_fewer():
    # 70 of 100 would be far from one half if tossed one by one; as ten runs of ten they are not.
    tossed = np.tile([True] * 7 + [False] * 3, 10)
    drawn = np.random.default_rng(0).permutation(tossed)
    assert balanced(drawn) == ""
    assert "one half" in balanced(np.sort(tossed.reshape(10, 10), axis=0).T.ravel())
    slow = np.repeat(drawn[:100], 10)
    assert independent(slow) < 0.2 * len(slow)


def test_the_effective_number_is_that_of_an_autoregression():
    # AR(1) with correlation 0.8: the variance of the mean is that of n / 9 independent values.
    noise = np.random.default_rng(1).normal(size=20_000)
    series = [0.0]
    for each in noise:
        series.append(0.8 * series[-1] + each)
    assert independent(np.array(series)) == pytest.approx(len(series) / 9, rel=0.1)
