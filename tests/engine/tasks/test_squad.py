"""SQuAD: answers stand where the file says, and characters become tokens."""

import copy
import json

import pytest

from mtlviz.engine.metrics import METRICS
from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.squad import read_squad, span_tokens, squad
from mtlviz.errors import DataError

PARAGRAPH = "Ada met Charles Babbage in 1833."
#            [CLS] question    Ada     met     Charles  Babb      ##age     in        1833      .
OFFSETS = [(0, 0), (0, 0), (0, 3), (4, 7), (8, 15), (16, 20), (20, 23), (24, 26), (27, 31)]
CONTENT = {
    "version": "1.1",
    "data": [
        {
            "title": "t",
            "paragraphs": [
                {
                    "context": PARAGRAPH,
                    "qas": [
                        {
                            "id": "q1",
                            "question": "Whom?",
                            "answers": [
                                {"answer_start": 8, "text": "Charles Babbage"},
                                {"answer_start": 16, "text": "Babbage"},
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}


def question(content):
    return content["data"][0]["paragraphs"][0]["qas"][0]


def write(place, content):
    file = place / "squad.json"
    file.write_text(json.dumps(content))
    return file


def test_first_answer_is_the_label_and_all_are_references(tmp_path):
    examples = read_squad(write(tmp_path, CONTENT))
    start, end = examples.labels[0]
    assert examples.second[0][start:end] == "Charles Babbage"
    assert examples.references == (("Charles Babbage", "Babbage"),)
    assert METRICS["span_em"](["babbage"], examples.references) == 1.0


def test_chosen_examples_keep_their_references(tmp_path):
    examples = read_squad(write(tmp_path, CONTENT))
    assert take(examples, [0]).references == examples.references


def test_source_reads_both_files(tmp_path):
    write(tmp_path, CONTENT)
    task = squad("t", str(tmp_path), train="squad.json", dev="squad.json")
    assert (task.kind, task.outputs, len(task.splits["dev"])) == ("span_extraction", 2, 1)


def test_answers_of_the_real_sample_stand_in_their_paragraphs(data_folder):
    dev = folder("t", str(data_folder / "squad"), size="small").splits["dev"]
    for paragraph, (start, end), accepted in zip(
        dev.second, dev.labels, dev.references, strict=True
    ):
        assert paragraph[start:end] == accepted[0]


def test_answer_at_the_wrong_place_is_an_error(tmp_path):
    content = copy.deepcopy(CONTENT)
    question(content)["answers"][1]["answer_start"] = 15
    with pytest.raises(DataError, match="'q1': answer 'Babbage' does not stand at character 15"):
        read_squad(write(tmp_path, content))


def test_question_without_an_answer_is_an_error(tmp_path):
    content = copy.deepcopy(CONTENT)
    question(content)["answers"] = []
    with pytest.raises(DataError, match="'q1' has no answer"):
        read_squad(write(tmp_path, content))


@pytest.mark.parametrize("content", [[], {"data": [{}]}, {"data": 3}])
def test_other_json_is_an_error(tmp_path, content):
    with pytest.raises(DataError, match="not in the format of SQuAD"):
        read_squad(write(tmp_path, content))


def test_file_without_questions_is_an_error(tmp_path):
    with pytest.raises(DataError, match="holds no question"):
        read_squad(write(tmp_path, {"data": []}))


@pytest.mark.parametrize(
    ("answer", "tokens"),
    [("Charles Babbage", (4, 6)), ("Ada", (2, 2)), ("abb", (5, 5)), ("age in", (6, 7))],
)
def test_tokens_of_an_answer(answer, tokens):
    start = PARAGRAPH.index(answer)
    assert span_tokens(OFFSETS, (start, start + len(answer))) == tokens


def test_truncated_answer_has_no_tokens():
    # The second half of the name is cut off; so is everything before the window.
    assert span_tokens(OFFSETS[:6], (8, 23)) is None
    assert span_tokens(OFFSETS[5:], (8, 23)) is None
    assert span_tokens(OFFSETS[:2], (0, 3)) is None
