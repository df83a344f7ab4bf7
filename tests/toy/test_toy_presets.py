from pathlib import Path

import numpy as np
import pytest

from mtlviz.engine.measures.transfer import Transfer, signed, transfer
from mtlviz.errors import ConfigError
from mtlviz.toy import presets
from mtlviz.toy.axes import axis_values
from mtlviz.toy.map import transfer_map
from mtlviz.toy.presets import PRESETS, REGRESSION, preset
from mtlviz.toy.program import train
from mtlviz.toy.questions import QUESTIONS, answered, question_about

EQUIVALENCE_MARGIN = 1.5
"""Points of accuracy within which the whole interval of an `equivalent` claim must lie."""
SETTINGS = [
    (name, place) for name, found in PRESETS.items() for place in range(1 + len(found.variations))
]


def compared(result, arm, task):
    final = result.accuracy[-1]
    return transfer(final[result.arm(arm), task], final[result.arm((task,)), task])


def holds(found, sign):
    if sign == "equivalent":
        return -EQUIVALENCE_MARGIN <= found.low <= found.high <= EQUIVALENCE_MARGIN
    return found.verdict == sign


@pytest.mark.parametrize(("name", "place"), SETTINGS)
def test_every_claim_of_a_preset_holds_with_its_interval(name, place):
    story = PRESETS[name]
    changes, claims = {}, story.signs
    if place:
        changes, claims = story.variations[place - 1].changes, story.variations[place - 1].signs
    result = train(story.config.with_values(changes))
    assert result.diverged is None
    for claim in claims:
        found = compared(result, claim.arm, claim.task)
        assert found.seeds >= 16
        assert holds(found, claim.sign), (claim, found)


def test_an_equivalent_claim_needs_a_narrow_interval():
    assert holds(Transfer(0, -1.4, 1.4, 16, 0.95), "equivalent")
    assert not holds(Transfer(0, -1.6, 1.4, 16, 0.95), "equivalent")
    assert not holds(Transfer(0, np.nan, np.nan, 1, 0.95), "equivalent")


@pytest.mark.parametrize(
    ("name", "steps", "with_2", "with_3"),
    [("clouds", 150, 5, -10), ("clouds", 600, -1, -5), ("moved_cloud", 150, 5, -10),
     ("random_labels", 100, 8, -15), ("random_labels", 400, 1, -8)],
)  # fmt: skip
def test_the_points_that_stories_name_are_those_found(name, steps, with_2, with_3):
    result = train(PRESETS[name].config.with_values({"steps": steps}))
    found = [round(compared(result, arm, 0).mean) for arm in ((0, 1), (0, 2))]
    assert found == [with_2, with_3]


@pytest.mark.parametrize("name", ["clouds", "moved_cloud", "random_labels"])
def test_a_story_about_first_steps_says_so_and_task_1_is_still_learning(name):
    story = PRESETS[name]
    assert f"first {story.config.steps} steps" in story.story
    assert "four times the steps" in story.story
    assert story.variations[0].changes == {"steps": 4 * story.config.steps}
    alone = [
        train(story.config.with_values({"steps": times * story.config.steps}), ((0,),))
        for times in (1, 4)
    ]
    early, late = (100 * result.accuracy[-1, 0, 0].mean() for result in alone)
    assert late > early + 3


def test_for_task_1_all_three_together_are_worse_than_each_pair_when_too_small():
    result = train(PRESETS["one_direction"].config)
    final = result.accuracy[-1]
    for pair in ((0, 1), (0, 2)):
        everyone = final[result.arm((0, 1, 2)), 0]
        assert transfer(everyone, final[result.arm(pair), 0]).verdict == "hurts"


def test_the_mean_of_gradients_gives_the_numbers_of_the_mathematics():
    text = (Path(presets.__file__).parents[1] / "ui/pages/toy/mathematics.md").read_text("utf-8")
    for combiner in ("sum", "mean"):
        result = train(PRESETS["clouds"].config.with_values({"combiner": combiner}))
        for arm in ((0, 1), (0, 2)):
            assert signed(compared(result, arm, 0).mean).replace("−10.3", "10.3") in text


def test_the_map_of_the_first_story_shows_decided_cells_of_both_signs():
    story = PRESETS["clouds"]
    row, column, arm = story.map
    config = story.config.with_values({"seeds": 8})
    axes = [(key, axis_values(config, key, 10)) for key in (row, column)]
    *_, last = transfer_map(config, *axes, arm, 0)
    assert (last.transfer - last.half_width > 0).sum() >= 10
    assert (last.transfer + last.half_width < 0).sum() >= 10


def test_figure_3_differs_only_in_clouds_and_is_large_enough_to_see():
    for name in ("clouds", "moved_cloud"):
        config = PRESETS[name].config
        _, friend, foe = config.tasks
        assert (friend.angle, friend.offset) == (foe.angle, foe.offset)
        assert len({scene.points for scene in config.tasks}) == 1
        assert friend.noise == foe.noise
        gains = train(config)
        assert gains.gains((0, 1), 0)[-1].mean() >= 3
        assert gains.gains((0, 2), 0)[-1].mean() <= -8
    assert PRESETS["clouds"].config.tasks[:2] == PRESETS["moved_cloud"].config.tasks[:2]


def test_figure_3_does_not_hang_on_one_base_seed():
    for seed in (1, 2):
        config = PRESETS["clouds"].config.model_copy(update={"seed": seed})
        result = train(config)
        alone = result.accuracy[-1, result.arm((0,)), 0]
        for arm, sign in (((0, 1), "helps"), ((0, 2), "hurts")):
            assert transfer(result.accuracy[-1, result.arm(arm), 0], alone).verdict == sign


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_title_a_story_and_claims(name):
    found = PRESETS[name]
    assert 0 < len(found.title) <= 30  # More is cut off in the list of stories.
    assert 2 <= found.story.count(". ") + found.story.count("? ") + 1 <= 4
    assert found.signs
    assert REGRESSION.story


def test_an_unknown_preset_is_named_with_what_is_known():
    with pytest.raises(ConfigError, match=r"'nope'.*clouds"):
        preset("nope")


@pytest.mark.parametrize("name", PRESETS)
def test_the_right_answer_to_a_storys_question_is_what_the_story_claims(name):
    question, story = QUESTIONS[name], PRESETS[name]
    right = question.answers[question.right]
    claimed = [(claim.arm, claim.task, claim.sign) for claim in story.signs]
    assert all((claim.arm, claim.task, claim.sign) in claimed for claim in right.claims)
    result = train(story.config)
    found = {(arm, task): compared(result, arm, task)
             for arm in result.arms if len(arm) > 1 for task in arm}  # fmt: skip
    assert answered(question, found).right == question.right
    assert question.again in PRESETS


def test_settings_of_no_story_get_a_question_whose_last_answer_holds_where_no_other_does():
    result = train(PRESETS["clouds"].config)
    found = {(arm, 0): compared(result, arm, 0) for arm in ((0, 1), (0, 2))}
    question = question_about(0, 3)
    assert answered(question, found).right == 3
    assert answered(question, dict.fromkeys(found, found[(0, 1), 0])).right == 0
    assert answered(question, dict.fromkeys(found, found[(0, 2), 0])).right == 1
