"""A stranger's link reads what the owner offers and nothing else, and never more than fits."""

import gzip
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mtlviz import access
from mtlviz.access import Access, current, visitors_access
from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.embedding_request import VectorEncoder, content_key, drawn_texts
from mtlviz.engine.estimate.checkpoints import checkpoint_shape
from mtlviz.engine.models.checkpoints import checkpoint_files
from mtlviz.engine.models.vectors import file_words
from mtlviz.engine.resuming import check_same_settings
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.tasks.catalogue import data_sets, task_choices
from mtlviz.engine.tasks.loading import read_task
from mtlviz.errors import CheckpointError, ConfigError, DataError, MtlvizError

ROWS = "text,label\n" + "".join(f"word {i},{i % 2}\n" for i in range(40))
SECRET = "root:secret:0:0\n"


@pytest.fixture
def offered(tmp_path, monkeypatch):
    """A data folder, own tasks and an allowed folder for visitors; beside them, a secret."""
    for name in ("data", "home/tasks", "course", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "elsewhere" / "secret.csv").write_text(SECRET)
    for name in ("data", "home/tasks", "course"):
        (tmp_path / name / "mine.csv").write_text(ROWS)
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with access.chosen(visitors_access(str(tmp_path / "course"))):
        yield tmp_path


def read(path, source="table"):
    return read_task(TASKS, TaskConfig(name="t", source=source, path=path))


@pytest.mark.parametrize(
    "path",
    ["mine.csv", "{}/data/mine.csv", "$MTLVIZ_DATA/mine.csv", "{}/course/mine.csv",
     "$MTLVIZ_ALLOW/course/mine.csv", "$MTLVIZ_HOME/tasks/mine.csv", "course/mine.csv"],
)  # fmt: skip
def test_what_is_offered_is_read(offered, path):
    assert len(read(path.format(offered)).splits["train"]) == 32


def hostile(offered):
    """Ways out of the folders, all of which lead to something that exists."""
    outside = offered / "elsewhere"
    (offered / "data" / "link.csv").symlink_to(outside / "secret.csv")
    (offered / "data" / "linked").symlink_to(outside)
    (offered / "data" / ".hidden.csv").write_text(SECRET)
    os.mkfifo(offered / "data" / "pipe.csv")
    return [
        str(outside / "secret.csv"), "elsewhere/secret.csv", "../elsewhere/secret.csv",
        "$MTLVIZ_DATA/../elsewhere/secret.csv", "$MTLVIZ_ALLOW/course/../../elsewhere/secret.csv",
        "link.csv", "linked/secret.csv", ".hidden.csv", "pipe.csv", "/etc/passwd", "/dev/zero",
        "/proc/self/environ", "~/secret.csv", "~root", ".", "..", "/", "a\0b", "x" * 5000, "",
    ]  # fmt: skip


@pytest.mark.parametrize("source", ["table", "folder", "hub"])
def test_no_path_leads_out_and_no_sentence_tells_what_is_there(offered, source):
    for path in hostile(offered):
        with pytest.raises(MtlvizError) as refused:
            read(path, source)
        sentence = str(refused.value)
        assert "secret:" not in sentence, path
        assert str(offered) not in sentence, path
        assert "\n" not in sentence, path
        assert len(sentence) < 300, path


def test_what_is_not_offered_and_what_is_not_there_are_the_same_to_a_stranger(offered):
    sentences = set()
    for path in (offered / "elsewhere" / "secret.csv", offered / "nowhere" / "secret.csv"):
        with pytest.raises(DataError) as refused:
            read(str(path))
        sentences.add(str(refused.value))
    assert len(sentences) == 1
    assert "'secret.csv'" in sentences.pop()


def test_a_description_cannot_name_files_elsewhere(offered):
    place = offered / "data" / "set"
    place.mkdir()
    (place / "train.csv").symlink_to(offered / "elsewhere" / "secret.csv")
    (place / "meta.json").write_text(
        '{"task": "classification", "labels": ["a", "b"], "files": {"train": "train.csv"}}'
    )
    with pytest.raises(DataError, match=r"no file 'train.csv' that this app may read"):
        read("set", "folder")
    problem = task_choices(offered / "home").problems[0]
    assert problem.startswith("set: There is no file 'train.csv' that this app may read")


def test_checkpoints_and_vectors_are_read_where_data_is(offered):
    (offered / "elsewhere" / "model.safetensors").write_bytes(b"")
    (offered / "elsewhere" / "vectors.txt").write_text("secret 1 2\n")
    for name in (str(offered / "elsewhere"), "elsewhere", "../elsewhere"):
        for look in (checkpoint_shape, checkpoint_files):
            with pytest.raises(MtlvizError) as refused:
                look(name)
            assert str(offered) not in str(refused.value)
    with pytest.raises(DataError, match="that this app may read"):
        file_words(str(offered / "elsewhere" / "vectors.txt"))
    (offered / "course" / ".gitattributes").write_text("")
    assert current().local_folder("$MTLVIZ_ALLOW/course") == offered / "course"
    (offered / "course" / "config.json").symlink_to("/dev/zero")
    with pytest.raises(DataError, match=r"course/config.json is no regular file that may be read"):
        checkpoint_files("$MTLVIZ_ALLOW/course")


def test_the_app_learns_nothing_of_files_elsewhere_from_keys_and_lists(offered):
    texts = drawn_texts(read("mine.csv"), 3)
    for place in (offered / "elsewhere" / "secret.csv", offered / "elsewhere"):
        encoder = VectorEncoder(vectors=str(place))
        before = content_key(texts, encoder)
        (offered / "elsewhere" / "secret.csv").write_text("changed")
        assert content_key(texts, encoder) == before
        with pytest.raises(DataError, match="that this app may read"):
            data_sets(str(place))


def test_a_shell_reads_everything_but_what_is_no_file(tmp_path, monkeypatch):
    (tmp_path / "mine.csv").write_text(ROWS)
    assert len(read(str(tmp_path / "mine.csv")).splits["train"]) == 32
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe.csv", tmp_path / "zero.csv", "/dev/zero"):
        with pytest.raises(DataError, match="is no regular file"):
            read(str(path))


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".CSV.GZ"])
def test_a_file_ends_in_a_sentence_before_it_fills_the_memory(tmp_path, ending):
    content = ROWS.encode() + b"x" * 2**20
    packed = ending.lower().endswith(".gz")
    file = tmp_path / f"bomb{ending}"
    file.write_bytes(gzip.compress(content) if packed else content)
    with access.chosen(Access(largest=2**20)), pytest.raises(DataError, match="more than 1 MB"):
        current().read(file)
    with access.chosen(Access(largest=2**21)):
        assert current().read(file) == content


def test_damaged_packing_is_one_sentence(tmp_path):
    packed = bytearray(gzip.compress(ROWS.encode()))
    packed[20:60] = b"?" * 40
    (tmp_path / "bad.csv.gz").write_bytes(packed)
    with pytest.raises(DataError, match=r"^bad.csv.gz cannot be read: "):
        read(str(tmp_path / "bad.csv.gz"))


def test_a_file_of_the_kernel_that_says_it_is_empty_is_limited_too():
    file = Path("/proc/self/status")
    with access.chosen(Access(largest=10)), pytest.raises(DataError, match="too large"):
        current().read(file)


def test_a_checkpoint_knows_its_settings_by_whatever_name_a_folder_is_opened(offered):
    config = RunConfig(
        data=DataConfig(tasks=(TaskConfig(name="a", path=str(offered / "course" / "mine.csv")),))
    )
    stored = config.model_dump(mode="json")
    task = config.data.tasks[0].model_copy(update={"path": "$MTLVIZ_ALLOW/course/mine.csv"})
    check_same_settings(config.model_copy(update={"data": DataConfig(tasks=(task,))}), stored)
    other = task.model_copy(update={"path": "$MTLVIZ_ALLOW/course/other.csv"})
    with pytest.raises(CheckpointError, match="other settings") as caught:
        check_same_settings(config.model_copy(update={"data": DataConfig(tasks=(other,))}), stored)
    assert str(offered) not in str(caught.value)


def test_paths_are_written_as_others_can_read_them(offered):
    now = current()
    assert now.portable(str(offered / "data" / "sub" / "mine.csv")) == "sub/mine.csv"
    assert now.portable(str(offered / "data")) == "$MTLVIZ_DATA"
    assert now.portable(str(offered / "home" / "tasks" / "a")) == "$MTLVIZ_HOME/tasks/a"
    assert now.portable(str(offered / "course" / "mine.csv")) == "$MTLVIZ_ALLOW/course/mine.csv"
    assert now.portable(str(offered / "elsewhere" / "secret.csv")) == "$ELSEWHERE/secret.csv"
    assert now.portable("bert-base-uncased") == "bert-base-uncased"
    assert Access().portable("/anywhere/mine.csv") == "/anywhere/mine.csv"
    for path in ("data/mine.csv", "home/tasks/mine.csv", "course/mine.csv"):
        assert now.find(now.portable(str(offered / path))) == offered / path


def test_a_hidden_folder_is_read_where_its_owner_named_it(offered):
    place = offered / "data" / ".models"
    place.mkdir()
    (place / "mine.csv").write_text(ROWS)
    assert not current().allows(place / "mine.csv")
    assert visitors_access(str(place)).allows(place / "mine.csv")


def test_folders_to_allow_must_be_folders_with_names_of_their_own(offered):
    with pytest.raises(ConfigError, match="is none"):
        visitors_access(str(offered / "data" / "mine.csv"))
    (offered / "elsewhere" / "course").mkdir()
    both = os.pathsep.join([str(offered / "course"), str(offered / "elsewhere" / "course")])
    with pytest.raises(ConfigError, match="Two allowed folders are called 'course'"):
        visitors_access(both)


def test_processes_inherit_what_they_may_read_and_threads_do_not_lend_it(offered):
    code = "from mtlviz.access import current; print(current().to_text())"
    environment = {**os.environ, "MTLVIZ_ACCESS": current().to_text()}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=Path(__file__).parents[1],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert Access.from_text(told.stdout) == current()
    assert not Access.from_text(told.stdout).everywhere
    found = []
    with access.chosen(Access(largest=1)):
        thread = threading.Thread(target=lambda: found.append(current().largest))
        thread.start()
        thread.join()
        assert current().largest == 1
    assert found != [1]
    assert not current().everywhere


def test_capacity_settings_read_vectors_below_a_named_folder(offered):
    (offered / "course" / "vectors.txt").write_text("word 1 2\nother 3 4\n")
    vectors = "$MTLVIZ_ALLOW/course/vectors.txt"
    assert CapacityConfig(vectors=vectors).vectors == vectors
    assert file_words(vectors) == {"word", "other"}
