import torch
from torch.nn.functional import dropout

from mtlviz.engine.randomness import RandomStream, untouched_random_state


def draws(stream, count=2):
    with stream.active():
        return [dropout(torch.ones(20)) for _ in range(count)]


def test_stream_repeats_whatever_else_draws():
    torch.rand(3)
    first = torch.stack(draws(RandomStream(5)))
    torch.rand(4)
    assert torch.equal(torch.stack(draws(RandomStream(5))), first)
    assert not torch.equal(torch.stack(draws(RandomStream(6))), first)


def test_stream_goes_on_where_it_stopped():
    whole, parts = RandomStream(5), RandomStream(5)
    assert torch.equal(torch.stack(draws(whole, 2)), torch.stack(draws(parts, 1) + draws(parts, 1)))


def test_stored_state_goes_on_exactly():
    stream, other = RandomStream(5), RandomStream(8)
    draws(stream)
    state = stream.state()
    expected = draws(stream)
    draws(stream)
    other.restore(state)
    assert torch.equal(torch.stack(draws(other)), torch.stack(expected))


def test_outer_state_is_untouched_even_when_the_block_fails():
    before = torch.get_rng_state()
    draws(RandomStream(1))
    try:
        with RandomStream(1).active():
            torch.rand(2)
            raise KeyError
    except KeyError:
        pass
    with untouched_random_state():
        torch.rand(2)
    assert torch.equal(torch.get_rng_state(), before)
