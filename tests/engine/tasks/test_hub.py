"""Data sets of the hub, with a stand-in for the package and with the real one offline."""

import os
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

from mtlviz.engine.tasks.hub import hub
from mtlviz.errors import ConfigError, DataError, OfflineError


class Rows:
    """What `datasets` returns for one split, as far as it is used."""

    def __init__(self, names=None, **columns):
        self.columns, self.column_names = columns, list(columns)
        self.features = {column: SimpleNamespace(names=names) for column in columns}

    def __getitem__(self, column):
        return self.columns[column]

    def __len__(self):
        return len(next(iter(self.columns.values())))


@pytest.fixture
def serve(monkeypatch):
    """Make `datasets.load_dataset` return this or raise it, and list how it was called."""

    def install(answer):
        calls = []

        def load_dataset(*arguments):
            calls.append(arguments)
            if isinstance(answer, Exception):
                raise answer
            return answer

        package, exceptions = ModuleType("datasets"), ModuleType("datasets.exceptions")
        package.load_dataset = load_dataset
        exceptions.DatasetsError = type("DatasetsError", (Exception,), {})
        package.exceptions = exceptions
        monkeypatch.setitem(sys.modules, "datasets", package)
        monkeypatch.setitem(sys.modules, "datasets.exceptions", exceptions)
        return calls

    return install


def test_glue_is_read_with_its_names_and_without_its_hidden_test(serve):
    names = ["entailment", "not_entailment"]
    rows = Rows(names, sentence1=["a", "b"], sentence2=["c", "d"], label=[0, 1])
    hidden = Rows(names, sentence1=["e"], sentence2=["f"], label=[-1])
    calls = serve({"train": rows, "validation": rows, "test": hidden})
    task = hub("t", "glue/rte")
    assert calls == [("nyu-mll/glue", "rte")]
    assert (task.kind, task.label_names) == ("pair_classification", tuple(names))
    assert task.splits["dev"].second == ("c", "d")
    assert set(task.splits) == {"train", "dev"}


def test_glue_similarity_is_a_regression(serve):
    rows = Rows(sentence1=["a", "b"], sentence2=["c", "d"], label=[0.5, 5.0])
    serve({"train": rows, "validation": rows})
    task = hub("t", "glue/stsb")
    assert (task.kind, task.metric, task.score_range) == ("pair_regression", "pearson", (0.5, 5.0))


def test_matched_split_of_mnli_is_the_development_split(serve):
    rows, matched = (Rows(premise=[p], hypothesis=["h"], label=[1]) for p in ("p", "matched"))
    serve({"train": rows, "validation_matched": matched, "validation_mismatched": rows})
    assert hub("t", "glue/mnli").splits["dev"].first == ("matched",)


def test_sst5_has_five_classes(serve):
    rows = Rows(text=["a", "b"], label=[0, 4], label_text=["very negative", "very positive"])
    serve({"train": rows, "validation": rows, "test": rows})
    task = hub("t", "SetFit/sst5")
    assert task.label_names[4] == "very positive"
    assert task.splits["test"].labels.tolist() == [0, 4]


def test_squad_answers_become_spans(serve):
    answers = [{"answer_start": [4, 0], "text": ["dog", "the"]}]
    rows = Rows(id=["1"], question=["who"], context=["the dog"], answers=answers)
    serve({"train": rows, "validation": rows})
    task = hub("t", "rajpurkar/squad")
    assert task.splits["dev"].labels.tolist() == [[4, 7]]
    assert task.splits["dev"].references == (("dog", "the"),)
    assert task.metric == "span_f1"


def test_squad_of_version_two_has_questions_without_an_answer(serve):
    answers = [{"answer_start": [4], "text": ["dog"]}, {"answer_start": [], "text": []}]
    rows = Rows(id=["1", "2"], question=["who", "why"], context=["the dog"] * 2, answers=answers)
    serve({"train": rows, "validation": rows})
    task = hub("t", "rajpurkar/squad_v2")
    assert task.splits["dev"].labels.tolist() == [[4, 7], [0, 0]]
    assert task.splits["dev"].references == (("dog",), ())
    assert (task.kind, task.metric) == ("span_or_none", "span_f1_v2")


def test_any_data_set_is_read_by_its_columns_and_holds_out_a_dev_split(serve):
    texts = [f"text {number}" for number in range(10)]
    calls = serve({"train": Rows(body=texts, mood=["sad", "glad"] * 5)})
    task = hub("t", "someone/moods", subset="en", text="body", label="mood", dev_share=0.2)
    assert calls == [("someone/moods", "en")]
    assert task.label_names == ("glad", "sad")
    assert (len(task.splits["train"]), len(task.splits["dev"])) == (8, 2)
    assert task.metric == "accuracy"


def test_missing_column_lists_those_found(serve):
    serve({"train": Rows(body=["a"], label=[0])})
    with pytest.raises(DataError, match="no column 'text'; it has 'body', 'label'"):
        hub("t", "someone/moods")


def test_data_set_without_a_training_split_is_refused(serve):
    serve({"test": Rows(text=["a"], label=[0])})
    with pytest.raises(DataError, match="has no split 'train'; it has test"):
        hub("t", "someone/moods")


def test_single_sentences_with_scores_are_a_task_of_scores(serve):
    serve({"train": Rows(text=["a", "b", "c"], label=[0.5, 2.0, 1.0])})
    task = hub("t", "someone/moods", dev_share=0.3)
    assert (task.metric, task.score_range) == ("pearson", (0.5, 2.0))
    assert task.splits["train"].second is None


@pytest.mark.parametrize(
    ("names", "labels"),
    [(["anger", "joy"], [[1, 0], [], [1]]), (None, [["joy", "anger"], [], ["joy"]])],
)
def test_lists_of_labels_are_a_task_of_several_labels(serve, names, labels):
    rows = Rows(text=["a", "b", "c"], label=labels)
    rows.features["label"].feature = SimpleNamespace(names=names)
    serve({"train": rows, "validation": rows})
    task = hub("t", "someone/moods")
    assert (task.label_names, task.metric) == (("anger", "joy"), "f1_micro")
    assert task.splits["dev"].labels.tolist() == [[1, 1], [0, 0], [0, 1]]


def test_lists_of_labels_of_pairs_are_refused(serve):
    serve({"train": Rows(text=["a"], other=["b"], label=[[0, 1]])})
    with pytest.raises(ConfigError, match="of a pair of sentences must be 'class' or 'score'"):
        hub("t", "someone/moods", text_b="other")


@pytest.mark.parametrize("error", [ConnectionError("down"), TimeoutError("slow")])
def test_no_network_is_one_sentence(serve, error):
    serve(error)
    with pytest.raises(OfflineError, match=r"'nyu-mll/glue' cannot be fetched: there is no net"):
        hub("t", "glue/sst2")


def test_unknown_subset_is_a_wrong_setting(serve):
    serve(ValueError("BuilderConfig 'x' not found."))
    with pytest.raises(ConfigError, match="cannot give 'a/b': BuilderConfig 'x' not found"):
        hub("t", "a/b", subset="x")


def test_missing_package_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ConfigError, match=r"need the package 'datasets'.*pip install"):
        hub("t", "glue/sst2")


def test_the_real_package_offline_gives_the_same_sentence(tmp_path):
    pytest.importorskip("datasets", reason="needs the optional package datasets")
    program = "from mtlviz.engine.tasks.hub import hub\nhub('t', 'glue/sst2')"
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=offline, capture_output=True, text=True, check=False
    )
    assert "OfflineError: The data set 'nyu-mll/glue' cannot be fetched" in done.stderr


def test_rows_without_a_label_or_a_text_are_left_out_and_counted(serve):
    train = Rows(text=["a", None, "b", "c", " "], label=[0, 1, -1, 2, 0])
    dev = Rows(text=["d", "e"], label=[2, None])
    serve({"train": train, "validation": dev, "test": Rows(text=["f"], label=[-1])})
    task = hub("t", "someone/moods")
    assert task.label_names == ("0", "2")
    assert {split: part.first for split, part in task.splits.items()} == {
        "train": ("a", "c"), "dev": ("d",),
    }  # fmt: skip
    assert task.splits["train"].ids == ("0", "3")
    assert task.notes == (
        "train: 2 of 5 rows have no text and are left out.",
        "train: 1 of 3 rows have no label and are left out ('-1' in 1).",
        "dev: 1 of 2 rows have no label and are left out (an empty cell in 1).",
    )


def test_numbers_stand_for_the_names_that_the_data_set_states(serve):
    rows = Rows(["low", "high"], text=["a", "b", "c"], label=[1, 0, -1])
    serve({"train": rows, "validation": rows})
    task = hub("t", "someone/moods")
    assert (task.label_names, task.splits["dev"].labels.tolist()) == (("low", "high"), [1, 0])
    serve({"train": Rows(["low", "high"], text=["a"], label=[2])})
    with pytest.raises(DataError, match=r"someone/moods, train, row 1: .*label '2' is not one of"):
        hub("t", "someone/moods")


def test_decimals_without_fractions_are_classes_in_the_order_of_their_values(serve):
    rows = Rows(text=[str(n) for n in range(22)], label=[float(n % 11) for n in range(22)])
    serve({"train": rows, "validation": rows})
    assert hub("t", "someone/stars").label_names == tuple(map(str, range(11)))


def test_a_column_of_lists_is_no_text(serve):
    serve({"train": Rows(text=[["a", "b"]], label=[0])})
    with pytest.raises(DataError, match="column 'text' holds lists, not texts"):
        hub("t", "someone/tokens")
