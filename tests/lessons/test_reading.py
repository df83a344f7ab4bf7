"""A lesson that anybody wrote is read within limits, and what is wrong with it is one sentence."""

import json
from html import escape

import pytest

from mtlviz import access
from mtlviz.access import Access
from mtlviz.errors import ConfigError
from mtlviz.lessons.catalogue import built_in, of_teachers, source
from mtlviz.lessons.hand_out import hand_out
from mtlviz.lessons.reading import LARGEST, lesson_of

GOOD = source("capacity")
DEEP = b"title: " + b"[" * 40 + b"]" * 40
WRONG = [
    (b"x" * (LARGEST + 1), "is too large: a lesson has at most 256 KB"),
    (b"\xff\xfe", "is no text in UTF-8"),
    (b"title: [", "is no valid YAML in line"),
    (b"- a\n- b", "is no lesson"),
    (b"title: a\ntitle: b", "names 'title' twice"),
    (b"a: &x [1]\nb: *x", "uses a YAML alias"),
    (b"!!python/object/apply:os.system ['true']", "is no valid YAML"),
    (DEEP, "nested more than 10 levels deep"),
    (b"title: a", "The setting `goal` is missing"),
    (GOOD.replace(b"right: true", b"right: false"), "exactly one of them right"),
    (GOOD.replace(b"until: {capacity: 3}", b""), "needs what to do and `until`"),
    (GOOD.replace(b"minutes: 3", b"minutes: 30"), "`minutes` of step 1 must be from 0.5 to 7"),
    (GOOD.replace(b"page: toy", b"pages: toy"), "The setting `page` of step 1 is missing"),
    (GOOD.replace(b"source: Wu", b"sauce: Wu"), "There is no setting `sauce` of step 1"),
]


@pytest.mark.parametrize(("content", "sentence"), WRONG)
def test_what_is_no_lesson_gets_one_sentence(content, sentence):
    with pytest.raises(ConfigError) as refused:
        lesson_of(content, "mine.yaml")
    said = str(refused.value)
    assert sentence in said
    assert said.count("mine.yaml") == 1
    assert said.count(". ") <= 5
    assert len(said) < 500


def test_all_that_is_wrong_is_said_at_once_with_the_number_of_its_step():
    broken = GOOD.replace(b"source: Wu", b"sauce: Wu").replace(b"minutes: 3", b"minutes: 30")
    broken = broken.replace(b"why:", b"reason:", 1)
    with pytest.raises(ConfigError) as refused:
        lesson_of(broken, "mine.yaml")
    said = str(refused.value)
    assert said.startswith("'mine.yaml': ")
    for each in (
        "There is no setting `sauce` of step 1.",
        "`why` of option 1 of step 1 is missing.",
        "`minutes` of step 1 must be from 0.5 to 7, got 30.",
    ):
        assert each in said


def test_of_very_much_that_is_wrong_the_first_is_said():
    many = b"title: a\ngoal: b\nsteps: [" + b"{x: 1}, " * 9 + b"]"
    with pytest.raises(ConfigError, match=r"And \d+ more\.$"):
        lesson_of(many, "mine.yaml")


def test_a_lesson_is_the_same_from_yaml_and_from_json():
    lesson = lesson_of(GOOD, "mine.yaml")
    as_json = json.dumps(lesson.model_dump(mode="json", exclude_defaults=True)).encode()
    assert lesson_of(as_json, "mine.json") == lesson == built_in()["capacity"]


def test_a_folder_of_lessons_is_listed_and_what_is_none_is_said(tmp_path):
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "mine.yaml").write_bytes(GOOD)
    (folder / "broken.yaml").write_bytes(b"title: [")
    (folder / "secret.yaml").symlink_to("/etc/passwd")
    (folder / "notes.txt").write_text("none")
    with access.chosen(Access({"$MTLVIZ_DATA": tmp_path}, everywhere=False)):
        found, problems = of_teachers()
    assert list(found) == ["own/mine"]
    assert len(problems) == 2
    assert all(problem.count("broken.yaml") <= 1 for problem in problems)
    assert not any("root" in problem for problem in problems)


@pytest.mark.parametrize("name", built_in())
def test_the_hand_out_asks_without_telling_and_needs_nothing_else(name):
    lesson = built_in()[name]
    plain, told = hand_out(lesson), hand_out(lesson, answers=True)
    for page in (plain, told):
        assert "src=" not in page
        assert "<script" not in page
    for step in lesson.steps:
        assert escape(step.reveal)[:30] in told
        assert step.reveal not in plain
        assert not any(option.why in plain for option in step.options)


def test_what_somebody_wrote_is_no_markup_on_paper():
    hostile = GOOD.replace(
        b"title: How much room do tasks need?", b"title: <script>alert(1)</script>"
    )
    assert "<script" not in hand_out(lesson_of(hostile, "mine.yaml"))
