"""The picture of a model: every way of sharing is drawn by what it declares."""

import re
from dataclasses import replace

import pytest

from mtlviz.engine.config import DataConfig, RunConfig, TaskConfig
from mtlviz.engine.models.sharing import SHARING
from mtlviz.figures.model import ModelParts, model_picture, model_sentence
from mtlviz.figures.theme import task_look
from mtlviz.ui.core.run_model import model_of

TASKS = ("letters", "topics", "reviews")


def parts(sharing: str) -> ModelParts:
    data = DataConfig(tasks=tuple(TaskConfig(name=name) for name in TASKS))
    config = RunConfig(data=data)
    return model_of(
        config.model_copy(update={"capacity": config.capacity.model_copy(
            update={"sharing": sharing, "sharing_options": {}})}), None,
    )  # fmt: skip


def drawn(figure: dict) -> tuple[str, list[dict], list[dict]]:
    notes = figure["layout"]["annotations"]
    text = "\n".join(note["text"].replace("</b><br><b>", " ") for note in notes)
    return text, [note for note in notes if note["showarrow"]], figure["layout"]["shapes"]


@pytest.mark.parametrize("sharing", SHARING)
def test_a_way_of_sharing_is_drawn_by_what_it_declares(sharing):
    declared, found = SHARING[sharing], parts(sharing)
    text, arrows, boxes = drawn(model_picture(found))
    method = declared()
    for name in (*method.beside.own, *method.beside.common):
        assert name in text.replace("<br>", " ")
        assert name in model_sentence(found)
    assert ("in the layers" in text.replace("<br>", " ")) == hasattr(method, "places")
    for name in TASKS:
        assert name in text
        assert name in text + model_sentence(found)
    assert ("shared" in text) == method.shares
    assert ("nothing is shared" in model_sentence(found)) != method.shares
    hues = {arrow["arrowcolor"] for arrow in arrows}
    wanted = {task_look(task).color for task in range(3)}
    # Where nothing shared trains, no gradient arrives there.
    assert hues in (wanted, set())
    assert hues or not (method.trains_encoder or method.beside.own)
    assert boxes


def test_counts_are_told_in_the_picture_in_words_and_as_data():
    found = ModelParts(("a", "b"), "encoder", 12_345, (40, 60), frozen=7)
    text, arrows, _ = drawn(model_picture(found))
    assert "12\u2009345 parameters" in text
    assert "40 parameters" in text
    assert len(arrows) == 2
    said = model_sentence(found)
    assert "All 2 tasks share encoder, 12\u2009345 parameters." in said
    assert "40 and 60 parameters" in said
    assert "7 parameters stay as they are" in said
    assert model_picture(found)["data"][0]["y"] == [12_345, 40, 60]


def test_what_is_kept_and_what_stands_beside_it_have_numbers_of_their_own():
    found = ModelParts(("a",), "BERT", 30, (40,), 7, ("net",), ("vector",), trained=False)
    text, *_ = drawn(model_picture(found))
    for part in ("kept as it is, 7 param", "of all tasks, 30 param", "in all 40 param"):
        assert part in text.replace("<br>", " ")


def test_a_frozen_trunk_receives_no_gradient():
    text, arrows, boxes = drawn(model_picture(ModelParts(("a", "b"), "BERT", trained=False)))
    assert "kept as it is" in text
    assert not arrows
    assert boxes[0]["line"]["dash"] == "dot"


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("sharing", SHARING)
def test_what_stands_in_a_box_fits_into_it(sharing, narrow):
    found = replace(parts(sharing), shared=1_234_567, own=(12_345,) * 3)
    layout = model_picture(found, narrow=narrow)["layout"]
    wide, row = 340 if narrow else 900, (layout["height"] - 10) / len(TASKS)
    for note in layout["annotations"]:
        lines = [re.sub("<[^b]*?>|</?b>", "", line) for line in note["text"].split("<br>")]
        boxes = [each for each in layout["shapes"] if each["type"] == "rect"
                 and each["x0"] < note["x"] < each["x1"] and each["y0"] < note["y"] < each["y1"]
                 and note["text"]]  # fmt: skip
        for box in boxes:
            assert max(map(len, lines)) * 6.4 <= (box["x1"] - box["x0"]) * wide
            assert len(lines) * 17 <= (box["y1"] - box["y0"]) * row
    assert sum(bool(note["text"]) for note in layout["annotations"]) == sum(
        each["type"] == "rect" for each in layout["shapes"]
    )


def test_a_long_name_of_a_task_is_broken_within_its_box():
    found = ModelParts(("x" * 60, "b"), "encoder")
    notes = model_picture(found, narrow=True)["layout"]["annotations"]
    (text,) = [note["text"] for note in notes if "xxx" in note["text"]]
    assert text.replace("<b>", "").replace("</b>", "").replace("<br>", "") == "x" * 60 + "head"
