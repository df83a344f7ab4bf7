import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.config import HeadConfig
from mtlviz.engine.models.heads import make_head
from mtlviz.errors import ConfigError, DataError


def head_for(task, **settings):
    config = HeadConfig(**{"width": 7, **settings})
    return make_head(task, config, 4, torch.Generator().manual_seed(0)).eval()


@pytest.fixture
def paraphrase_task(similarity_task):
    return replace(
        similarity_task,
        kind="pair_classification",
        label_names=("other", "same"),
        score_range=None,
    )


def pairs(count):
    return torch.rand(count, 2, 4, generator=torch.Generator().manual_seed(1))


def linear_layers(head):
    return sum(isinstance(module, torch.nn.Linear) for module in head.modules())


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("fusion", ["sum", "concat", "compare"])
def test_fused_heads_have_as_many_linear_layers_as_asked(paraphrase_task, fusion, layers):
    head = head_for(paraphrase_task, pair="separate", fusion=fusion, layers=layers)
    assert linear_layers(head) == layers
    assert head(pairs(5)).shape == (5, 2)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_single_text_heads_have_as_many_linear_layers_as_asked(sentence_task, layers):
    head = head_for(sentence_task, layers=layers)
    assert linear_layers(head) == layers
    assert head(pairs(5)[:, 0]).shape == (5, 3)


def test_sum_does_not_care_which_text_comes_first_and_concat_does(paraphrase_task):
    features = pairs(3)
    for fusion, same in (("sum", True), ("concat", False)):
        head = head_for(paraphrase_task, pair="separate", fusion=fusion, layers=3)
        assert torch.allclose(head(features), head(features.flip(1))) == same


def test_one_layer_of_concat_is_one_linear_map_per_text(paraphrase_task):
    head = head_for(paraphrase_task, pair="separate", fusion="concat", layers=1)
    first, second = pairs(3).unbind(1)
    layer = head.score[1]
    expected = first @ layer.weight[:, :4].T + second @ layer.weight[:, 4:].T + layer.bias
    assert_close(head(torch.stack([first, second], 1)), expected)


def test_compare_shows_difference_and_product(paraphrase_task):
    head = head_for(paraphrase_task, pair="separate", fusion="compare", layers=1)
    first, second = pairs(3).unbind(1)
    fused = torch.cat([first, second, (first - second).abs(), first * second], 1)
    assert_close(head(torch.stack([first, second], 1)), head.score(fused))


def test_cosine_of_texts_is_the_score_and_opposite_texts_get_the_lowest(similarity_task):
    head = head_for(similarity_task, pair="separate", fusion="cosine_embedding")
    east, diagonal = [1.0, 0, 0, 0], [1.0, 1, 0, 0]
    west = [-1.0, 0, 0, 0]
    compared = torch.tensor([[east, east], [east, diagonal], [east, west]])
    assert_close(head(compared).squeeze(1), torch.tensor([1.0, math.sqrt(0.5), 0.0]))
    assert list(head.parameters()) == []


@pytest.mark.parametrize("layers", [1, 3])
def test_cosine_of_hidden_layers_gives_class_logits_linear_in_the_cosine(paraphrase_task, layers):
    head = head_for(paraphrase_task, pair="separate", fusion="cosine_hidden", layers=layers)
    assert linear_layers(head.each) == layers
    same = head(pairs(1)[:, :1].expand(5, 2, 4))
    assert_close(same, head.score(torch.ones(5, 1)))


def test_cosine_of_embeddings_has_no_layers(similarity_task):
    with pytest.raises(ConfigError, match="layers must be 1, got 2"):
        head_for(similarity_task, pair="separate", fusion="cosine_embedding", layers=2)


def test_a_head_of_spans_scores_first_and_last_of_every_token(sentence_task):
    head = head_for(replace(sentence_task, kind="span_extraction"), pair="separate", layers=2)
    tokens = torch.rand(3, 9, 4)
    assert head(tokens).shape == (3, 9, 2)
    assert_close(head(tokens)[:, 5], head(tokens[:, 5]))


def test_scores_are_learned_as_shares_of_their_range_and_predicted_in_their_own_units(make_model):
    model, *_ = make_model(encoder="mean")
    logits, labels = torch.tensor([[0.5], [0.2]]), torch.tensor([2.5, 2.0])
    # In units of the range 0..5: 0.5 against 0.5, and 0.2 against 0.4.
    assert_close(model.loss(1, logits, labels), torch.tensor(0.02))
    np.testing.assert_allclose(model.predict(1, logits), [2.5, 1.0], rtol=1e-6)


def test_score_task_without_a_range_is_refused(make_run, sentence_task, similarity_task):
    from mtlviz.engine.models.build import build, build_tokenizer

    run, tasks = make_run(), [sentence_task, replace(similarity_task, score_range=None)]
    with pytest.raises(DataError, match="'similarity' predicts a score and needs a score range"):
        build(run, tasks, build_tokenizer(run, tasks), torch.Generator())


def test_a_zero_vector_in_half_precision_has_a_finite_cosine_and_gradient(similarity_task):
    head = head_for(similarity_task, pair="separate", fusion="cosine_embedding")
    pair = torch.zeros(1, 2, 6).half().requires_grad_()
    score = head.eval()(pair)
    score.sum().backward()
    assert score.item() == 0.0
    assert pair.grad.isfinite().all()
