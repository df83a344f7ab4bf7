"""Compiling a transformer's layers with torch.compile, and going on without where that fails."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.sharing.sharing import Sharing
from mtlviz.engine.models.tokens import Tokens


class CompiledLayers:
    """Encodes as a sharing does, by layers that are compiled at the first batch that trains them.

    The modules stay: a compiled function stands before each layer's own until compiling fails.

    Dropout draws from the run's random stream either way. On a CPU its masks are those of the
    uncompiled run, which a compiled one then follows up to rounding. On a GPU they are drawn inside
    the compiled kernels and differ, but the same state gives the same masks, as resuming needs.

    Args:
        sharing: Turns a task's tokens into vectors.
        tell: Takes a sentence for the run's notes.
        device: Where the model runs.
        backend: What compiles.
    """

    def __init__(
        self,
        sharing: Sharing,
        tell: Callable[[str], None],
        device: torch.device,
        backend: str | Callable[..., Any] = "inductor",
    ) -> None:
        self._sharing, self._tell, self._device, self._backend = sharing, tell, device, backend
        self._layers = trained_layers(sharing)
        self._tried = False

    def __call__(self, task: int, tokens: Tokens) -> Tensor:
        """One task's texts as vectors, (N, r)."""
        if self._layers and self._sharing.training and torch.is_grad_enabled():
            try:
                with _quiet():
                    if not self._tried:
                        self._try(task, tokens)
                    return self._sharing(task, tokens)
            except Exception as error:  # noqa: BLE001  what is no fault of compiling comes again
                self._give_up(error)
        return self._sharing(task, tokens)

    def _try(self, task: int, tokens: Tokens) -> None:
        """Compile forward and backward pass, so that what fails does so here; use up no masks."""
        started, self._tried = time.perf_counter(), True
        # What an earlier run of this process compiled would count towards torch's limit.
        torch.compiler.reset()
        # The layers are alike, so that torch compiles the first and finds the others done.
        for layer in self._layers:
            layer.forward = _while_training(layer, self._compiled(layer.forward))
        trained = [p for p in self._sharing.parameters() if p.requires_grad]
        with torch.random.fork_rng([self._device] if self._device.type == "cuda" else []):
            total = self._sharing(task, tokens).float().sum()
            torch.autograd.grad(total, trained, allow_unused=True)
        self._tell(
            f"The encoder's layers are compiled, which took {time.perf_counter() - started:.0f} "
            "seconds; a first batch without padding, or of one example, compiles them once more."
        )

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that torch compiles when it is called, once for all lengths."""
        # With one thread the compiler works in this process and leaves no others behind.
        options = {"compile_threads": 1, "fallback_random": self._device.type == "cpu"}
        known = options if self._backend == "inductor" else None
        return torch.compile(function, dynamic=True, backend=self._backend, options=known)

    def _give_up(self, error: Exception) -> None:
        for layer in self._layers:
            vars(layer).pop("forward", None)
        self._layers = []
        reason = " ".join(str(getattr(error, "inner_exception", error)).split())
        self._tell(f"The encoder runs uncompiled, as compiling it failed: {reason[:200]}")


def trained_layers(sharing: Sharing) -> list[nn.Module]:
    """The layers of transformers that training changes: their outermost lists of modules."""
    layers: list[nn.Module] = []
    for module in sharing.modules():
        if isinstance(module, Encoder) and module.attends:
            layers += next((m for m in module.modules() if isinstance(m, nn.ModuleList)), ())
    return [layer for layer in layers if any(p.requires_grad for p in layer.parameters())]


def _while_training(layer: nn.Module, compiled: Callable[..., Any]) -> Callable[..., Any]:
    """A layer's function: compiled where gradients are taken to train it, else its own."""
    own = layer.forward

    def forward(*given: Any, **named: Any) -> Any:
        return (compiled if layer.training and torch.is_grad_enabled() else own)(*given, **named)

    return forward


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what the compiler says of its work."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)
