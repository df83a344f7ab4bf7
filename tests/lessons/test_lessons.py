"""The lessons that come with the app: every claim is found at its settings, every name is known."""

import numpy as np
import pytest

from mtlviz.access import HOME_FOLDER
from mtlviz.engine.measures.transfer import transfer
from mtlviz.lessons.catalogue import ORDER, built_in
from mtlviz.settings import GROUPS
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.ui.pages import PAGES, entry
from tests.lessons.claims import MARGIN, hurt_by, settings_at, verdict

CLAIMS = [
    (name, place, number)
    for name, lesson in built_in().items()
    for place, step in enumerate(lesson.steps)
    for number in range(len(step.claims))
]
STEPS = [(name, place) for name, lesson in built_in().items() for place in range(len(lesson.steps))]


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    """A home of these tests' own: a claim on an example opens it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_FOLDER, str(tmp_path_factory.mktemp("home")))
        yield


@pytest.mark.parametrize(("name", "place", "number"), CLAIMS)
def test_every_claim_of_a_lesson_holds_at_its_settings(name, place, number):
    step = built_in()[name].steps[place]
    claim = step.claims[number]
    if claim.of == "arrows":
        assert hurt_by(step, claim) == claim.hurt
        return
    found = verdict(step, claim)
    assert found.seeds >= 2
    if claim.sign == "equivalent":
        assert -MARGIN <= found.low <= found.high <= MARGIN, found
    else:
        assert found.verdict == claim.sign, found
    assert claim.near is None or round(found.mean) == claim.near, found


@pytest.mark.parametrize(("name", "place"), STEPS)
def test_every_name_in_a_step_is_known_and_its_deed_is_not_done_yet(name, place):
    lesson = built_in()[name]
    step = lesson.steps[place]
    page = entry(step.page)
    for given in (step.settings, step.until, step.show):
        _, problems = settings_at(step.page, given)
        assert not problems
        for parameter in given:
            assert any(part.knows(parameter) for part in page.parts()), parameter
    if step.until:
        before, _ = settings_at(step.page, step.settings)
        after, _ = settings_at(step.page, {**step.settings, **step.deed})
        assert before != after
    known = {*GROUPS, *page.hide_names(), *(panel.name for panel in page.panels())}
    assert {*lesson.hide, *lesson.covers, *step.hide, *step.covers} <= known


@pytest.mark.parametrize("name", ORDER)
def test_a_lesson_is_short_asks_before_it_tells_and_says_where_it_stands(name):
    lesson = built_in()[name]
    assert 5 <= lesson.minutes <= 15
    for step in lesson.steps:
        assert step.question
        assert step.reveal
        assert step.explanation
        assert step.source
        assert step.notes
        assert step.claims


def test_there_are_eight_lessons_or_more_over_three_pages():
    assert len(built_in()) >= 8
    assert {step.page for lesson in built_in().values() for step in lesson.steps} <= {
        page.name for page in PAGES
    }


def test_pcgrad_is_one_point_ahead_of_the_sum_where_both_have_their_best_rate():
    """The numbers of the lesson "Does surgery beat a tuned sum?"."""
    base, arm = PRESETS["clouds"].config, (0, 2)
    found = {}
    for combiner in ("sum", "pcgrad"):
        for rate in (0.1, 0.3, 1.0, 3.0):
            result = train(base.changed(combiner=combiner, learning_rate=rate), ((0,), arm))
            found[combiner, rate] = result.accuracy[-1][result.arm(arm), 0]
    for combiner in ("sum", "pcgrad"):
        means = {rate: found[combiner, rate].mean() for rate in (0.1, 0.3, 1.0, 3.0)}
        assert max(means, key=means.__getitem__) == 1.0
    untuned = transfer(found["pcgrad", 0.1], found["sum", 0.1])
    tuned = transfer(found["pcgrad", 1.0], found["sum", 1.0])
    assert round(untuned.mean) == 6
    np.testing.assert_allclose([tuned.mean, tuned.low, tuned.high], [1.1, 0.6, 1.5], atol=0.06)


def test_real_text_the_intervals_leave_room_for_five_to_nine_points_and_pictures_have_no_bars():
    lesson = built_in()["real_text"]
    step = lesson.steps[1]
    found = [verdict(step, claim) for claim in step.claims if claim.sign == "undecided"]
    assert len(found) == 6
    room = sorted(round((each.high - each.low) / 2) for each in found)
    assert (room[0], room[-1]) == (5, 9)
    assert "room for five to nine points" in step.explanation
    assert " bar" not in lesson.key_without()
