"""Covariance, similarity, angles: worked by hand, against scipy and scikit-learn, by identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import subspace_angles
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import cosine_similarity

from mtlviz.engine.measures.covariance import (
    Spectrum,
    covariance,
    ellipse,
    kept_rank,
    overlap,
    principal_plane,
    spectrum,
    spectrum_of,
    truncated,
    where_they_differ,
)
from mtlviz.engine.measures.similarity import (
    angles_by_chance,
    direction_cosines,
    mean_cosines,
    normalised,
    principal_angles,
    similarity_matrix,
)
from mtlviz.engine.measures.similarity_errors import half_similarities, similarity_errors
from mtlviz.errors import ConfigError, DataError


def covariance_similarity(first, second):
    """Equation 5 as it is printed."""
    roots = [found.directions * np.sqrt(found.values) for found in (first, second)]
    lengths = np.linalg.norm(roots[0]) * np.linalg.norm(roots[1])
    return float(np.linalg.norm(roots[0].T @ roots[1]) / lengths) if lengths > 0 else float("nan")


def ours(first, second):
    return similarity_matrix([first, second])[0, 1]


def cloud(seed=0, count=60, width=6, shift=0.0):
    drawn = np.random.default_rng(seed)
    return drawn.normal(size=(count, width)) @ drawn.normal(size=(width, width)) + shift


def axes(*values):
    """Spectrum along the first coordinate axes."""
    return Spectrum(np.array(values, dtype=float), np.eye(4)[:, : len(values)])


def test_covariance_worked_by_hand():
    rows = [[1.0, 2.0], [3.0, 2.0]]
    assert_allclose(covariance(rows), [[5.0, 4.0], [4.0, 4.0]])
    assert_allclose(covariance(rows, centred=True), [[1.0, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize("count", [4, 60])
def test_spectrum_rebuilds_the_covariance_with_few_and_many_examples(count):
    rows = cloud(count=count)
    found = spectrum(rows)
    assert len(found.values) == min(count, 6)
    assert (np.diff(found.values) <= 1e-12).all()
    assert (found.values >= 0).all()
    rebuilt = (found.directions * found.values) @ found.directions.T
    assert_allclose(rebuilt, covariance(rows), atol=1e-10)
    assert_allclose(found.directions.T @ found.directions, np.eye(len(found.values)), atol=1e-10)


def test_centred_spectrum_is_scikit_learns_pca():
    rows = cloud(shift=5.0)
    found, pca = spectrum(rows, centred=True), PCA().fit(rows)
    assert_allclose(found.values, pca.explained_variance_ * (len(rows) - 1) / len(rows))
    assert_allclose(np.abs(found.directions.T @ pca.components_.T), np.eye(6), atol=1e-8)


def test_principal_plane_is_scikit_learns_pca_of_all_points():
    clouds = [cloud(1, shift=2.0), cloud(2)]
    mean, directions = principal_plane(clouds)
    together = np.concatenate(clouds)
    assert_allclose(mean, together.mean(0))
    expected = PCA(2).fit(together).components_.T
    assert_allclose(np.abs(directions.T @ expected), np.eye(2), atol=1e-8)


def test_points_on_a_line_have_an_empty_second_direction():
    _, directions = principal_plane([np.array([[0.0], [1.0]])])
    assert_allclose(directions, [[1.0, 0.0]])


def test_the_largest_entry_of_a_direction_is_positive():
    directions = spectrum(cloud(3)).directions
    largest = np.abs(directions).argmax(0)
    assert (directions[largest, np.arange(6)] > 0).all()


@pytest.mark.parametrize(
    ("share", "rank"), [(0.5, 1), (0.79, 2), (0.8, 2), (0.81, 3), (0.99, 3), (1.0, 3)]
)
def test_kept_rank_is_the_fewest_that_reach_the_share(share, rank):
    assert kept_rank(np.array([5.0, 3.0, 2.0, 0.0]), share) == rank


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, float("nan")])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(ConfigError, match="`share`"):
        kept_rank(np.ones(3), share)


def test_truncated_keeps_the_leading_directions():
    kept = truncated(axes(90.0, 9.5, 0.5), 0.99)
    assert_allclose(kept.values, [90.0, 9.5])
    assert kept.directions.shape == (4, 2)


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [3.0, 3.0, 3.0, 3.0], [4.0, 1.0]])
def test_a_task_with_itself_has_the_ratio_of_norms_and_not_1(values):
    found = axes(*values)
    expected = np.linalg.norm(values) / np.sum(values)
    assert ours(found, found) == pytest.approx(expected)
    assert found.effective_dimensions == pytest.approx(expected**-2)


def test_equal_eigenvalues_give_one_over_root_r():
    found = Spectrum(np.full(9, 7.0), np.eye(9))
    assert similarity_matrix([found])[0, 0] == pytest.approx(1 / 3)


def test_similarity_is_0_without_a_common_direction_and_1_on_one_line():
    other = Spectrum(np.array([5.0]), np.eye(4)[:, 3:])
    assert ours(axes(1.0, 2.0), other) == 0
    assert ours(axes(1.0), axes(9.0)) == pytest.approx(1.0)


def test_similarity_worked_by_hand():
    # Σ₁ = diag(3, 1), Σ₂ = diag(1, 1): √(tr 4 / (4 · 2)).
    assert ours(axes(3.0, 1.0), axes(1.0, 1.0)) == pytest.approx(np.sqrt(0.5))


def test_matrix_equals_equation_5_pair_by_pair():
    spectra = [truncated(spectrum(cloud(seed, shift=seed))) for seed in range(4)]
    expected = [[covariance_similarity(a, b) for b in spectra] for a in spectra]
    assert_allclose(similarity_matrix(spectra), expected, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_similarity_is_the_root_of_traces_symmetric_bounded_and_blind_to_scale_and_turns(
    seed, scale, share
):
    first, second = cloud(seed), cloud(seed + 1, count=40)
    one, two = (truncated(spectrum(each), share) for each in (first, second))
    sim = ours(one, two)
    kept = [(each.directions * each.values) @ each.directions.T for each in (one, two)]
    traces = np.trace(kept[0] @ kept[1]) / (np.trace(kept[0]) * np.trace(kept[1]))
    assert sim == pytest.approx(np.sqrt(traces))
    assert sim == pytest.approx(ours(two, one))
    assert sim == pytest.approx(covariance_similarity(one, two))
    assert 0 <= sim <= 1
    turn = ortho_group.rvs(6, random_state=seed)
    turned = [truncated(spectrum(scale * each @ turn), share) for each in (first, second)]
    assert ours(*turned) == pytest.approx(sim)


def test_normalised_is_the_cosine_of_the_covariances_with_1_on_the_diagonal():
    spectra = [spectrum(cloud(seed)) for seed in range(3)]
    found = normalised(similarity_matrix(spectra))
    flat = np.stack([covariance(cloud(seed)).ravel() for seed in range(3)])
    assert_allclose(found, cosine_similarity(flat), atol=1e-10)
    assert_allclose(np.diagonal(found), 1.0)


def test_a_task_that_does_not_spread_has_no_similarity():
    still = Spectrum(np.zeros(1), np.eye(4)[:, :1])
    assert np.isnan(ours(still, axes(1.0)))
    assert np.isnan(still.effective_dimensions)
    matrix = similarity_matrix([still, axes(1.0)])
    assert np.isnan(matrix[0]).all()
    assert np.isnan(normalised(matrix)[0]).all()


def test_mean_cosines_are_those_of_all_pairs_without_a_sentence_and_itself():
    first, second = cloud(1, count=7), cloud(2, count=5)
    found = mean_cosines([first, second])
    assert found[0, 1] == pytest.approx(cosine_similarity(first, second).mean())
    within = cosine_similarity(first)[~np.eye(7, dtype=bool)]
    assert found[0, 0] == pytest.approx(within.mean())


def test_a_single_sentence_has_no_cosine_within_its_task_and_a_zero_row_counts_0():
    found = mean_cosines([[[1.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]])
    assert np.isnan(found[0, 0])
    assert found[0, 1] == pytest.approx(0.5)
    assert found[1, 1] == 0


def test_principal_angles_worked_by_hand():
    # A plane turned by 30 degrees about its first axis.
    turned = np.array([[1.0, 0.0], [0.0, np.cos(np.pi / 6)], [0.0, np.sin(np.pi / 6)]])
    assert_allclose(principal_angles(np.eye(3)[:, :2], turned), [0.0, np.pi / 6], atol=1e-12)
    assert_allclose(principal_angles(np.eye(3)[:, :1], np.eye(3)[:, 2:]), [np.pi / 2])


@pytest.mark.parametrize(("p", "q"), [(1, 1), (2, 3), (4, 2), (5, 5)])
def test_principal_angles_are_scipys_in_ascending_order(p, q):
    one, two = (spectrum(cloud(seed, width=9)).directions for seed in (p, 10 + q))
    found = principal_angles(one[:, :p], two[:, :q])
    # scipy's own rounding near an angle of 0 is some 1e-8, the root of that of a number near 1.
    assert_allclose(found, subspace_angles(one[:, :p], two[:, :q])[::-1], atol=1e-7)
    # Ten directions of nine share one.
    assert (found[0] < 1e-12) == (p + q > 9)
    assert (np.diff(found) >= -1e-12).all()


@pytest.mark.parametrize("angle", [1e-9, 1e-5, 0.7, np.pi / 2])
def test_small_principal_angles_keep_their_digits(angle):
    turned = np.array([[np.cos(angle)], [np.sin(angle)]])
    assert principal_angles([[1.0], [0.0]], turned)[0] == pytest.approx(angle, rel=1e-6)


def test_direction_cosines_have_no_sign():
    assert_allclose(direction_cosines(np.eye(2), -np.eye(2)), np.eye(2))


def test_ellipse_lies_so_many_deviations_away():
    points = cloud(4, count=500, width=2)
    outline = ellipse(points, deviations=2.0)
    inverse = np.linalg.inv(np.cov(points.T, ddof=0))
    away = outline - points.mean(0)
    assert_allclose(np.einsum("ni,ij,nj->n", away, inverse, away), 4.0, rtol=1e-9)
    assert_allclose(outline[0], outline[-1])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([1.0, 2.0], "rows of numbers"),
        (np.zeros((0, 3)), "rows of numbers"),
        ([[1.0, np.nan]], "not finite"),
    ],
)
def test_what_is_no_embedding_is_refused(rows, message):
    with pytest.raises(DataError, match=message):
        spectrum(rows)


def test_tasks_of_different_width_cannot_be_compared():
    narrow = Spectrum(np.ones(1), np.eye(2)[:, :1])
    with pytest.raises(DataError, match="one width"):
        similarity_matrix([narrow, axes(1.0)])
    with pytest.raises(DataError, match="one width"):
        mean_cosines([np.ones((2, 2)), np.ones((2, 3))])
    with pytest.raises(DataError, match="one width"):
        principal_plane([np.ones((2, 2)), np.ones((2, 3))])
    with pytest.raises(DataError, match="one width"):
        principal_angles(np.eye(2), np.eye(3))
    with pytest.raises(DataError, match="length 1"):
        principal_angles(2 * np.eye(2), np.eye(2))


def test_halves_of_one_task_are_the_ceiling_of_two_samples_of_it():
    rows = cloud(5, count=400)
    found = half_similarities([rows[:200], rows[200:]], generator=np.random.default_rng(1))
    assert_allclose(found, found.T)
    assert found[0, 1] == pytest.approx(np.diagonal(found).mean(), abs=0.05)
    turned = ortho_group.rvs(6, random_state=3)
    other = half_similarities([rows, rows @ turned], generator=np.random.default_rng(1))
    assert other[0, 1] < np.diagonal(other).min() - 0.1


def test_errors_are_those_of_repeated_samples():
    drawn, spread = np.random.default_rng(2), np.diag([3.0, 1.0, 1.0])
    samples = [
        [drawn.normal(size=(200, 3)) @ spread, drawn.normal(size=(200, 3))] for _ in range(60)
    ]
    values = [similarity_matrix([spectrum(a), spectrum(b)]) for a, b in samples]
    true_error = np.std([normalised(value)[0, 1] for value in values], ddof=1)
    told = [similarity_errors(pair, generator=drawn)[0, 1] for pair in samples[:20]]
    assert np.mean(told) == pytest.approx(true_error, rel=0.25)


def test_errors_need_as_many_examples_as_groups_and_two_groups():
    drawn = np.random.default_rng(0)
    found = similarity_errors([cloud(), cloud(count=5)], generator=drawn)
    assert np.isnan(found[0, 1])
    assert found[0, 0] == pytest.approx(0, abs=1e-12)
    with pytest.raises(ConfigError, match="`groups`"):
        similarity_errors([cloud()], groups=1, generator=drawn)
    with pytest.raises(DataError, match="halves"):
        half_similarities([[[1.0, 2.0]]], generator=drawn)


def test_single_precision_changes_nothing_that_is_shown():
    rows = cloud(6, shift=3.0)
    for centred in (False, True):
        exact = spectrum(rows, centred=centred).values
        assert_allclose(spectrum(rows.astype(np.float32), centred=centred).values, exact, rtol=1e-4)


@pytest.mark.parametrize("centred", [False, True])
def test_errors_of_single_precision_are_those_of_double(centred):
    rows = [cloud(6, count=300, shift=3.0), cloud(7, count=300)]
    exact, rounded = (
        similarity_errors(
            [each.astype(kind) for each in rows],
            centred=centred,
            generator=np.random.default_rng(0),
        )
        for kind in (np.float64, np.float32)
    )
    assert_allclose(rounded[0, 1], exact[0, 1], rtol=1e-2)


@pytest.mark.parametrize("centred", [False, True])
def test_errors_are_the_jackknife_written_out(centred):
    rows = [cloud(7, count=23, shift=1.0), cloud(8, count=30)]
    told = similarity_errors(rows, centred=centred, groups=4, generator=np.random.default_rng(5))
    drawn = np.random.default_rng(5)
    parts = [np.array_split(drawn.permutation(len(each)), 4) for each in rows]
    values = []
    for group in range(4):
        kept = [
            np.delete(each, part[group], axis=0) for each, part in zip(rows, parts, strict=True)
        ]
        flat = np.stack([covariance(each, centred=centred).ravel() for each in kept])
        values.append(cosine_similarity(flat)[0, 1])
    expected = np.sqrt(3 / 4 * np.sum((values - np.mean(values)) ** 2))
    assert told[0, 1] == pytest.approx(expected)


def test_chance_angles_of_a_whole_space_are_zero():
    assert_allclose(angles_by_chance(3, 3), 0, atol=1e-6)
    low, middle, high = angles_by_chance(50, 4)
    assert (low <= middle).all()
    assert (middle <= high).all()


def test_the_plane_in_which_two_covariances_differ_most_worked_by_hand():
    # Equally large: (3, 0, 4) / 5 and (0, 3, 4) / 5 along the same three directions.
    first, second = spectrum_of(np.diag([3.0, 0, 4])), spectrum_of(np.diag([0.0, 6, 8]))
    one, two = where_they_differ(first, second)
    assert_allclose(np.sort(np.linalg.eigvalsh(one)), [0, 0.6], atol=1e-12)
    assert_allclose(np.sort(np.linalg.eigvalsh(two)), [0, 0.6], atol=1e-12)
    assert_allclose(one @ two, 0, atol=1e-12)  # The third direction, in common, is not seen.


def test_overlap_is_a_share_that_no_stretch_changes():
    drawn = np.random.default_rng(0)
    one, two = (each @ each.T for each in drawn.normal(size=(2, 2, 2)))
    stretch = np.diag([1.0, 7.0])
    assert_allclose(overlap(one, one), 1)
    assert_allclose(overlap(one, two), overlap(two, one))
    assert_allclose(
        overlap(stretch @ one @ stretch, stretch @ two @ stretch), overlap(one, two), rtol=0.02
    )
    assert_allclose(overlap(np.eye(2), 4 * np.eye(2)), 1 / 4)
    assert overlap(np.diag([1.0, 0]), np.diag([0, 1.0])) < 0.01
