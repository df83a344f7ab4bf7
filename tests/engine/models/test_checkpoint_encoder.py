import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.testing import assert_close

from mtlviz.engine import checkpoint, resuming, train
from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.models.build import build
from mtlviz.engine.models.checkpoints import checkpoint_files, embedding_table
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.tokens import Tokens
from mtlviz.errors import CheckpointError, ConfigError, OfflineError


def build_with(run, tasks, tokenizer):
    return build(run, tasks, tokenizer, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("pair", ["separate", "joint"])
def test_two_halves_of_the_real_checkpoint_equal_its_own_forward(
    pair, minilm, make_model, make_batch
):
    from transformers import AutoModel

    model, tokenizer, run = make_model(
        encoder="checkpoint", checkpoint=minilm, pooling="cls", pair=pair
    )
    tokens = make_batch(1, tokenizer, run).first
    theirs = AutoModel.from_pretrained(minilm, local_files_only=True).eval()
    with torch.no_grad():
        ours = model.eval().sharing(1, tokens)
        output = theirs(tokens.ids, tokens.mask.long(), tokens.segments).last_hidden_state[:, 0]
    assert_close(ours, output, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", ["Roberta", "DistilBert", "Electra", "Albert", "MPNet"])
def test_every_family_is_cut_after_its_embedding_layer(
    family, minilm, tmp_path, make_run, tasks, make_batch
):
    import transformers

    narrow = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
    usual = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "embedding_size": 8,
    }
    if family not in ("Electra", "Albert"):
        del usual["embedding_size"]
    settings = getattr(transformers, f"{family}Config")(
        vocab_size=30522,
        max_position_embeddings=40,
        pad_token_id=0,
        **(narrow if family == "DistilBert" else usual),
    )
    with torch.random.fork_rng(devices=[]):
        theirs = getattr(transformers, f"{family}Model")(settings).eval()
    theirs.save_pretrained(tmp_path)
    run = make_run(encoder="checkpoint", checkpoint=str(tmp_path), pooling="cls", sharing="aligned")
    tokenizer = CheckpointTokenizer(minilm)
    model = build_with(run, tasks, tokenizer).eval()
    tokens = make_batch(0, tokenizer, run).first
    with torch.no_grad():
        output = theirs(tokens.ids, attention_mask=tokens.mask.long()).last_hidden_state[:, 0]
        assert_close(model.sharing(0, tokens), output, rtol=1e-5, atol=1e-6)
        full = first_text(tokens)
        output = theirs(full.ids).last_hidden_state[:, 0]
        assert_close(model.sharing(0, full), output, rtol=1e-5, atol=1e-6)
    # Tensors of the meta device have no numbers: a look at one raises.
    model.to("meta")
    for read in (full,) if family == "MPNet" else (full, tokens):
        assert model.sharing(0, read.to("meta")).shape == (len(read), 16)


def first_text(tokens):
    """The first text alone, without its padding."""
    length = int(tokens.mask[0].sum())
    return Tokens(tokens.ids[:1, :length], tokens.mask[:1, :length], real=length)


@pytest.mark.parametrize("alone", [False, True])
def test_no_number_of_the_device_is_looked_at(alone, make_model, make_batch):
    model, tokenizer, run = make_model(encoder="checkpoint")
    tokens = make_batch(0, tokenizer, run).first
    assert not tokens.full
    tokens = (first_text(tokens) if alone else tokens).to("meta")
    assert model.to("meta").sharing(0, tokens).shape == (len(tokens), 16)


def test_pooler_is_the_checkpoints_own(tiny_checkpoint, make_model, make_batch):
    from transformers import AutoModel

    model, tokenizer, run = make_model(encoder="checkpoint", pooling="pooler")
    tokens = make_batch(0, tokenizer, run).first
    theirs = AutoModel.from_pretrained(tiny_checkpoint).eval()
    with torch.no_grad():
        expected = theirs(tokens.ids, tokens.mask.long()).pooler_output
        assert_close(model.eval().sharing(0, tokens), expected)


def test_stored_tensors_load_strictly_into_the_same_model_and_into_plain_transformers(
    tiny_checkpoint, make_model
):
    from transformers import BertConfig, BertModel

    model, *_ = make_model(encoder="checkpoint", pooling="cls")
    tensors = checkpoint.model_tensors(model)
    assert tensors.keys() == model.state_dict().keys()
    model.load_state_dict(tensors, strict=True)
    encoder = {
        name.removeprefix("sharing.encoder.").removeprefix("model."): tensor
        for name, tensor in tensors.items()
        if name.startswith("sharing.encoder.")
    }
    theirs = BertModel(BertConfig.from_pretrained(tiny_checkpoint), add_pooling_layer=False)
    theirs.load_state_dict(encoder, strict=True)


def test_a_run_stored_with_what_the_model_makes_anew_goes_on(
    tiny_checkpoint, tmp_path, monkeypatch
):
    task = TaskConfig(name="mood", options={"size": 8, "dev_size": 4})
    run = RunConfig(
        data=DataConfig(tasks=(task,), max_length=16),
        capacity=CapacityConfig(encoder="checkpoint", checkpoint=tiny_checkpoint),
    )
    training = train.start(run)
    everything = {**dict(training.model.named_parameters()), **dict(training.model.named_buffers())}
    assert everything.keys() > checkpoint.model_tensors(training.model).keys()
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "model_tensors", lambda *_, **__: everything)
        resuming.save(training, tmp_path / "old.safetensors")
    train.start(run, resume=tmp_path / "old.safetensors")


def test_frozen_layers_keep_their_weights_and_drop_nothing_out(make_model, make_batch):
    model, tokenizer, run = make_model(encoder="checkpoint", frozen_layers=1, dropout=0.5)
    model.train()
    encoder = model.sharing.encoder
    tokens = make_batch(0, tokenizer, run).first
    assert torch.equal(encoder.embed(tokens), encoder.embed(tokens))
    layers = encoder.model.encoder.layer
    assert not any(
        p.requires_grad for p in [*encoder.embeddings.parameters(), *layers[0].parameters()]
    )
    assert all(p.requires_grad for p in layers[1].parameters())
    assert not layers[0].training
    assert layers[1].training


def test_dropout_of_the_run_reaches_the_checkpoint(make_model):
    model, *_ = make_model(encoder="checkpoint", dropout=0.4)
    rates = {m.p for m in model.sharing.modules() if isinstance(m, torch.nn.Dropout)}
    assert rates == {0.4}


def test_attention_is_the_fused_one(make_model):
    model, *_ = make_model(encoder="checkpoint")
    assert model.sharing.encoder.model.config._attn_implementation == "sdpa"


def test_freezing_more_layers_than_there_are_is_refused(make_model):
    with pytest.raises(ConfigError, match=r"At most 2 layers .* got 3"):
        make_model(encoder="checkpoint", frozen_layers=3)


def test_texts_longer_than_the_checkpoint_reads_are_refused(make_run, tasks, tiny_checkpoint):
    run = make_run(encoder="checkpoint").changed_at("data.max_length", 41)
    with pytest.raises(ConfigError, match="at most 40 tokens, but texts may have 41"):
        build_with(run, tasks, CheckpointTokenizer(tiny_checkpoint))


def test_pickled_weights_are_refused(tiny_checkpoint, tmp_path):
    shutil.copy(Path(tiny_checkpoint, "config.json"), tmp_path)
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match=r"pickle files .* are refused"):
        checkpoint_files(str(tmp_path)).weights()


def test_hub_name_without_network_is_one_sentence(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(OfflineError, match=r"'some-lab/some-model' is not a local folder"):
        checkpoint_files("some-lab/some-model")


@pytest.mark.parametrize("name", ["/no/such/folder", "a b", "a/b/c"])
def test_name_that_is_neither_folder_nor_hub_name_is_refused(name):
    with pytest.raises(CheckpointError, match="There is no folder"):
        checkpoint_files(name)


def test_empty_name_is_refused():
    with pytest.raises(ConfigError, match="needs a checkpoint"):
        checkpoint_files("")


def test_weights_that_do_not_fit_the_configuration_are_refused(
    tiny_checkpoint, tmp_path, make_run, tasks
):
    shutil.copytree(tiny_checkpoint, tmp_path / "wrong")
    settings = tmp_path / "wrong" / "config.json"
    values = json.loads(settings.read_text())
    settings.write_text(json.dumps(values | {"intermediate_size": 48}))
    run = make_run(encoder="checkpoint", checkpoint=str(tmp_path / "wrong"))
    with pytest.raises(CheckpointError, match="cannot be read"):
        build_with(run, tasks, CheckpointTokenizer(tiny_checkpoint))


def test_missing_weights_are_refused(tiny_checkpoint, tmp_path, make_run, tasks):
    shutil.copytree(tiny_checkpoint, tmp_path / "short")
    file = tmp_path / "short" / "model.safetensors"
    tensors = load_file(file)
    save_file(
        {key: each for key, each in tensors.items() if ".layer.1.attention." not in key}, file
    )
    run = make_run(encoder="checkpoint", checkpoint=str(tmp_path / "short"))
    with pytest.raises(CheckpointError, match="lacks 10 weights"):
        build_with(run, tasks, CheckpointTokenizer(tiny_checkpoint))


def test_more_layers_than_the_weights_have_are_refused(tiny_checkpoint, tmp_path, make_run, tasks):
    shutil.copytree(tiny_checkpoint, tmp_path / "short")
    settings = tmp_path / "short" / "config.json"
    values = json.loads(settings.read_text())
    settings.write_text(json.dumps(values | {"num_hidden_layers": 3}))
    run = make_run(encoder="checkpoint", checkpoint=str(tmp_path / "short"))
    with pytest.raises(CheckpointError, match="3 layers, the file holds 2"):
        build_with(run, tasks, CheckpointTokenizer(tiny_checkpoint))


def test_embedding_table_is_the_checkpoints(tiny_checkpoint):
    from transformers import AutoModel

    expected = AutoModel.from_pretrained(tiny_checkpoint).get_input_embeddings().weight
    assert torch.equal(embedding_table(tiny_checkpoint), expected)


def test_pair_is_joined_as_the_checkpoint_was_taught(tiny_checkpoint):
    tokenizer = CheckpointTokenizer(tiny_checkpoint)
    (row,) = tokenizer.encode(["a"], ["b"], 16)
    pieces = tokenizer._tokenizer.convert_ids_to_tokens(row.ids)
    assert pieces == ["[CLS]", "a", "[SEP]", "b", "[SEP]"]
    assert list(row.segments) == [0, 0, 0, 1, 1]
    (cut,) = tokenizer.encode(["a a a a a a"], ["b"], 6)
    assert tokenizer._tokenizer.convert_ids_to_tokens(cut.ids)[-3:] == ["[SEP]", "b", "[SEP]"]
