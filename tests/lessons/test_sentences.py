"""What lessons say beside their claims: facts of their settings, formulas, and other numbers."""

import numpy as np
import pytest
from scipy import stats

from mtlviz.engine.measures.transfer import transfer
from mtlviz.lessons.catalogue import built_in
from mtlviz.toy.arrow_updates import combination, effect, scene
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.continual.settings import METHODS
from mtlviz.toy.reweighting import run_reweighting
from mtlviz.ui.pages.conflict.settings import ARROWS
from mtlviz.ui.pages.continual.settings import TOY as CONTINUAL
from mtlviz.ui.pages.covariance.settings import ALIGN, REWEIGH
from mtlviz.ui.pages.toy.settings import TOY
from tests.lessons.claims import alignment_at, reweighting_at, settings_at, toy_at


def config(name, number, part, deed=False, **given):
    """The settings of a lesson's step, once its deed is done, or with others."""
    step = built_in()[name].steps[number - 1]
    query = {**step.settings, **(step.deed if deed else {}), **given}
    return settings_at(step.page, query)[0][part.name]


def words(name, number):
    step = built_in()[name].steps[number - 1]
    return " ".join([step.text, step.question, step.reveal, step.explanation, step.notes,
                     *(option.why for option in step.options)])  # fmt: skip


def ahead(name, number, arm, task=0, deed=False, **given):
    """Accuracy together less alone over the repetitions, in the Toy lab."""
    found = toy_at(config(name, number, TOY, deed, **given))
    final = found.accuracy[-1]
    return transfer(final[found.arm(arm), task], final[found.arm((task,)), task])


def test_first_lesson_partners_differ_in_their_clouds_alone_and_training_stops_early():
    one, two, three = config("negative_transfer", 1, TOY).tasks
    assert two.angle == three.angle
    assert abs(one.angle - two.angle) < 45
    cloud = {name: getattr(three, name) for name in ("elongation", "rotation", "spread")}
    assert two.changed(**cloud) == three
    early, late = (
        toy_at(config("negative_transfer", 3, TOY, deed)).accuracy[-1] for deed in (False, True)
    )
    alone = toy_at(config("negative_transfer", 3, TOY)).arm((0,))
    assert transfer(late[alone, 0], early[alone, 0]).verdict == "helps"
    before, after = (config("negative_transfer", 3, TOY, deed).steps for deed in (False, True))
    assert after == 4 * before


def test_first_lesson_opposite_labels_are_one_boundary_and_task_1_has_twenty_noisy_points():
    one, two, three = config("negative_transfer", 4, TOY).tasks
    assert abs(two.angle - three.angle) == 180
    assert (one.points, one.noise > 0) == (20, True)


def test_capacity_every_pair_costs_task_1_something_and_all_three_most():
    costs = [ahead("capacity", 1, arm) for arm in ((0, 1), (0, 2), (0, 1, 2))]
    assert {each.verdict for each in costs} == {"hurts"}
    assert costs[2].mean == min(each.mean for each in costs)
    angles = [task.angle for task in config("capacity", 1, TOY).tasks]
    assert angles == [0, 60, 120]


def test_how_sure_the_numbers_of_the_intervals():
    assert f"{stats.t.ppf(0.975, 1):.1f}" == "12.7"
    help_, harm = (ahead("how_sure", 2, arm, deed=True) for arm in ((0, 1), (0, 2)))
    assert round(abs(harm.mean) / help_.mean) == 2
    few = toy_at(config("how_sure", 2, TOY))
    gains = 100 * (few.accuracy[-1][few.arm((0, 1)), 0] - few.accuracy[-1][few.arm((0,)), 0])
    assert 1 < gains.mean() / gains.std(ddof=1) < 1.5
    grey = ahead("how_sure", 3, (0, 1))
    assert (-3 < grey.low < -2.5, f"{grey.high:.1f}") == (True, "1.6")
    assert TOY.model.control("seeds").high == 64


def test_conflict_the_formula_of_whom_the_sum_hurts():
    arrows = config("conflict", 1, ARROWS).arrows
    one, two = map(np.array, arrows)
    cosine = one @ two / np.linalg.norm(one) / np.linalg.norm(two)
    assert f"{cosine:.2f}" == "-0.71"
    assert abs(np.linalg.norm(one) / np.linalg.norm(two) - 1) < 0.05
    for length in (0.3, 0.6, 0.8, 1.2, 1.8, 3.0):
        for angle in (100, 135, 160, 179):
            turned = np.radians(angle)
            drawn = ArrowsConfig(
                arrows=((1.0, 0.0), (length * np.cos(turned), length * np.sin(turned)))
            )
            gram = scene(drawn).gram
            hurt = effect(drawn, gram, combination("sum", gram, drawn.order)).hurt
            assert (0 in hurt) == (-length * np.cos(turned) >= 1)
            assert (1 in hurt) == (length <= -np.cos(turned))


def test_conflict_pcgrad_stands_still_between_opposites_and_may_hurt_one_of_three():
    opposite = config("conflict", 4, ARROWS)
    gram = scene(opposite).gram
    update = combination("pcgrad", gram, opposite.order).weights
    np.testing.assert_allclose(update @ gram @ update, 0, atol=1e-12)
    drawn, hurt = np.random.default_rng(0), 0
    for _ in range(200):
        arrows = ArrowsConfig(arrows=drawn.uniform(-2, 2, (3, 2)).tolist(), order=(0, 1, 2))
        gram = scene(arrows).gram
        hurt += bool(effect(arrows, gram, combination("pcgrad", gram, arrows.order)).hurt)
    assert hurt


def test_tuned_sum_what_pcgrad_leaves_is_about_half_or_less_and_no_more_than_the_sums():
    plain, surgery = (ahead("tuned_sum", 1, (0, 2), deed=deed) for deed in (False, True))
    assert plain.mean < surgery.mean < 0
    tuned = ahead("tuned_sum", 2, (0, 2), deed=True)
    assert round(tuned.mean) == round(surgery.mean)


def test_schedulers_drawing_by_size_cannot_be_told_from_the_sum():
    before, after = (config("schedulers", 2, TOY, deed) for deed in (False, True))
    one, _, three = (task.points for task in before.tasks)
    assert (one, three, three // one) == (50, 1000, 20)
    found = [toy_at(each) for each in (before, after)]
    drawn, summed = (each.accuracy[-1][each.arm((0, 2)), 0] for each in reversed(found))
    assert transfer(drawn, summed).verdict == "undecided"
    said = words("schedulers", 2)
    for deed, told in ((False, "−16, from −24 to −9"), (True, "from −21 to −6")):
        each = ahead("schedulers", 2, (0, 2), deed=deed)
        low, high = (f"{round(end)}".replace("-", "−") for end in (each.low, each.high))
        assert f"from {low} to {high}" in told
        assert told in said
        assert 7 <= (each.high - each.low) / 2 <= 8


def test_alignment_the_clouds_and_what_other_turns_would_do():
    first = config("alignment", 1, ALIGN)
    assert (first.angle, first.direction, first.capacity) == (30, 75, 1)
    assert (first.target_examples, first.source_examples, first.seeds) == (8, 100, 100)
    same = config("alignment", 2, ALIGN, True, **{"align.direction": 0})
    assert round(alignment_at(same)["plain"].mean) == 11
    away = config("alignment", 3, ALIGN, True, **{"align.turn": 30})
    found = alignment_at(away)
    assert found["hand"].mean < found["plain"].mean < 0
    alike = config("alignment", 4, ALIGN, True)
    before, after, itself = alignment_at(alike, similar=True)
    assert before < after
    assert after == pytest.approx(itself, rel=0.05)


def test_reweighting_what_the_weights_do():
    noisy = config("reweighting", 1, REWEIGH)
    assert (noisy.noise, noisy.tasks, noisy.seeds, noisy.capacity) == (0.6, 2, 60, 1)
    one, other = (each.mean for _, each in reweighting_at(noisy))
    assert 0.35 < one / other < 0.65
    weights = run_reweighting(noisy).weights
    assert transfer(weights[:, 0], weights[:, 1]).verdict == "hurts"
    clean = config("reweighting", 2, REWEIGH, True)
    lost = reweighting_at(clean)[0][1]
    assert -0.1 < lost.mean < -0.01
    even = run_reweighting(clean).weights
    np.testing.assert_allclose(even[:, 0] / even[:, 1], 1, atol=0.3)
    room = config("reweighting", 3, REWEIGH, True)
    for _, each in reweighting_at(room):
        assert -0.01 <= each.low <= each.high <= 0.01


def test_forgetting_mixing_with_room_costs_less_than_half_a_point_and_there_are_eight_ways():
    mixed = ahead("forgetting", 4, (0, 1), deed=True)
    assert -0.5 < mixed.mean < 0.5
    assert "beside seven other ways" in words("forgetting", 4)
    assert len(METHODS) == 8


def test_what_comes_when_ten_old_points_and_clouds_apart():
    first = config("what_comes_when", 1, CONTINUAL)
    assert (first.memory, first.gap, first.tasks, first.seeds) == (10, 0, 3, 10)
    assert not first.one_head
    assert config("what_comes_when", 2, CONTINUAL, True) == first.changed(
        gap=2.2, film=config("what_comes_when", 2, CONTINUAL).film
    )
    last = config("what_comes_when", 3, CONTINUAL, True)
    assert (last.gap, last.one_head) == (2.2, True)


@pytest.mark.parametrize("name", built_in())
def test_how_often_was_repeated_is_as_the_sources_say(name):
    parts = {"toy": TOY, "continual": CONTINUAL}
    for number, step in enumerate(built_in()[name].steps, start=1):
        _, said, rest = step.source.partition(" paired repetitions")
        count = _.split()[-1] if said else ""
        if not count or step.page == "conflict":
            continue
        views = {"alignment": ALIGN, "reweighting": REWEIGH}
        part = parts.get(step.page) or views[str(step.settings["cov_view"])]
        assert config(name, number, part, True).seeds == int(count), rest
