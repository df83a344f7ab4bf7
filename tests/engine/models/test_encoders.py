import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.device import autocast
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.encoders.lstm import packed, padded
from mtlviz.engine.models.tokens import Tokens
from mtlviz.errors import ConfigError


def encoder_of(make_run, name, **capacity):
    run = make_run(encoder=name, **capacity)
    vectors = torch.rand(9, 6, generator=torch.Generator().manual_seed(1))
    return ENCODERS[name]().make(run, vectors, torch.Generator().manual_seed(2)).eval()


def tokens(*rows):
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([[len(row)] for row in rows])
    return Tokens(ids, torch.arange(longest) < lengths)


def test_mean_of_depth_zero_is_one_linear_map_of_the_mean_vector(make_run):
    encoder = encoder_of(make_run, "mean", depth=0)
    vectors, layer = encoder.words.weight, encoder.layers[0]
    expected = layer((vectors[3] + vectors[4]) / 2)
    assert_close(encoder(tokens([3, 4], [5]))[0], expected)
    assert len(encoder.layers) == 1


def test_mean_does_not_see_word_order_and_the_others_do(make_run):
    for name, sees in (("mean", False), ("cnn", True), ("lstm", True), ("transformer", True)):
        outputs = encoder_of(make_run, name)(tokens([3, 4, 5, 6], [6, 3, 5, 4]))
        assert torch.allclose(outputs[0], outputs[1], atol=1e-6) != sees, name


def test_cnn_keeps_each_filters_strongest_answer_inside_the_text(make_run):
    encoder = encoder_of(make_run, "cnn", width=12)
    words = encoder.words.weight[[3, 4]]
    expected = []
    for filters in encoder.filters:
        size = filters.kernel_size[0]
        around = torch.zeros(2 + size - 1, 6)
        around[(size - 1) // 2 : (size - 1) // 2 + 2] = words
        windows = torch.stack([around[i : i + size].T for i in range(2)])
        answers = torch.einsum("wds,fds->wf", windows, filters.weight) + filters.bias
        expected.append(answers.amax(0).clamp(min=0))
    assert_close(encoder(tokens([3, 4], [5, 6, 7, 8, 3, 4]))[0], torch.cat(expected))


@pytest.mark.parametrize("width", [3, 4, 5, 8])
def test_cnn_divides_its_width_among_filter_sizes(make_run, width):
    encoder = encoder_of(make_run, "cnn", width=width)
    counts = [filters.out_channels for filters in encoder.filters]
    assert sum(counts) == width
    assert max(counts) - min(counts) <= 1


def test_lstm_can_keep_its_last_output_or_the_mean(make_run):
    for pooling in ("last", "mean"):
        encoder = encoder_of(make_run, "lstm", pooling=pooling)
        outputs, _ = encoder.recurrent(encoder.words.weight[[3, 4]][None])
        expected = outputs[0, -1] if pooling == "last" else outputs[0].mean(0)
        assert_close(encoder(tokens([3, 4], [5, 6, 7]))[0], expected)


def test_an_lstm_gives_the_real_tokens_the_same_outputs_packed_and_padded(make_run):
    encoder = encoder_of(make_run, "lstm", depth=2)
    given = tokens([3, 4], [5, 6, 7, 8], [4])
    embedded = encoder.embed(given)
    one, other = (read(encoder.recurrent, embedded, given.mask) for read in (packed, padded))
    assert_close(other[given.mask], one[given.mask])
    assert not torch.equal(other, one)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_an_lstm_runs_on_a_cpu_in_any_number_format(make_run, precision):
    encoder = encoder_of(make_run, "lstm")
    given = tokens([3, 4], [5, 6, 7])
    with autocast(torch.device("cpu"), precision):
        half = encoder(given)
    assert_close(half.float(), encoder(given), rtol=0.02, atol=0.02)


def test_transformer_block_equals_torchs_own(make_run):
    encoder = encoder_of(make_run, "transformer")
    block = encoder.blocks[0]
    with torch.random.fork_rng(devices=[]):
        theirs = torch.nn.TransformerEncoderLayer(
            8, 2, 32, activation="gelu", batch_first=True, norm_first=True
        ).eval()
    names = {
        "self_attn.in_proj": block.queries_keys_values,
        "self_attn.out_proj": block.attention_output,
        "linear1": block.expand,
        "linear2": block.contract,
        "norm1": block.attention_norm,
        "norm2": block.feed_norm,
    }
    state = {}
    for name, layer in names.items():
        joint = "_" if name.endswith("in_proj") else "."
        state |= {f"{name}{joint}weight": layer.weight, f"{name}{joint}bias": layer.bias}
    theirs.load_state_dict(state)
    hidden = torch.rand(2, 5, 8, generator=torch.Generator().manual_seed(4))
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    with torch.no_grad():
        expected = theirs(hidden, src_key_padding_mask=~mask)[mask]
        assert_close(block(hidden, mask[:, None, None])[mask], expected, rtol=1e-5, atol=1e-6)


def test_transformer_tells_first_from_second_text(make_run):
    encoder = encoder_of(make_run, "transformer", pooling="cls")
    plain = tokens([3, 4, 5])
    split = Tokens(plain.ids, plain.mask, torch.tensor([[0, 0, 1]]))
    assert not torch.allclose(encoder(plain), encoder(split))


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("transformer", {"width": 9}, "multiple of the attention heads, got width 9 and 2"),
        ("transformer", {"pooling": "pooler"}, "cannot pool by 'pooler'. Known: cls, mean"),
        ("lstm", {"pooling": "cls"}, "cannot pool by 'cls'. Known: last, mean"),
        ("lstm", {"depth": 0}, "depth of at least 1"),
        ("cnn", {"width": 2}, "width of at least 3"),
        ("checkpoint", {"pooling": "last"}, "cannot pool by 'last'"),
    ],
)
def test_settings_that_an_encoder_cannot_follow_are_refused(make_run, name, settings, message):
    with pytest.raises(ConfigError, match=message):
        encoder_of(make_run, name, **settings)


@pytest.mark.parametrize("name", [name for name in ENCODERS if name != "checkpoint"])
def test_capacity_is_the_width_of_an_encoded_text(make_run, name):
    assert encoder_of(make_run, name, width=10)(tokens([3], [4, 5])).shape == (2, 10)
