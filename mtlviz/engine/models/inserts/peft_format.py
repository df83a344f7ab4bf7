"""LoRA as the peft library stores it: `adapter_model.safetensors` beside `adapter_config.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtlviz.access import current, shown
from mtlviz.engine.models.inserts.families import FAMILIES, Family
from mtlviz.engine.models.inserts.places import Place
from mtlviz.errors import CheckpointError, ConfigError
from mtlviz.limits import parse_json

if TYPE_CHECKING:
    from torch import Tensor, nn

WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"
_KEY = re.compile(r"\.(\d+)\.(.+)\.lora_([AB])(?:\.default)?\.weight$")
_PLACES = {path: name for family in FAMILIES.values() for name, path in family.modules.items()}
_REFUSED = ("use_dora", "use_rslora", "rank_pattern", "alpha_pattern", "lora_bias")
"""What would make another function of the same tensors."""


def write_lora(
    folder: Path, sets: Sequence[nn.Module], scale: float, model_type: str, base: str
) -> None:
    """Write one task's LoRA as peft does; a sum of several as one of all their ranks.

    Args:
        folder: An existing folder.
        sets: The sets of inserts that the task's texts pass, each a change by place.
        scale: alpha / rank, the same for all.
        model_type: Family of the pretrained encoder.
        base: Name of its checkpoint.

    Raises:
        ConfigError: The encoder is of no family whose module names are known.
    """
    import torch
    from safetensors.torch import save_file

    if (family := FAMILIES.get(model_type)) is None:
        raise ConfigError(
            "peft's format is for pretrained encoders, and this run's encoder is none."
        )
    tensors: dict[str, Tensor] = {}
    for place in sets[0]:
        parts = [each[place] for each in sets]
        stem = f"base_model.model.{_module(family, place)}"
        tensors[f"{stem}.lora_A.weight"] = torch.cat([p.down.detach().cpu() for p in parts])
        tensors[f"{stem}.lora_B.weight"] = torch.cat([p.up.detach().cpu() for p in parts], 1)
    save_file(
        {k: each.contiguous() for k, each in tensors.items()}, folder / WEIGHTS, {"format": "pt"}
    )
    rank = len(next(iter(tensors.values())))
    names = sorted({_module(family, place).split(".", _depth(family))[-1] for place in sets[0]})
    settings = _settings(base, rank, scale * rank, names)
    (folder / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def read_lora(folder: str, places: Sequence[Place]) -> dict[str, tuple[Tensor, Tensor]]:
    """A LoRA that peft wrote, with alpha / rank put into B: A (r, h) and B (h, r) by place.

    Args:
        folder: Where it lies; must be readable for whoever asks.
        places: The places that are to be changed.

    Raises:
        MtlvizError: There is no such folder, it holds no LoRA, or one for other places.
    """
    from safetensors import SafetensorError, safe_open

    place, settings = read_settings(folder)
    found: dict[str, dict[str, Tensor]] = {}
    try:
        with safe_open(place / WEIGHTS, framework="pt") as file:
            for key in file.keys():  # noqa: SIM118  it is no dictionary
                layer, name, part = _split(key, folder)
                found.setdefault(f"{layer}_{name}", {})[part] = file.get_tensor(key).float()
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{shown(folder)} has no readable {WEIGHTS}.") from error
    _check_places(found, places, folder)
    factor = settings["lora_alpha"] / settings["r"]
    return {key: (parts["A"], factor * parts["B"]) for key, parts in found.items()}


def read_settings(folder: str) -> tuple[Path, Mapping[str, Any]]:
    """The folder of a LoRA and its settings, read without torch.

    Raises:
        MtlvizError: There is no such folder, or it holds no LoRA of the plain kind.
    """
    place = current().local_folder(folder)
    if place is None or not (place / SETTINGS).is_file():
        raise CheckpointError(
            f"{shown(folder)} is no folder with a LoRA in peft's format that may be read."
        )
    settings = parse_json(current().read(place / SETTINGS), f"{SETTINGS} of {shown(folder)}")
    plain = isinstance(settings, dict) and settings.get("peft_type") == "LORA"
    numbers = plain and isinstance(settings.get("r"), int) and settings["r"] > 0
    if not numbers or not isinstance(settings.get("lora_alpha"), int | float):
        raise CheckpointError(f"{shown(folder)} holds no LoRA: its {SETTINGS} says something else.")
    if odd := [name for name in _REFUSED if settings.get(name)]:
        raise CheckpointError(
            f"{shown(folder)} holds a LoRA with {odd[0]}, which this program does not compute."
        )
    return place, settings


def _settings(base: str, rank: int, alpha: float, names: Sequence[str]) -> dict[str, Any]:
    """What peft needs to know; all else is at its default."""
    return {
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "peft_type": "LORA",
        "r": rank,
        "target_modules": list(names),
        "task_type": None,
    }


def _module(family: Family, key: str) -> str:
    """The path of the module at a place."""
    layer, name = key.split("_", 1)
    return f"{family.layers}.{layer}.{family.modules[name]}"


def _depth(family: Family) -> int:
    """Dots before the part of a path that all layers have in common."""
    return family.layers.count(".") + 2


def _split(key: str, folder: str) -> tuple[int, str, str]:
    """Layer, place and part of a tensor's name."""
    found = _KEY.search(key)
    if found is None or found[2] not in _PLACES:
        raise CheckpointError(
            f"{shown(folder)} changes {key[:80]!r}, no linear map of a known family's layer."
        )
    return int(found[1]), _PLACES[found[2]], found[3]


def _check_places(
    found: Mapping[str, Mapping[str, Tensor]], places: Sequence[Place], folder: str
) -> None:
    """The same places, and the same widths."""
    wanted = {place.key: (place.inputs, place.outputs) for place in places}
    if found.keys() != wanted.keys():
        odd = sorted(found.keys() ^ wanted.keys())[0]
        lacks = "lacks" if odd in wanted else "also has"
        raise CheckpointError(
            f"The LoRA in {shown(folder)} changes other maps than this run: it {lacks} {odd}."
        )
    for key, parts in found.items():
        have = parts.keys() == {"A", "B"} and (parts["A"].shape[1], parts["B"].shape[0])
        if have != wanted[key]:
            raise CheckpointError(
                f"The LoRA in {shown(folder)} is for an encoder of another width than this run's."
            )
