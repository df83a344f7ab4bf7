"""Folders that people take for a checkpoint: each trains as it should, or one sentence refuses it.

What the files show is said before a run is stored, by the function that shell and app share; the
process needs neither torch nor transformers for it.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from mtlviz.access import chosen, visitors_access
from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.estimate.checkpoints import check_checkpoint
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.tokens import TokenRow
from mtlviz.engine.train import records, start
from mtlviz.errors import MtlvizError, OfflineError
from mtlviz.runs.store import Store
from tests.checkpoints import MARKS, write_model, write_tokenizer

WEIGHTS = "model.safetensors"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 440473133\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A tiny BERT with its tokenizer."""
    folder = tmp_path_factory.mktemp("checkpoints") / "whole"
    write_model(folder)
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it, to be spoiled."""
    return shutil.copytree(whole, tmp_path / "mine")


def settings(folder, **capacity):
    return RunConfig(
        data=DataConfig(
            tasks=(TaskConfig(name="mood", options={"size": 16, "dev_size": 8}),),
            max_length=16,
            batch_size=4,
        ),
        capacity=CapacityConfig(**{"encoder": "checkpoint", "checkpoint": str(folder), **capacity}),
    ).changed_at("optimisation.max_updates", 2)


def change(file, **values):
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def rewrite(file, alter):
    save_file({name: alter(tensor) for name, tensor in load_file(file).items()}, file)


def pickled(folder):
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")


def shard(folder):
    """Split the weights in two files with an index."""
    tensors = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(tensors)
    parts = {"model-1-of-2.safetensors": names[:9], "model-2-of-2.safetensors": names[9:]}
    for part, held in parts.items():
        save_file({name: tensors[name] for name in held}, folder / part, {"format": "pt"})
    places = {name: part for part, held in parts.items() for name in held}
    (folder / f"{WEIGHTS}.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": places})
    )


def lose_shard(folder):
    shard(folder)
    (folder / "model-2-of-2.safetensors").unlink()


def wander(folder):
    shard(folder)
    index = folder / f"{WEIGHTS}.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../whole/model.safetensors"}}))


def deep(folder):
    (folder / "config.json").write_text("[" * 100_000)


def cut(folder):
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: len(content) // 2])


def remove_tokenizer(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()


def only_sentencepiece(folder):
    remove_tokenizer(folder)
    (folder / "spiece.model").write_bytes(b"no model")


def list_words(folder):
    remove_tokenizer(folder)
    words = [*MARKS, *(f"w{number}" for number in range(96))]
    (folder / "vocab.txt").write_text("\n".join(words))


def write(name, text):
    return lambda folder: (folder / name).write_text(text)


def changed(name, **values):
    return lambda folder: change(folder / name, **values)


BEFORE = {
    "no tokenizer": (remove_tokenizer, "has no tokenizer: its folder holds none of"),
    "tokenizer too large": (lambda f: write_tokenizer(f, 64), "64 tokens, of which 60 have"),
    "words too many": (list_words, "100 tokens, of which 60 have"),
    "tokenizer damaged": (write("tokenizer.json", "{"), "tokenizer.json .* is damaged"),
    "tokenizer of nothing": (write("tokenizer.json", "{}"), "tokenizer.json .* is damaged"),
    "tokenizer a pointer": (write("tokenizer.json", POINTER), "tokenizer.json .* Git LFS pointer"),
    "tokenizer's code": (changed("tokenizer_config.json", auto_map={"AutoTokenizer": ["a.b"]}),
                         "code of its own .auto_map in tokenizer_config.json"),
    "weights a pointer": (write(WEIGHTS, POINTER), "Git LFS pointer"),
    "settings a pointer": (write("config.json", POINTER), "config.json .* Git LFS pointer"),
    "pickle": (pickled, "pickle files .* are refused"),
    "cut short": (cut, r"damaged: [\d,]+ bytes are missing"),
    "weights of text": (write(WEIGHTS, "weights"), "its header cannot be read"),
    "shard missing": (lose_shard, "lacks model-2-of-2.safetensors"),
    "shard elsewhere": (wander, "names no files of weights"),
    "settings missing": (lambda f: (f / "config.json").unlink(), "no config.json that can be read"),
    "settings a list": (write("config.json", "[1, 2]"), "config.json of .* is no object"),
    "settings deep": (deep, "no config.json that can be read"),
    "table too small": (changed("config.json", vocab_size=99), "99 words, the file holds 60"),
    "other width": (changed("config.json", hidden_size=32), "32 numbers a word vector, .* 16"),
    "own code": (changed("config.json", auto_map={"AutoModel": "a.b"}), "auto_map in config.json"),
    "with decoder": (changed("config.json", is_encoder_decoder=True), "an encoder with a decoder"),
    "no kind": (changed("config.json", model_type=None), "names no model_type"),
}  # fmt: skip
"""What the files alone show."""

AT_LOADING = {
    "unknown kind": (changed("config.json", model_type="berd"), "cannot be read"),
    "wrong kind": (changed("config.json", model_type="distilbert"), "weights that its config"),
    "decoder": (changed("config.json", is_decoder=True), "reads from left to right"),
    "not finite": (lambda f: rewrite(f / WEIGHTS, lambda t: t * float("nan")), "not finite"),
    "no padding": (changed("tokenizer_config.json", pad_token=None), "has no padding token"),
    "words in another form": (only_sentencepiece, "knows no words; a tokenizer.json"),
    "no words": (lambda f: write_tokenizer(f, 4), "knows no words"),
}  # fmt: skip
"""What only shows once the model is read, still before the run counts as stored by a shell."""


@pytest.mark.parametrize("kind", BEFORE)
def test_what_the_files_show_is_refused_before_a_run_is_stored(kind, folder, tmp_path):
    spoil, words = BEFORE[kind]
    spoil(folder)
    store = Store(tmp_path / "home")
    with pytest.raises(MtlvizError, match=words) as raised:
        store.create_run(settings(folder))
    assert len(str(raised.value).splitlines()) == 1
    assert str(tmp_path) not in str(raised.value)
    assert store.runs() == []
    store.close()


@pytest.mark.parametrize("kind", BEFORE | AT_LOADING)
def test_the_engine_refuses_it_in_one_sentence_as_well(kind, folder, tmp_path):
    spoil, words = (BEFORE | AT_LOADING)[kind]
    spoil(folder)
    with pytest.raises(MtlvizError, match=words) as raised:
        start(settings(folder))
    assert len(str(raised.value).splitlines()) == 1
    assert str(tmp_path) not in str(raised.value)


def test_a_file_is_no_checkpoint(folder):
    with pytest.raises(MtlvizError, match=r"'model.safetensors' is a file; a checkpoint is a fold"):
        check_checkpoint(settings(folder / WEIGHTS))


def test_a_model_of_the_hub_that_was_fetched_is_read_also_by_a_restricted_app(
    whole, tmp_path, monkeypatch
):
    from huggingface_hub import constants

    kept = tmp_path / "hub" / "models--some-lab--some-model"
    shutil.copytree(whole, kept / "snapshots" / "abc")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with chosen(visitors_access()):
        check_checkpoint(settings("some-lab/some-model"))
        (kept / "snapshots" / "abc" / WEIGHTS).unlink()
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(OfflineError, match="HF_HUB_OFFLINE is set"):
            check_checkpoint(settings("some-lab/some-model"))


def half(folder):
    rewrite(folder / WEIGHTS, lambda tensor: tensor.half())
    change(folder / "config.json", dtype="float16")


def brain(folder):
    rewrite(folder / WEIGHTS, lambda tensor: tensor.bfloat16())
    change(folder / "config.json", dtype="bfloat16")


FINE = {
    "as it is": lambda folder: None,
    "in two files": shard,
    "float16": half,
    "bfloat16": brain,
    "endless texts": changed("tokenizer_config.json", model_max_length=int(1e30)),
    "another class named": changed("config.json", architectures=["NobodysModel"]),
    "fewer words than vectors": lambda folder: write_tokenizer(folder, 50),
    "with a pickle beside it": write("pytorch_model.bin", "never read"),
}


@pytest.mark.parametrize("kind", FINE)
def test_what_can_be_read_trains(kind, folder):
    FINE[kind](folder)
    run = settings(folder)
    check_checkpoint(run)
    kinds = [record.kind for record in records(start(run))]
    assert kinds.count("step") == 2


@pytest.mark.parametrize("kind", ["modernbert", "gpt2", "t5", "xlm"])
def test_word_vectors_come_from_any_model_of_texts(kind, tmp_path):
    write_model(tmp_path / kind, kind)
    run = settings("", encoder="mean", checkpoint="", vectors=str(tmp_path / kind))
    check_checkpoint(run)
    training = start(run)
    assert training.model.sharing.encoder.embedding_width == 16
    assert [record.kind for record in records(training)].count("step") == 2


def test_an_empty_text_is_one_unknown_word_where_the_tokenizer_puts_no_marks(folder):
    change(folder / "tokenizer.json", post_processor=None)
    rows = CheckpointTokenizer(str(folder)).encode(["", "w5"], None, 8)
    assert rows == [TokenRow([3]), TokenRow([5])]


def test_the_check_needs_neither_torch_nor_transformers(folder):
    code = f"""
import sys
from mtlviz.access import chosen, visitors_access
from mtlviz.engine.config import CapacityConfig, RunConfig
from mtlviz.engine.estimate.checkpoints import check_checkpoint
run = RunConfig.from_json({settings(folder).to_json()!r})
check_checkpoint(run)
assert "torch" not in sys.modules and "transformers" not in sys.modules
"""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
