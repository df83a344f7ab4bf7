"""LoRA in peft's format: written as peft reads it, and read as peft writes it."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.testing import assert_close

from mtlviz.engine.models.inserts.peft_format import SETTINGS, WEIGHTS, read_lora, write_lora
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.trained_model import TrainedModel
from mtlviz.errors import CheckpointError, ConfigError, MtlvizError
from mtlviz.runs.peft_export import check_lora, write_tasks
from tests.engine.models.inserts.conftest import move


def written(sharing, folder, task=1):
    folder.mkdir(exist_ok=True)
    kind = sharing.encoder.model.config.model_type
    write_lora(folder, sharing.sets(task), sharing.method.scale, kind, "tiny")
    return folder


def test_names_and_settings_are_those_of_peft(sharing_of_family, tmp_path):
    sharing = sharing_of_family("bert", "lora", options={"rank": 4, "alpha": 12.0})
    folder = written(sharing, tmp_path)
    tensors = load_file(folder / WEIGHTS)
    stem = "base_model.model.encoder.layer.1.attention.self.value.lora_"
    assert tensors[f"{stem}A.weight"].shape == (4, 16)
    assert tensors[f"{stem}B.weight"].shape == (16, 4)
    assert len(tensors) == 8
    settings = json.loads((folder / SETTINGS).read_text())
    assert settings["target_modules"] == ["attention.self.query", "attention.self.value"]
    assert (settings["peft_type"], settings["r"], settings["lora_alpha"]) == ("LORA", 4, 12.0)


oracle = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")


@oracle
@pytest.mark.parametrize("owner", ["task", "all", "both"])
@pytest.mark.parametrize("family", ["bert", "distilbert", "electra"])
def test_peft_computes_the_same_from_what_is_written(
    family, owner, sharing_of_family, folders, tokens, tmp_path
):
    peft = pytest.importorskip("peft", reason="peft is an oracle here, not needed otherwise")
    from transformers import AutoModel

    options = {"owner": owner, "maps": "all", "rank": 3}
    sharing = sharing_of_family(family, "lora", options=options).float().eval()
    written(sharing, tmp_path)
    plain = AutoModel.from_pretrained(folders(family)).eval()
    theirs = peft.PeftModel.from_pretrained(plain, tmp_path)
    mine = sharing.encode(1, sharing.embed(1, tokens)[1], tokens)
    hidden = theirs(input_ids=tokens.ids, attention_mask=tokens.mask.long()).last_hidden_state
    kept = hidden * tokens.mask.unsqueeze(2)
    expected = kept.sum(1) / tokens.mask.sum(1, keepdim=True)
    assert_close(mine, expected, rtol=1e-4, atol=1e-5)


@oracle
def test_what_peft_writes_begins_a_run(sharing_of_family, folders, tokens, tmp_path):
    peft = pytest.importorskip("peft", reason="peft is an oracle here, not needed otherwise")
    from transformers import AutoModel

    plain = AutoModel.from_pretrained(folders("bert")).eval()
    settings = peft.LoraConfig(r=4, lora_alpha=20, target_modules=["query", "value"])
    theirs = peft.get_peft_model(plain, settings).eval()
    drawn = torch.Generator().manual_seed(3)
    for name, parameter in theirs.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(generator=drawn)
    theirs.save_pretrained(tmp_path)
    options = {"start": str(tmp_path), "rank": 4}
    sharing = sharing_of_family("bert", "lora", options=options, moved=False).float().eval()
    hidden = theirs(input_ids=tokens.ids, attention_mask=tokens.mask.long()).last_hidden_state
    kept = hidden * tokens.mask.unsqueeze(2)
    for task in range(2):
        expected = kept.sum(1) / tokens.mask.sum(1, keepdim=True)
        assert_close(sharing(task, tokens), expected, rtol=1e-4, atol=1e-5)


def test_written_and_read_again_it_is_the_same(sharing_of_family, tokens, tmp_path):
    first = sharing_of_family("bert", "lora", options={"alpha": 5.0}).float().eval()
    written(first, tmp_path)
    options = {"start": str(tmp_path), "alpha": 16.0}
    again = sharing_of_family("bert", "lora", options=options, moved=False).float().eval()
    assert_close(again(0, tokens), first(1, tokens))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"peft_type": "IA3"}, "holds no LoRA"),
        ({"use_dora": True}, "with use_dora"),
        ({"r": 2}, "has rank 2; `rank` must be as much, got 8"),
    ],
)
def test_another_kind_of_adapter_is_refused_before_a_run_is_stored(
    change, words, sharing_of_family, run_of, tmp_path
):
    written(sharing_of_family("bert", "lora").float(), tmp_path)
    settings = json.loads((tmp_path / SETTINGS).read_text())
    (tmp_path / SETTINGS).write_text(json.dumps({**settings, **change}))
    run = run_of("bert", "lora", options={"start": str(tmp_path)})
    with pytest.raises(MtlvizError, match=words) as error:
        SHARING["lora"](start=str(tmp_path)).check(run)
    assert str(tmp_path.parent) not in str(error.value)


def test_a_lora_for_other_maps_or_widths_is_refused(sharing_of_family, tmp_path):
    sharing = sharing_of_family("bert", "lora").float()
    written(sharing, tmp_path)
    places = sharing.encoder.places
    used = sharing.method.chosen(places, "lora", "it")
    with pytest.raises(CheckpointError, match="it lacks 0_attention"):
        read_lora(str(tmp_path), [*used, next(p for p in places if p.name == "attention")])
    with pytest.raises(CheckpointError, match="another width"):
        read_lora(str(tmp_path), [place._replace(inputs=8) for place in used])
    tensors = load_file(tmp_path / WEIGHTS)
    save_file({f"{name}.odd": each for name, each in tensors.items()}, tmp_path / WEIGHTS)
    with pytest.raises(CheckpointError, match="no linear map of a known family"):
        read_lora(str(tmp_path), used)


def test_a_transformer_of_this_program_has_no_such_format(sharing_of_family, tmp_path):
    sharing = sharing_of_family("transformer", "lora")
    move(sharing)
    with pytest.raises(ConfigError, match="for pretrained encoders"):
        write_lora(tmp_path, sharing.sets(0), 2.0, "", "")


def test_a_runs_tasks_have_a_folder_each(make_model, tasks, tmp_path):
    model, tokenizer, run = make_model(encoder="checkpoint", sharing="lora")
    made = TrainedModel(run, tuple(tasks), tokenizer, model, torch.device("cpu"))
    write_tasks(made, tmp_path)
    used = model.sharing.method.chosen(model.sharing.encoder.places, "lora", "it")
    for number, name in enumerate(("1-opinion", "2-similarity")):
        found = read_lora(str(tmp_path / name), used)
        for key, (down, _) in found.items():
            assert torch.equal(down, model.sharing.own[number][key].down)
        base = json.loads((tmp_path / name / SETTINGS).read_text())["base_model_name_or_path"]
        assert run.capacity.checkpoint.endswith(f"/{base}")
        assert "/" not in base


def test_what_is_no_lora_alone_is_not_written_for_peft(make_model, tasks, tmp_path):
    with pytest.raises(ConfigError, match="for sharing 'lora' alone, got 'houlsby'"):
        check_lora("houlsby")
    options = {"variant": "joint"}
    model, tokenizer, run = make_model(
        encoder="checkpoint", sharing="lora", sharing_options=options
    )
    made = TrainedModel(run, tuple(tasks), tokenizer, model, torch.device("cpu"))
    with pytest.raises(ConfigError, match="export a run with variant 'fixed'"):
        write_tasks(made, tmp_path)
