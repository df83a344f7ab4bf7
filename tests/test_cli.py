"""The command line: trains, resumes, reports and refuses in one sentence."""

import json
import os
from dataclasses import replace
from itertools import pairwise

import pytest

from mtlviz import cli
from mtlviz.cli.progress import Progress, duration
from mtlviz.cli.report import Outcome, table
from mtlviz.engine import checkpoint
from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual_presets import CONTINUAL_PRESETS
from mtlviz.engine.many_presets import MANY_PRESETS
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.engine.published_scores import published_scores
from mtlviz.engine.records import GroupScore, from_json
from mtlviz.replication.catalogue import EXPERIMENTS
from tests.runs import compare_runs

NAN = float("nan")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home folder of the test's own, in which the queue starts nothing."""
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def quick(tmp_path):
    """Flags of a run of about a second."""
    config = {
        "name": "quick",
        "data": {
            "batch_size": 8,
            "tasks": [
                {"name": "mood", "options": {"size": 32, "dev_size": 16}},
                {"name": "topic", "options": {"size": 32, "dev_size": 16, "asks": "topic"}},
            ],
        },
        "capacity": {"width": 8, "vector_width": 6},
        "optimisation": {"epochs": 2},
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(config))
    return ["train", "--config", str(path), "--device", "cpu"]


def run(capsys, *arguments):
    status = cli.main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_training_ends_with_a_table_and_files_that_can_be_read_again(quick, tmp_path, capsys):
    out = tmp_path / "out"
    status, text, progress = run(
        capsys, *quick, "--combiner", "pcgrad", "--out", str(out), "--with-stl"
    )
    assert status == 0
    assert "mood" in text
    assert "alone" in text
    assert "floor" in text
    assert "best mean so far" in progress
    config = RunConfig.from_file(out / "config.json")
    assert config.optimisation.combiner == "pcgrad"
    lines = (out / "records.jsonl").read_text().splitlines()
    kinds = [from_json(json.loads(line)).kind for line in lines]
    assert kinds.count("step") == 8
    assert kinds.count("evaluation") == 2
    result = json.loads((out / "result.json").read_text())
    assert result["tasks"] == ["mood", "topic"]
    assert set(result["single_task"]) == {"mood", "topic"}
    (stored,) = out.glob("checkpoint-*.safetensors")
    assert checkpoint.read(stored).state["progress"]["update"] == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--preset", "nope"], "Unknown preset 'nope'"),
        (["train", "--set", "optimisation.speed=1"], "no setting `optimisation.speed`"),
        (["train", "--set", "nonsense"], "--set needs PLACE=VALUE"),
        (["train", "--combiner", "magic"], "Unknown combiner 'magic'"),
        (["train", "--epochs", "many"], "`optimisation.epochs`"),
        (["train", "--config", "nowhere.json"], "Cannot read the settings in nowhere.json"),
        (["train", "--resume"], "needs the number of a run, or the folder of its --out"),
        (["train", "--resume", "7"], "There is no run 7"),
        (["train", "--resume", "nowhere"], "There is no folder"),
        (["train", "--out", "nowhere", "--resume"], "There is no folder"),
        (["train", "--weighting", "manual"], 'such as {"values": [1.0, 1.0, 1.0, 0.5]} for 4'),
        (["train", "--checkpoint", "x"], "add --encoder checkpoint, or leave --checkpoint out"),
        (["train", "--threads", "0"], "threads must be at least 1"),
        (["data", "check", "nowhere"], "no file or folder 'nowhere'"),
        (["data", "check", "x", "--option", "y"], "--option needs NAME=VALUE"),
        (["data", "list", "nowhere"], "There is no folder 'nowhere'"),
        (["fly"], "Unknown command 'fly'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_is_one_sentence_and_exit_code_2(arguments, words, capsys):
    status, text, said = run(capsys, *arguments)
    assert status == 2
    assert text == ""
    assert words in said
    assert "Traceback" not in said
    assert said.count("\n") == 1


def test_a_folder_that_holds_something_is_not_overwritten(quick, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    assert "is not empty" in run(capsys, *quick, "--out", str(out))[2]
    (out / "config.json").write_text("{}")
    status, _, said = run(capsys, *quick, "--out", str(out))
    assert status == 2
    assert "holds a run already" in said
    assert "holds no run of `mtlviz train`" in run(capsys, *quick, "--resume", str(out))[2]
    assert "is a file" in run(capsys, *quick, "--out", str(out / "notes.txt"))[2]


def test_a_start_that_fails_leaves_neither_folder_nor_run(quick, tmp_path, capsys):
    out = tmp_path / "out"
    wrong = ["--set", "data.tasks.0.options.size=0", "--out", str(out)]
    status, _, said = run(capsys, *quick, *wrong)
    assert (status, said) == (2, "`size` must be 1 to 20,000, got 0.\n")
    assert not out.exists()
    assert "There are no runs yet." in run(capsys, "runs", "list")[1]
    assert run(capsys, *quick, "--out", str(out))[0] == 0


def test_settings_can_be_shown_and_listed_without_training(quick, capsys):
    status, text, _ = run(capsys, *quick, "--set", "data.tasks.0.label_noise=0.25", "--show")
    assert status == 0
    assert RunConfig.from_json(text).data.tasks[0].label_noise == 0.25
    listed = run(capsys, "train", "--list-settings")[1].splitlines()
    place = listed.index('optimisation.combiner = "sum"')
    assert "One of: " in listed[place + 1]
    assert "pcgrad" in "".join(listed[place + 1 : place + 4])
    assert "    Step size of AdamW. A number above 0 to 10." in listed
    # Every setting has at least one line below it that says what it is.
    assert all(below.startswith("    ") for line, below in pairwise(listed)
               if " = " in line and not line.startswith(" "))  # fmt: skip
    assert "cs224n-pcgrad" in run(capsys, "train", "--list-presets")[1]


def test_settings_that_cannot_run_are_not_shown(quick, capsys):
    wrong = ["--set", "optimisation.phases=nobody > all"]
    refused = run(capsys, *quick, *wrong)
    assert refused[0] == 2
    assert "nobody" in refused[2]
    assert run(capsys, *quick, *wrong, "--show") == refused


def test_short_flags_and_checkpoint_reach_their_settings(capsys):
    _, text, _ = run(
        capsys, "train", "--preset", "cs224n-classic", "--checkpoint", "here", "--seed", "7",
        "--learning-rate", "2e-5", "--show",
    )  # fmt: skip
    config = RunConfig.from_json(text)
    assert config == preset("cs224n-classic", "here").changed_at("seed", 7).changed_at(
        "optimisation.learning_rate", 2e-5
    )
    assert config.capacity.checkpoint == "here"
    assert (config.seed, config.optimisation.learning_rate) == (7, 2e-5)


def test_a_checkpoint_is_used_with_any_preset_whose_encoder_takes_one(capsys):
    _, text, _ = run(
        capsys, "train", "--preset", "six-sentiment-lstm", "--checkpoint", "here",
        "--encoder", "checkpoint", "--show",
    )  # fmt: skip
    config = RunConfig.from_json(text)
    assert (config.capacity.encoder, config.capacity.checkpoint) == ("checkpoint", "here")
    status, _, said = run(
        capsys, "train", "--preset", "six-sentiment-lstm", "--checkpoint", "here", "--show"
    )
    assert status == 2
    assert "train the encoder 'lstm' from scratch" in said


def test_ctrl_c_before_anything_has_begun_is_a_word_and_130(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mtlviz.cli.train.settings", interrupted)
    assert run(capsys, "train") == (130, "", "\nStopped.\n")


def test_the_command_alone_and_bare_flags_open_the_app(monkeypatch):
    opened = []
    monkeypatch.setattr("mtlviz.ui.launch.open_app", opened.append)
    assert [cli.main([]), cli.main(["app"]), cli.main(["--server.port", "1"])] == [0, 0, 0]
    assert opened == [[], [], ["--server.port", "1"]]


def test_help_names_the_port_and_the_list_of_experiments_is_aligned(capsys):
    assert cli.main(["--help"]) == 0
    assert "--server.port" in capsys.readouterr().out
    assert cli.main(["replicate"]) == 0
    lines = capsys.readouterr().out.splitlines()
    titles = [each.title for each in EXPERIMENTS.values()]
    begins = {line.index(title) for line, title in zip(lines, titles, strict=True)}
    assert begins == {max(map(len, EXPERIMENTS)) + 2}


def test_help_and_version_need_nothing_heavy(capsys):
    told = run(capsys, "--help")[1]
    for name, command in cli.COMMANDS.items():
        assert told.count(f"  mtlviz {name} ") == 1
        assert command.__doc__.partition("\n")[0] in told
    assert all(len(line) <= 100 for line in told.splitlines())
    assert run(capsys, "--version")[1].startswith("mtlviz ")


def test_data_lists_checks_and_finds_leaks(tmp_path, capsys, monkeypatch):
    rows = [f"sentence number {n} is {'good' if n % 2 else 'bad'},{n % 2}" for n in range(40)]
    csv = tmp_path / "mine.csv"
    csv.write_text("text,label\n" + "\n".join(rows) + "\n")
    status, text, _ = run(capsys, "data", "check", str(csv))
    assert status == 0
    assert "mine: classification" in text
    assert "No evaluation text occurs" in text
    broken = tmp_path / "set"
    broken.mkdir()
    (broken / "meta.json").write_text("[]")
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    listed = run(capsys, "data", "list")[1]
    assert "synthetic" in listed
    assert "describes no task" in listed
    assert run(capsys, "data", "leakage", "default")[0] == 0


def test_data_check_reads_what_the_page_reads_and_tells_what_it_left_out(tmp_path, capsys):
    rows = [f"sentence {n};{'-' if n < 4 else n % 2}" for n in range(40)]
    table = tmp_path / "MINE.CSV"
    table.write_text("premise;gold_label\n" + "\n".join(rows) + "\n")
    status, text, _ = run(capsys, "data", "check", str(table))
    assert status == 0
    assert "4 of 40 rows have no label and are left out ('-' in 4)." in text
    assert "of dev's words are not in a vocabulary made of train" in text
    jsonl = tmp_path / "mine.jsonl"
    jsonl.write_text("".join(f'{{"text": "a {n}", "label": {n % 2}}}\n' for n in range(40)))
    assert run(capsys, "data", "check", str(jsonl))[0] == 0
    table.write_text("text,label\na\0,1\n")
    status, _, said = run(capsys, "data", "check", str(table))
    assert (status, said) == (2, "MINE.CSV, line 2: a NUL byte, which no text holds.\n")


def test_the_shell_says_what_no_epoch_of_an_uneven_run_sees(tmp_path, capsys):
    for name, count in (("big", 200), ("tiny", 20)):
        rows = "".join(f"{name} word {n},{n % 2}\n" for n in range(count))
        (tmp_path / f"{name}.csv").write_text(f"text,label\n{rows}")
    tasks = [{"name": name, "source": "table", "path": str(tmp_path / f"{name}.csv")}
             for name in ("big", "tiny")]  # fmt: skip
    data = {"batch_size": 8, "tasks": tasks}
    (tmp_path / "run.json").write_text(json.dumps({"data": data, "optimisation": {"epochs": 1}}))
    said = run(capsys, "train", "--config", str(tmp_path / "run.json"), "--home", str(tmp_path))[2]
    assert "16 of 160 examples of 'big' are seen; joint_fill_up sees all." in said


def outcome(*scores):
    tasks = ("sst", "quora", "sts")
    return Outcome(
        tasks, ("accuracy", "accuracy", "pearson"), scores, (0.015, 0.003, 0.02),
        (0.253, 0.625, NAN), 100,
    )  # fmt: skip


def test_published_scores_stand_beside_ours_with_what_is_wrong_with_them():
    text = table(preset("cs224n-round-robin-quick"), outcome(0.45, 0.81, 0.83), {})
    sst, quora, sts = text.splitlines()[1:4]
    assert "0.504 [1]" in sst
    assert "0.747 [1]" in quora
    assert "0.608" in sts
    assert "[1] the printed row is almost surely column-swapped" in text
    assert "other encoder, data or budget" in text


def test_people_and_what_is_scored_apart_stand_with_the_scores():
    group = GroupScore("one reference", 1_360, {"span_f1": 0.41, "span_em": NAN},
                       {"span_f1": 0.02, "span_em": NAN})  # fmt: skip
    found = replace(outcome(0.45, 0.81, 0.83), ceilings=(0.915, NAN, NAN), groups=([group], [], []))
    lines = table(preset("default"), found, {}).splitlines()
    assert lines[0].split() == ["task", "metric", "score", "floor", "people"]
    assert lines[1].split()[-2:] == ["0.253", "0.915"]
    assert lines[2].split()[-1] == "–"
    assert lines[4] == "sst, one reference (1,360): span_f1 0.410 ± 0.020, span_em –"
    assert any(line.startswith("People: the second person's answers") for line in lines)
    assert "people" not in table(preset("default"), outcome(0.45, 0.81, 0.83), {})


COURSE = preset("cs224n-classic", "here")


@pytest.mark.parametrize(
    ("config", "sst"),
    [
        (COURSE.changed_at("name", "anything"), 0.536),
        (COURSE.changed_at("optimisation.combiner", "pcgrad"), 0.532),
        (COURSE.changed_at("optimisation.scheduler", "round_robin"), 0.504),
        (COURSE.changed_at("data.tasks.0.path", "/elsewhere/cs224n_sst"), 0.536),
        # Named after the experiment, but something else.
        (COURSE.changed_at("optimisation.combiner", "cagrad"), None),
        (COURSE.changed_at("optimisation.scheduler", "proportional"), None),
        (COURSE.changed_at("optimisation.weighting", "uncertainty"), None),
        (COURSE.changed_at("capacity.sharing", "separate"), None),
        (COURSE.changed_at("capacity.encoder", "cnn"), None),
        (COURSE.changed_at("data.tasks.0.path", "mine"), None),
    ],
)
def test_published_scores_belong_to_what_a_run_does_not_to_its_name(config, sst):
    found = published_scores(config)
    assert (found["sst"].score if found else None) == sst


def test_published_scores_follow_a_task_that_is_called_otherwise():
    found = published_scores(COURSE.changed_at("data.tasks.2.name", "similar"))
    assert found["similar"].score == 0.613


def test_presets_without_a_published_table_get_none():
    without = {name for name in PRESETS if not published_scores(preset(name))}
    plain = {"default", "sst2-mnli-phases", "sst2-mnli-halves", "sst2-mnli-halves-quick"}
    assert without == {*plain, *CONTINUAL_PRESETS, *MANY_PRESETS}


def test_sharmas_rows_are_told_apart_by_their_phases_and_say_what_is_wrong_with_them():
    printed = {
        name: {task: entry.score for task, entry in published_scores(preset(name)).items()}
        for name in PRESETS
    }
    assert printed["sst2-mnli-hub"] == printed["sst2-mnli"]
    assert printed["sst2-squad-halves-quick"] == {"squad": 0.88135, "glue_sst2": 0.92087}
    assert printed["mnli-squad-halves"] == {"mnli": 0.83311}
    alone = {task: score for name in ("sst2", "mnli", "squad")
             for task, score in printed[f"{name}-alone"].items()}  # fmt: skip
    assert alone == {"glue_sst2": 0.90825, "mnli": 0.83529, "squad": 0.87398}
    together = preset("sst2-squad-halves").changed_at("optimisation.phases", "")
    assert published_scores(together) == {}
    flags = [entry.flag for name in PRESETS if "sst2" in name or "squad" in name
             for entry in published_scores(preset(name)).values()]  # fmt: skip
    assert all(flags)
    # 8,177 of 9,815; 792 of 872 truncated; no count of 10,570 gives 88.135.
    assert round(8177 / 9815, 5) == 0.83311
    assert int(792 / 872 * 1e5) / 1e5 == 0.90825
    assert not {k for k in range(10571) if abs(k / 10570 - 0.88135) < 5e-6}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("optimisation.match_sum_norm", True),
        ("optimisation.combiner_options", {"rescale": 0}),
        ("data.tasks.0.label_noise", 0.1),
    ],
)
def test_a_changed_method_or_noise_gets_no_published_numbers(place, value):
    assert published_scores(COURSE.changed_at(place, value)) == {}


def test_every_published_score_of_the_six_sets_that_shares_sentences_is_flagged():
    found = published_scores(preset("six-sentiment-mean"))
    assert {name for name, entry in found.items() if "share" in entry.flag} == {
        "sst2_sent", "mr", "subj",
    }  # fmt: skip


def test_differences_of_one_seed_are_numbers_and_no_verdict():
    text = table(preset("default"), outcome(0.9, 0.5, 0.83), {
        "sst": (0.5, 0.015), "quora": (0.49, 0.02), "sts": (0.95, 0.01),
    })  # fmt: skip
    sst, quora, sts = text.splitlines()[1:4]
    assert "+0.400" in sst
    assert "+0.010" in quora
    assert "-0.120" in sts
    assert not any(word in text for word in ("helps", "hurts", "told apart"))
    assert "knows nothing of other seeds" in text


@pytest.mark.parametrize("flag", ["--resume=1", "--out=folder"])
def test_several_seeds_go_with_nothing_that_is_for_one_run(capsys, flag, tmp_path):
    code, _, error = run(capsys, "train", "--home", str(tmp_path), "--seeds", "2", flag)
    assert code
    assert "--seeds trains several runs" in error


def test_options_of_all_methods_are_listed_with_their_defaults(capsys):
    listed = run(capsys, "train", "--list-settings")[1]
    lines = listed.splitlines()
    for expected in (
        'table: text_b = "" Column of the second of a pair; empty for single sentences',
        "cagrad: c = 0.5 Radius of the ball",
        "temperature: temperature = 10.0 T;",
        "manual: values = (must be given)",
        "size: sizes = (taken from the data) Training examples",
        "aligned: variant = \"joint\" 'fixed' keeps",
    ):
        assert any(line.strip().startswith(expected) for line in lines), expected
    assert all(len(line) <= 100 for line in lines if " = " not in line or line[0] == " ")


@pytest.mark.parametrize("seconds", ["-1", "0", "nan", "inf", "soon"])
def test_time_between_checkpoints_is_above_zero(seconds, capsys):
    assert cli.main(["train", "--save-every", seconds]) == 2
    assert "must be a number of seconds above 0" in capsys.readouterr().err


def test_leaks_are_searched_in_one_named_run(quick, capsys):
    for flags in (["--preset", "default"], quick[1:3]):
        status, _, said = run(capsys, "data", "leakage", "default", *flags)
        assert status == 2
        assert "Name one run: 'default', or the one of --preset or --config, not both." in said


def test_what_is_no_task_is_not_listed_and_the_hub_is_named_where_it_helps(tmp_path, capsys):
    for name, kind in (("words", "wordpiece_vocab"), ("mood", "classification")):
        (tmp_path / name).mkdir()
        content = {"task": kind, "rows": {"train": 3}}
        (tmp_path / name / "meta.json").write_text(json.dumps(content))
    listed = run(capsys, "data", "list", str(tmp_path))[1]
    assert "mood " in listed
    assert "words" not in listed
    said = run(capsys, "data", "check", "glue/sst2")[2]
    assert "For a data set of the hub add --source hub." in said


def test_leaks_of_several_training_splits_are_added_up_without_counting_twice(tmp_path, capsys):
    tasks = []
    for name, first in (("mine", 0), ("yours", 5), ("test", 100)):
        texts = [f"text {n},{n % 2},train" for n in range(first, first + 10)]
        texts += [f"text {n},{n % 2},dev" for n in (range(20) if name == "test" else (300, 301))]
        (tmp_path / name).write_text("\n".join(["text,label,split", *texts]) + "\n")
        tasks.append({"name": name, "source": "table", "path": str(tmp_path / name),
                      "options": {"split": "split"}})  # fmt: skip
    (tmp_path / "run.json").write_text(json.dumps({"data": {"tasks": tasks}}))
    text = run(capsys, "data", "leakage", "--config", str(tmp_path / "run.json"))[1]
    assert "10 of 20 dev texts of test (50.0%) occur in the training split of mine." in text
    assert "Together 15 of 20 dev texts of test (75.0%) occur in 2 training splits." in text


def test_word_vectors_that_are_not_there_are_called_missing(quick, capsys):
    status, _, said = run(capsys, *quick, "--set", "capacity.vectors=/nope.txt")
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("There is no file or folder 'nope.txt' where its path says")


def test_what_has_no_number_is_a_dash_not_a_zero():
    text = table(preset("default"), outcome(0.45, NAN, 0.83), {"sst": (0.5, 0.015)})
    sst, quora, sts = text.splitlines()[1:4]
    assert "-0.050 ± 0.021" in sst
    assert quora.split()[2] == "–"
    assert sts.endswith("–")


def test_the_table_says_whom_the_choice_of_a_moment_favours_and_what_was_planted():
    with_alone = table(preset("default"), outcome(0.45, 0.5, 0.83), {"sst": (0.5, 0.015)})
    assert "That choice favours `alone`" in with_alone
    assert "Planted: letters asks what reviews asks" in with_alone
    without = table(COURSE, outcome(0.45, 0.5, 0.83), {})
    assert "favours" not in without
    assert "Planted" not in without


class Terminal:
    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_the_bar_shows_done_total_and_time_left(monkeypatch):
    clock = iter([0.0, 30.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    bar = Progress(["a"], total=100, done=20, stream=Terminal())
    # 30 seconds for 30 updates, 50 to go.
    assert "] 50/100  0:50 left" in bar.line(50)


def test_the_bar_is_never_longer_than_the_terminal(monkeypatch):
    terminal = Terminal()
    terminal.fileno = lambda: 1
    monkeypatch.setattr("os.get_terminal_size", lambda number: os.terminal_size((60, 20)))
    bar = Progress(["reviews", "letters", "topics", "similarity"], total=9, stream=terminal)
    bar.step(compare_runs.step(0, 4))
    assert len(terminal.text.removeprefix("\r").removesuffix("\x1b[K")) == 59


def test_scores_without_an_error_are_shown_without_one():
    terminal = Terminal()
    record = compare_runs.evaluation(4, [0.5, NAN])
    record.errors[:] = NAN
    Progress(["a", "b"], total=9, stream=terminal).evaluation(record)
    assert "a 0.500  b –  best mean so far" in terminal.text


def test_the_bar_goes_away_before_anything_else_is_said():
    terminal = Terminal()
    Progress(["a"], total=100, stream=terminal).close()
    assert terminal.text == "\r\x1b[K"


def test_durations_are_minutes_or_hours():
    assert [duration(5), duration(65.4), duration(3725)] == ["0:05", "1:05", "1 h 02 min"]
