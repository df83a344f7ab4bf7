"""The Gram matrices by layer that a stored run has recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.runs import rows
from mtlviz.runs.packing import unpack
from mtlviz.runs.store import Store

MOST = 2000
"""Updates to read at most: more than a picture can show, enough for shares."""


@dataclass(frozen=True, eq=False)
class LayerGrams:
    """Gram matrices by layer at T updates.

    Attributes:
        update: Numbers of the updates, (T,).
        gram: Inner products, (T, B, K, K).
    """

    update: NDArray[np.int64]
    gram: NDArray[np.float64]


def layer_grams(store: Store, run: int) -> LayerGrams | None:
    """What a run has recorded by layer, oldest first, evenly thinned; None where nothing is."""
    with store.connections.reading() as connection:
        known = _with_layers(rows.layouts(connection))
        marks = ", ".join("?" for _ in known)
        found = connection.execute(
            "SELECT updates, layout FROM records WHERE run = ? AND kind = 'step' "
            f"AND layout IN ({marks}) ORDER BY updates",
            (run, *known),
        ).fetchall()
        if not found:
            return None
        wanted = [update for update, _ in found[:: -(-len(found) // MOST)]]
        taken = []
        for update in wanted:
            layout, body = connection.execute(
                "SELECT layout, body FROM records WHERE run = ? AND kind = 'step' AND updates = ?",
                (run, update),
            ).fetchone()
            taken.append(unpack(known[layout], [body])[0]["layers"])
    return LayerGrams(np.array(wanted, dtype=np.int64), np.stack(taken))


def _with_layers(layouts: Mapping[int, str]) -> dict[int, str]:
    """The layouts whose records have an entry by layer."""
    return {
        number: text
        for number, text in layouts.items()
        if any(name == "layers" for name, *_ in json.loads(text))
    }
