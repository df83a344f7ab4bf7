"""Every architecture of the installed transformers trains as it is, or one sentence refuses it."""

import math
import shutil
import warnings
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.checkpoint import model_tensors
from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.embedding_request import CheckpointEncoder, TaskTexts
from mtlviz.engine.embeddings import embedded
from mtlviz.engine.estimate.checkpoints import check_checkpoint, checkpoint_shape
from mtlviz.engine.models.checkpoints import embedding_table
from mtlviz.engine.models.encoders.checkpoint import PretrainedEncoder
from mtlviz.engine.models.encoders.encoder import unmixed
from mtlviz.engine.models.inserts.families import FAMILIES
from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.pooling import average
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.tokens import TokenRows, Tokens
from mtlviz.engine.train import train
from mtlviz.errors import ConfigError, MtlvizError
from tests.checkpoints import write_model

TEXTS = ["w5 w6 w7 w8 w9 w10 w11", "w12 w13", "w14", "w20 w30 w40 w50 w59"]
SEEN_WHOLE = [
    "bert", "roberta", "distilbert", "electra", "albert", "mpnet", "deberta", "deberta-v2",
    "modernbert", "longformer", "xlm", "xlnet", "mobilebert", "squeezebert", "rembert",
]  # fmt: skip
REFUSED = {
    "gpt2": "reads from left to right",
    "llama": "reads from left to right",
    "t5": "is an encoder with a decoder",
    "bart": "is an encoder with a decoder",
    "vit": "no model of texts",
    "fnet": "other vectors where padding follows",
    "dpr": "makes no vectors of a text alone",
    "ibert": "cannot be fed with vectors",
}

INSERTS = [name for name in SHARING if issubclass(SHARING[name].method, InsertMethod)]


def settings(folder, **capacity):
    return RunConfig(
        data=DataConfig(tasks=(TaskConfig(name="x"),), max_length=16),
        capacity=CapacityConfig(
            encoder="checkpoint", checkpoint=str(folder), pooling="mean", **capacity
        ),
    )


def batches(folder, second=None):
    """The texts with padding, and the first of them without."""
    tokenizer = CheckpointTokenizer(str(folder))
    rows = TokenRows.of(tokenizer.encode(TEXTS, second, 16))
    padded = rows.pad(torch.arange(len(TEXTS)).numpy(), tokenizer.pad_id)
    plain = rows.pad(torch.arange(1).numpy(), tokenizer.pad_id)
    assert plain.full
    assert not padded.full
    return padded, plain


@torch.no_grad()
def own_vectors(model, tokens):
    """What AutoModel's class makes of some tokens."""
    mask = None if tokens.full else tokens.mask.long()
    segments = {}
    if tokens.segments is not None and getattr(model.config, "type_vocab_size", 0) > 1:
        segments = {"token_type_ids": tokens.segments}
    return model(tokens.ids, attention_mask=mask, **segments).last_hidden_state


def check_vectors(encoder, model, folder):
    """Fed in two halves the model gives what it gives in one."""
    encoder.eval()
    for second in (None, TEXTS[::-1]):
        for tokens in batches(folder, second):
            with torch.no_grad():
                hidden = encoder.outputs(encoder.embed(tokens), tokens).last_hidden_state
            expected = own_vectors(model, tokens)
            scale = float(expected.abs().max())
            assert_close(hidden[tokens.mask], expected[tokens.mask], rtol=0, atol=1e-4 * scale)


def check_training(encoder, folder):
    """One step downhill changes what it gives, and leaves no number that is not finite."""
    padded, _ = batches(folder)
    encoder.train()
    before = encoder(padded)
    assert before.shape == (len(TEXTS), encoder.output_width)
    parameters = list(encoder.parameters())
    gradients = torch.autograd.grad(before.square().sum(), parameters, allow_unused=True)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is not None:
                parameter -= 0.1 * gradient
        after = encoder.eval()(padded)
    assert after.isfinite().all()
    assert (after - before).abs().max() > 0


def check_shape(encoder, model, folder):
    """What the files say without torch is what the model has; the longest text can be read."""
    shape = checkpoint_shape(str(folder))
    table = model.get_input_embeddings().weight
    assert torch.equal(embedding_table(str(folder)), table)
    assert shape.table == tuple(table.shape)
    assert shape.width == encoder.output_width
    counted = shape.embedding + sum(shape.layers)
    assert counted == sum(tensor.numel() for tensor in model_tensors(encoder).values())
    longest = torch.full((1, shape.positions or 70), 9)
    tokens = Tokens(longest, longest > 0, real=longest.numel())
    assert torch.no_grad()(encoder.eval())(tokens).isfinite().all()


def check_layers(encoder, folder):
    """Each parameter stands in the layer that the files count it in; layers run one by one."""
    shape = checkpoint_shape(str(folder))
    sizes = dict.fromkeys(range(len(shape.layers) + 1), 0)
    for name, tensor in model_tensors(encoder).items():
        sizes[encoder.layer_of(name)] += tensor.numel()
    assert list(sizes.values()) == [shape.embedding, *shape.layers]
    tokens, _ = batches(folder)
    assert encoder.stops == (len(shape.layers) if shape.model_type in FAMILIES else 1)
    with torch.no_grad():
        embedded = encoder.eval().embed(tokens)
        stepped = unmixed(encoder.layered(embedded, tokens))
        assert_close(stepped, encoder.encode(embedded, tokens), rtol=1e-4, atol=1e-4)


def check(model, folder):
    """The sentence that refuses a model, or None after it has trained."""
    run = settings(folder)
    try:
        check_checkpoint(run)
        encoder = PretrainedEncoder(run, None, torch.Generator())
    except MtlvizError as error:
        return str(error)
    check_vectors(encoder, model, folder)
    check_shape(encoder, model, folder)
    check_layers(encoder, folder)
    check_training(encoder, folder)
    return None


@pytest.fixture(autouse=True)
def _quiet():
    """Models warn about what tiny sizes do to them."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with warnings.catch_warnings(action="ignore"):
        yield
    logging.set_verbosity(verbosity)
    if bars:
        logging.enable_progress_bar()


@pytest.mark.parametrize("kind", SEEN_WHOLE)
def test_an_encoder_trains_with_the_vectors_of_its_own_class(kind, tmp_path):
    assert check(write_model(tmp_path / kind, kind), tmp_path / kind) is None


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_encoder_is_refused_in_one_sentence(kind, tmp_path):
    sentence = check(write_model(tmp_path / kind, kind), tmp_path / kind)
    assert REFUSED[kind] in sentence
    assert len(sentence.splitlines()) == 1
    assert str(tmp_path) not in sentence


@pytest.fixture(scope="module", params=["modernbert", "deberta-v2", "xlm", "longformer"])
def other(request, tmp_path_factory):
    """A model whose table of words, layers or cut is elsewhere than BERT's, and its folder."""
    folder = tmp_path_factory.mktemp("models") / request.param
    return write_model(folder, request.param), folder


@pytest.mark.slow
@pytest.mark.parametrize("sharing", [name for name in SHARING if name not in INSERTS])
def test_every_way_of_sharing_trains_on_any_encoder(sharing, other):
    task = TaskConfig(name="mood", options={"size": 16, "dev_size": 8})
    data = DataConfig(tasks=(task, task.model_copy(update={"name": "other"})), max_length=16)
    run = settings(other[1], sharing=sharing).model_copy(update={"data": data})
    made = list(train(run.changed_at("optimisation.max_updates", 2)))
    steps = [record for record in made if record.kind == "step"]
    assert len(steps) == 2
    assert all(math.isfinite(loss) for step in steps for loss in step.losses)


def test_inserts_are_refused_before_a_run_is_stored_where_layers_are_not_known(other):
    for sharing in INSERTS:
        with pytest.raises(
            ConfigError, match=f"^{sharing} knows the layers of bert, .* is of [a-z0-9-]+\\.$"
        ):
            check_checkpoint(settings(other[1], sharing=sharing))


@pytest.mark.parametrize("kind", ["deberta", "deberta-v2", "modernbert"])
def test_half_precision_trains_or_is_refused_in_one_sentence(kind, tmp_path):
    write_model(tmp_path / kind, kind)
    data = DataConfig(
        tasks=(TaskConfig(name="mood", options={"size": 16, "dev_size": 8}),), max_length=16
    )
    run = settings(tmp_path / kind).model_copy(update={"data": data, "device": "cpu"})
    run = run.changed_at("optimisation.precision", "bfloat16").changed_at(
        "optimisation.max_updates", 2
    )
    # DeBERTa's masks hold the lowest number of float32, which is none of bfloat16.
    refused = pytest.raises(ConfigError, match="DebertaModel of transformers cannot compute in bfl")
    with refused if kind == "deberta" else nullcontext():
        steps = [record for record in train(run) if record.kind == "step"]
        assert len(steps) == 2


@pytest.mark.parametrize("layer", [0, 1, None])
def test_embeddings_of_a_layer_are_its_own_classes(layer, other):
    model, folder = other
    texts = TaskTexts("texts", tuple(TEXTS), None, np.zeros(len(TEXTS), np.int64))
    (found,) = embedded(
        [texts], CheckpointEncoder(checkpoint=str(folder), layer=layer, max_length=16)
    )
    padded, _ = batches(folder)
    with torch.no_grad():
        output = model(padded.ids, attention_mask=padded.mask.long(), output_hidden_states=True)
    hidden = output.last_hidden_state if layer is None else output.hidden_states[layer]
    expected = average(hidden, padded.mask).numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_lower_layers_of_other_architectures_can_be_frozen(other):
    model, folder = other
    run = settings(folder, frozen_layers=1)
    if type(model).__name__ == "XLMModel":  # Its parts are not listed by layers.
        with pytest.raises(MtlvizError, match="Single layers of a XLMModel cannot be frozen"):
            PretrainedEncoder(run, None, torch.Generator())
        return
    encoder = PretrainedEncoder(run, None, torch.Generator())
    frozen = {name for name, each in encoder.named_parameters() if not each.requires_grad}
    trained = {name for name, each in encoder.named_parameters() if each.requires_grad}
    assert any("layers.0." in name or "layer.0." in name for name in frozen)
    assert not any(".1." in name for name in frozen)
    assert not any("layers.0." in name or "layer.0." in name for name in trained)
    assert not any("word_emb" in name or "tok_emb" in name for name in trained)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_architecture_trains_with_its_own_vectors_or_is_refused(tmp_path):
    from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

    refused, trained, wrong = [], [], {}
    for kind in MODEL_MAPPING_NAMES:
        try:
            model = write_model(tmp_path / kind, kind)
        except Exception:  # noqa: BLE001  no tiny model comes of these sizes
            continue
        try:
            sentence = check(model, tmp_path / kind)
        except BaseException as error:  # noqa: BLE001  all of them are told at once
            wrong[kind] = f"{type(error).__name__}: {error}"
        else:
            if sentence is not None and (len(sentence) > 300 or str(tmp_path) in sentence):
                wrong[kind] = sentence
            (trained if sentence is None else refused).append(kind)
        shutil.rmtree(tmp_path / kind)
    assert not wrong
    assert len(trained) > 40
    assert len(refused) > 250
