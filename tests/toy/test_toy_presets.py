import pytest

from mtlviz.engine.measures.transfer import transfer
from mtlviz.errors import ConfigError
from mtlviz.toy.presets import PRESETS, REGRESSION, preset
from mtlviz.toy.program import train


@pytest.mark.parametrize("name", PRESETS)
def test_every_claim_of_a_preset_holds_with_its_interval(name):
    result = train(PRESETS[name].config)
    assert result.diverged is None
    for claim in PRESETS[name].claims:
        found = transfer(
            result.accuracy[-1, result.arm(claim.arm), claim.task],
            result.accuracy[-1, result.arm((claim.task,)), claim.task],
        )
        assert found.seeds >= 16
        assert found.verdict == claim.sign, (claim, found)


def test_figure_3_differs_only_in_clouds_and_is_large_enough_to_see():
    for name in ("friendly", "hostile"):
        config = PRESETS[name].config
        _, friend, foe = config.tasks
        assert (friend.angle, friend.offset) == (foe.angle, foe.offset)
        assert len({scene.points for scene in config.tasks}) == 1
        assert friend.noise == foe.noise
        gains = train(config)
        assert gains.gains((0, 1), 0)[-1].mean() >= 3
        assert gains.gains((0, 2), 0)[-1].mean() <= -8
    assert PRESETS["friendly"].config.tasks[:2] == PRESETS["hostile"].config.tasks[:2]


def test_figure_3_does_not_hang_on_one_base_seed():
    for seed in (1, 2):
        config = PRESETS["friendly"].config.model_copy(update={"seed": seed})
        result = train(config)
        alone = result.accuracy[-1, result.arm((0,)), 0]
        for arm, sign in (((0, 1), "helps"), ((0, 2), "hurts")):
            assert transfer(result.accuracy[-1, result.arm(arm), 0], alone).verdict == sign


def test_enough_capacity_leaves_every_task_what_it_learns_alone():
    result = train(PRESETS["capacity"].config)
    for arm in ((0, 1), (0, 2), (0, 1, 2)):
        assert abs(result.gains(arm, 0)[-1].mean()) < 0.6


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_title_a_story_and_claims(name):
    found = PRESETS[name]
    assert found.title
    assert 2 <= found.story.count(". ") + found.story.count("? ") + 1 <= 4
    assert found.claims
    assert REGRESSION.story


def test_an_unknown_preset_is_named_with_what_is_known():
    with pytest.raises(ConfigError, match=r"'nope'.*friendly"):
        preset("nope")
