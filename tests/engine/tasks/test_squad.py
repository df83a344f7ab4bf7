"""SQuAD: answers stand where the file says, and characters become tokens."""

import copy
import json

import pytest

from mtlviz.engine.answer_places import span_tokens
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.loading import check_task
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.squad import read_questions, read_squad, squad
from mtlviz.errors import ConfigError, DataError

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


def version_two():
    """The file with a second question, which has no answer; some files propose a wrong one."""
    content = copy.deepcopy(CONTENT)
    (paragraph,) = content["data"][0]["paragraphs"]
    question(content)["is_impossible"] = False
    nothing = {"answers": [], "is_impossible": True, "plausible_answers": [{"text": "1833"}]}
    paragraph["qas"].append({"id": "q2", "question": "Why?", **nothing})
    return content


def test_version_two_has_questions_without_an_answer(tmp_path):
    write(tmp_path, version_two())
    task = squad("t", str(tmp_path), version="2.0", train="squad.json", dev="squad.json")
    assert (task.kind, task.metric) == ("span_or_none", "span_f1_v2")
    dev = task.splits["dev"]
    assert dev.labels.tolist() == [[8, 23], [0, 0]]
    assert dev.references == (("Charles Babbage", "Babbage"), ())
    assert dev.places == (((8, 23), (16, 23)), ())
    kind = KINDS[task.kind]
    assert [kind.say(task, dev, place) for place in (0, 1)] == ["Charles Babbage", "no answer"]
    # Never answering is right once; the second answer of the first question against the other.
    assert kind.floor(task).score == 0.5
    assert kind.ceiling(task).scores == {"span_em_v2": 0.0, "span_f1_v2": pytest.approx(2 / 3)}
    check_task(task)


def test_version_one_refuses_a_file_of_version_two_and_says_how_to_read_it(tmp_path):
    with pytest.raises(DataError, match=r"'q2' has no answer, .* version 2.0, or .*span_or_none'"):
        read_squad(write(tmp_path, version_two()))


def test_an_unknown_version_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="version of SQuAD"):
        squad("t", str(tmp_path), version="3.0")


@pytest.mark.parametrize(
    ("number", "flag", "told"),
    [(0, True, "'q1' has an answer, but `is_impossible` says true"),
     (1, False, "'q2' has no answer, but `is_impossible` says false")],
)  # fmt: skip
def test_a_file_that_contradicts_itself_is_refused(tmp_path, number, flag, told):
    content = version_two()
    content["data"][0]["paragraphs"][0]["qas"][number]["is_impossible"] = flag
    with pytest.raises(DataError, match=told):
        read_squad(write(tmp_path, content), or_none=True)


def test_a_folder_says_in_its_description_that_questions_may_have_no_answer(tmp_path):
    write(tmp_path, version_two())
    meta = {
        "task": "span_or_none",
        "metric": "span_f1_v2",
        "files": dict.fromkeys(("train", "dev"), "squad.json"),
    }
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    assert folder("t", str(tmp_path)).splits["dev"].references[1] == ()


def test_people_and_the_rule_score_on_squad_what_was_measured(data_folder):
    for size, em, f1, count in (("small", 0.776, 0.889, None), ("full", 0.819, 0.915, 3_606)):
        task = folder("t", str(data_folder / "squad"), size=size)
        found = KINDS[task.kind].ceiling(task)
        assert found.scores["span_em"] == pytest.approx(em, abs=6e-4)
        assert found.scores["span_f1"] == pytest.approx(f1, abs=6e-4)
        assert count is None or found.count == count
        assert 0 < found.errors["span_f1"] < found.errors["span_em"] < 0.03


@pytest.mark.parametrize(
    "content",
    [[], {"data": [{}]}, {"data": 3}, {"data": [{"paragraphs": [{"context": "a", "qas": ["q"]}]}]}],
)
def test_other_json_is_an_error(tmp_path, content):
    with pytest.raises(DataError, match="not in the format of SQuAD"):
        read_squad(write(tmp_path, content))


@pytest.mark.parametrize("read", [read_squad, read_questions])
@pytest.mark.parametrize("wrong", [{"context": 5}, {"question": 7}, {"id": None, "question": []}])
def test_values_that_are_no_text_are_refused_without_names_of_python(tmp_path, read, wrong):
    content = copy.deepcopy(CONTENT)
    (paragraph,) = content["data"][0]["paragraphs"]
    (paragraph if "context" in wrong else question(content)).update(wrong)
    with pytest.raises(DataError, match=r"not in the format of SQuAD.*a text `context`") as told:
        read(write(tmp_path, content))
    assert "Error" not in str(told.value)


@pytest.mark.parametrize("read", [read_squad, read_questions])
def test_two_questions_with_one_id_are_refused(tmp_path, read):
    content = copy.deepcopy(CONTENT)
    content["data"] *= 2
    with pytest.raises(DataError, match=r"squad.json has two questions with the id 'q1'\."):
        read(write(tmp_path, content))


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
