"""Random streams of a run's own, so that dropout repeats without seeding the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class RandomStream:
    """The random state that dropout draws from during one run.

    Torch's dropout always draws from the process-wide generators. `active` puts this stream's
    state in their place for a block and puts the old state back afterwards, so that a run
    repeats exactly and disturbs nothing else. Only one stream per process may be active at a
    time; runs live in processes of their own.

    Args:
        seed: Decides the stream.
        device: Where the model runs; a CUDA device adds that device's generator.
    """

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self._cpu = torch.Generator().manual_seed(seed).get_state()
        self._cuda: Tensor | None = None
        if self.device.type == "cuda":
            self._cuda = torch.Generator(self.device).manual_seed(seed).get_state()

    def state(self) -> dict[str, Tensor]:
        """The present state as byte tensors, ready for a safetensors file."""
        cuda = {} if self._cuda is None else {"cuda": self._cuda.clone()}
        return {"cpu": self._cpu.clone(), **cuda}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Continue from a stored state.

        A state stored on the CPU may continue on a GPU: that device then keeps the stream it
        was seeded with, and the run is no longer the same to the last bit.
        """
        self._cpu = state["cpu"].cpu().clone()
        if self._cuda is not None and "cuda" in state:
            self._cuda = state["cuda"].cpu().clone()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let torch draw from this stream inside the block."""
        outer_cpu = torch.get_rng_state()
        outer_cuda = None if self._cuda is None else torch.cuda.get_rng_state(self.device)
        torch.set_rng_state(self._cpu)
        if self._cuda is not None:
            torch.cuda.set_rng_state(self._cuda, self.device)
        try:
            yield
        finally:
            self._keep()
            torch.set_rng_state(outer_cpu)
            if outer_cuda is not None:
                torch.cuda.set_rng_state(outer_cuda, self.device)

    def _keep(self) -> None:
        self._cpu = torch.get_rng_state()
        if self._cuda is not None:
            self._cuda = torch.cuda.get_rng_state(self.device)


@contextmanager
def untouched_random_state() -> Iterator[None]:
    """Put torch's CPU random state back after a block that draws from it unasked.

    For library constructors that fill weights from the process-wide generator although the
    weights are replaced right after.
    """
    with torch.random.fork_rng(devices=[]):
        yield
