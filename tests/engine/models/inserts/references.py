"""What ways of sharing put inside encoders, written out a second time: modules are replaced."""

from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

BERT = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attention": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "expand": "intermediate.dense",
    "contract": "output.dense",
    "output_norm": "output.LayerNorm",
    "heads": "attention.self",
}
DISTILBERT = {
    "query": "attention.q_lin",
    "key": "attention.k_lin",
    "value": "attention.v_lin",
    "attention": "attention.out_lin",
    "attention_norm": "sa_layer_norm",
    "expand": "ffn.lin1",
    "contract": "ffn.lin2",
    "output_norm": "output_layer_norm",
    "heads": "attention",
}
OWN = {
    "attention": "attention_output",
    "attention_norm": "attention_norm",
    "expand": "expand",
    "contract": "contract",
    "output_norm": "feed_norm",
    "heads": "attend",
}
PATHS = {
    "blocks": OWN,
    "model.encoder.layer": BERT,
    "model.transformer.layer": DISTILBERT,
}


class Layer(NamedTuple):
    """A layer of a plain encoder, and what a task's inserts hold there.

    Attributes:
        number: Of the layer.
        layers: All layers.
        names: Paths of its modules.
        own: The task's numbers by name.
        common: Those of all tasks.
        every: Those of each task, this one among them.
        mask: Real tokens.
    """

    number: int
    layers: nn.ModuleList
    names: dict[str, str]
    own: dict[str, Any]
    common: dict[str, Any]
    mask: torch.Tensor
    every: tuple[dict[str, Any], ...] = ()

    @property
    def is_own(self):
        return self.names is OWN

    def module(self, key):
        return self.layers[self.number].get_submodule(self.names[key])

    def replace(self, key, function):
        """Give the module of this name another output: a function of its input and output."""
        parent, _, name = self.names[key].rpartition(".")
        owner = self.layers[self.number].get_submodule(parent)
        setattr(owner, name, Replaced(getattr(owner, name), function))

    def replace_third(self, which, function):
        """The same for queries, keys or values, which the own transformer makes in one map."""
        if not self.is_own:
            self.replace(which, function)
            return
        number = ("query", "key", "value").index(which)

        def changed(x, y):
            parts = list(y.chunk(3, dim=-1))
            parts[number] = function(x, parts[number])
            return torch.cat(parts, dim=-1)

        block = self.layers[self.number]
        block.queries_keys_values = Replaced(block.queries_keys_values, changed)

    def record(self, key):
        """Where the module's input will stand when it has been read."""
        seen = {}

        def noted(x, y):
            seen["x"] = x
            return y

        self.replace(key, noted)
        return seen

    def replace_end(self, function):
        """Change what the layer's last norm reads, or the output of a layer that ends without."""
        if self.is_own:
            self.layers[self.number] = Replaced(self.layers[self.number], function)
        else:
            seen, norm = self.record("query"), self.module("output_norm")
            self.replace("output_norm", lambda u, _: norm(function(seen["x"], u)))


class Replaced(nn.Module):
    """A module and a function of what it read and made."""

    def __init__(self, inner, function):
        super().__init__()
        self.inner, self.function = inner, function

    def forward(self, x, *others):
        return self.function(x, self.inner(x, *others))


def layers_of(encoder):
    """The layers of a plain encoder, and the names of their modules."""
    for path, names in PATHS.items():
        try:
            return encoder.get_submodule(path), names
        except AttributeError:
            continue
    raise AssertionError("no layers")


def normed(x, scale, shift, eps):
    middle, spread = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
    return (x - middle) / (spread + eps).sqrt() * scale + shift


def lora(layer):
    for key in ("query", "value"):
        a, b = (layer.own[f"{layer.number}_{key}.{name}"] for name in ("down", "up"))
        layer.replace_third(key, lambda x, y, a=a, b=b: y + 2.0 * (b @ a @ x.mT).mT)


def bitfit(layer):
    for key in ("query", "key", "value"):
        shift = layer.own[f"{layer.number}_{key}.shift"]
        layer.replace_third(key, lambda x, y, d=shift: y + d)
    for key in ("attention", "attention_norm", "expand", "contract", "output_norm"):
        shift = layer.own[f"{layer.number}_{key}.shift"]
        layer.replace(key, lambda x, y, d=shift: y + d)


def ia3(layer):
    keys, values, inner = (
        1 + layer.own[f"{layer.number}_{key}.change"] for key in ("key", "value", "inner")
    )
    layer.replace_third("key", lambda x, y: y * keys)
    layer.replace_third("value", lambda x, y: y * values)
    contract = layer.module("contract")
    layer.replace("contract", lambda x, _: functional.linear(
        x * inner, contract.weight, contract.bias
    ))  # fmt: skip


def bottleneck(numbers, prefix, activation):
    w, b, u, c = (numbers[f"{prefix}.{name}"] for name in ("down", "down_bias", "up", "up_bias"))
    return lambda x: activation(x @ w.T + b) @ u.T + c


def houlsby(layer):
    for key in ("attention", "contract"):
        added = bottleneck(layer.own, f"{layer.number}_{key}", functional.gelu)
        layer.replace(key, lambda x, y, added=added: y + added(y))
    for key in ("attention_norm", "output_norm"):
        norm, prefix = layer.module(key), f"{layer.number}_{key}"
        scale, shift = (layer.own[f"{prefix}.{name}"] for name in ("scale", "shift"))
        layer.replace(key, lambda x, _, n=norm, s=scale, t=shift: normed(
            x, n.weight + s, n.bias + t, n.eps
        ))  # fmt: skip


def through_pfeiffer(layer, *sets):
    norm = None if layer.is_own else layer.module("output_norm")

    def changed(_, u):
        for numbers in sets:
            read = u if norm is None else normed(u, norm.weight, norm.bias, norm.eps)
            u = u + bottleneck(numbers, f"{layer.number}_sum", functional.relu)(read)
        return u

    layer.replace_end(changed)


def pfeiffer(layer):
    through_pfeiffer(layer, layer.own)


def shared_private(layer):
    through_pfeiffer(layer, layer.common, layer.own)


def adapter_fusion(layer):
    norm, key = None if layer.is_own else layer.module("output_norm"), f"{layer.number}_sum"
    of = {n: layer.own[f"fusions.{key}.{n}"] for n in ("query", "key", "value")}
    bias = {n: layer.own[f"fusions.{key}.{n}_bias"] for n in ("query", "key")}

    def changed(_, u):
        read = u if norm is None else normed(u, norm.weight, norm.bias, norm.eps)
        adapters = [bottleneck(e, f"adapters.{key}", functional.relu) for e in layer.every]
        found = [adapter(read) for adapter in adapters]
        asked = read @ of["query"].T + bias["query"]
        scores = [(asked * (z @ of["key"].T + bias["key"])).sum(-1) for z in found]
        weights = torch.stack(scores).softmax(0)
        value = torch.eye(len(of["value"]), dtype=u.dtype) + of["value"]
        return u + sum(w[..., None] * (z @ value.T) for w, z in zip(weights, found, strict=True))

    layer.replace_end(changed)


def parallel(layer):
    seen = layer.record("expand")
    added = bottleneck(layer.own, f"{layer.number}_feed", functional.relu)
    layer.replace("contract", lambda x, y: y + 4.0 * added(seen["x"]))


def pals(layer):
    own, place = layer.own, f"{layer.number}_beside"

    def beside(x, u):
        narrow = x @ own["enter"].T + own["enter_bias"]
        three = (narrow @ own[f"maps.{place}"].T + own[f"biases.{place}"]).chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (2, -1)).transpose(1, 2) for part in three)
        scores = q @ k.mT / q.shape[-1] ** 0.5
        scores = scores.masked_fill(~layer.mask[:, None, None], -torch.inf)
        joined = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        return u + functional.gelu(joined @ own["leave"].T + own["leave_bias"])

    layer.replace_end(beside)


class Attended(nn.Module):
    """Attention written out, with keys and values in front."""

    def __init__(self, inner, layer):
        super().__init__()
        self.inner, self.layer = inner, layer

    def forward(self, *given, attention_mask=None, **named):
        if self.layer.is_own:
            return self.attend(*given[:3])
        inner, x = self.inner, given[0]
        found = "query" if hasattr(inner, "query") else "q_lin"
        names = (found, found.replace("query", "key").replace("q_", "k_"),
                 found.replace("query", "value").replace("q_", "v_"))  # fmt: skip
        heads = (getattr(inner, n)(x).unflatten(-1, (2, -1)).transpose(1, 2) for n in names)
        joined = self.attend(*heads).transpose(1, 2).flatten(2)
        return (inner.out_lin(joined) if found == "q_lin" else joined), None

    def attend(self, q, k, v):
        pair = self.layer.own[f"pairs.{self.layer.number}_heads"]
        first, second = (part.unflatten(-1, (2, -1)).transpose(0, 1) for part in pair.chunk(2, -1))
        k = torch.cat([first.expand(len(k), -1, -1, -1), k], 2)
        v = torch.cat([second.expand(len(v), -1, -1, -1), v], 2)
        seen = functional.pad(self.layer.mask, (pair.shape[0], 0), value=True)
        scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~seen[:, None, None], -torch.inf)
        return scores.softmax(-1) @ v


def prefix(layer):
    parent, _, name = layer.names["heads"].rpartition(".")
    owner = layer.layers[layer.number].get_submodule(parent)
    setattr(owner, name, Attended(getattr(owner, name), layer))


def hypernetwork(layer):
    common = layer.common

    def of(z, key):
        return common[f"{key}.weight"] @ z + common[f"{key}.bias"]

    for part, keys in enumerate((("attention", "attention_norm"), ("contract", "output_norm"))):
        joined = [layer.own["vector"], common["layers"][layer.number], common["parts"][part]]
        z = of(of(torch.cat(joined), "enter").relu(), "leave")
        z = normed(z, common["norm.weight"], common["norm.bias"], 1e-5)
        width = len(common["up_bias.bias"])
        down, up = of(z, "down").view(-1, width), of(z, "up").view(width, -1)
        below, above = of(z, "down_bias"), of(z, "up_bias")
        layer.replace(keys[0], lambda x, y, d=down, b=below, u=up, c=above: (
            y + functional.gelu(y @ d.T + b) @ u.T + c
        ))  # fmt: skip
        norm, scale, shift = layer.module(keys[1]), of(z, "scale"), of(z, "shift")
        layer.replace(keys[1], lambda x, _, n=norm, s=scale, t=shift: normed(
            x, n.weight + s, n.bias + t, n.eps
        ))  # fmt: skip


REFERENCES = {
    "bitfit": bitfit,
    "ia3": ia3,
    "lora": lora,
    "houlsby": houlsby,
    "pfeiffer": pfeiffer,
    "adapter_fusion": adapter_fusion,
    "parallel": parallel,
    "pals": pals,
    "prefix": prefix,
    "shared_private": shared_private,
    "hypernetwork": hypernetwork,
}
