"""In which layers of the encoder the tasks pull apart, and what splitting those would be."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.layer_conflict import (
    LayerConflict,
    layer_conflict,
    layer_titles,
    prevailing,
    to_split,
)
from mtlviz.figures.layers import layer_cosines, layer_shares
from mtlviz.runs import queue
from mtlviz.runs.layer_grams import LayerGrams, layer_grams
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component import chart
from mtlviz.ui.core import run_records, session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.page import go_with
from mtlviz.ui.core.run_actions import act
from mtlviz.ui.core.run_choice import CHOICE
from mtlviz.ui.core.run_view import RunView
from mtlviz.ui.core.words import escaped, grouped, listed

_GRAMS = Memo(32)
_HEIGHT = 300


def layers(run: RunSummary, view: RunView) -> None:
    """Heatmap, shares, and the split that they suggest."""
    st.subheader("In which layers", anchor="layers")
    seen = _GRAMS.once(
        run_records.name_of(run), (run.edition, run.updates),
        lambda: layer_grams(run_records.store(), run.id),
    )  # fmt: skip
    if seen is None or len(view.tasks) < 2:
        st.caption(_missing(run_records.run_config(run), len(view.tasks)))
        return
    found = layer_conflict(seen.gram)
    titles = layer_titles(seen.gram.shape[1])
    if np.isnan(found.share[-1]):  # Nothing stands beside the encoder: no row for it.
        titles = titles[:-1]
    st.markdown(verdict(found, titles))
    left, right = st.columns([3, 2])
    with left:
        _heatmap(seen, found, view, titles)
    with right:
        _shares(found, titles)
    _try(run, found, titles)


def _missing(config: RunConfig, tasks: int) -> str:
    """Why there is no picture."""
    if tasks < 2:
        return "One task alone: no layer can be pulled apart."
    every = config.probes.layers_every
    if not every or not config.probes.gram_every:
        return "Not recorded in this run: “Gram matrix by layer” was switched off."
    return (
        f"Nothing recorded by layer: it is taken every {grouped(every)} updates, where two tasks "
        "are due together and share trained weights."
    )


def verdict(found: LayerConflict, titles: list[str]) -> str:
    """Which layers are pulled apart more often than not."""
    sure = [layer for layer in prevailing(found) if layer < len(found.share) - 1]
    known = np.flatnonzero(np.isfinite(found.share[:-1]))
    if not len(known):
        return "No layer is shared and trained: tasks cannot pull one apart."
    most = int(known[np.argmax(found.share[known])])
    told = f"most often in **{titles[most]}** ({found.share[most]:.0%} of pairs and updates)"
    if not sure:
        return f"In no layer do conflicts prevail beyond chance; tasks pull apart {told}."
    names = listed([titles[layer] for layer in sure])
    return f"Tasks pull apart more often than not in {names}, {told}."


def _heatmap(seen: LayerGrams, found: LayerConflict, view: RunView, titles: list[str]) -> None:
    pairs = list(combinations(range(len(view.tasks)), 2))
    named = {
        f"{i + 1},{j + 1}": f"{escaped(view.tasks[i])} and {escaped(view.tasks[j])}"
        for i, j in pairs
    }
    choices = {"": "all pairs, averaged", **named}
    chosen = CHOICE.now.layers if CHOICE.now.layers in choices else ""
    control(CHOICE, "layers", choices=choices, value=chosen, look="one")
    number = list(named).index(chosen) if chosen else None
    cosines = found.mean(number)[:, : len(titles)]
    chart(
        layer_cosines(seen.update, cosines, titles, view.axis),
        key="run.layer_cosines",
        alt=described(cosines, titles, choices[chosen], view.axis.title),
        how_to_read="Orange: the tasks pull this layer apart. Blue: together. Blank: not shared, "
        "or no gradient. Bottom: the embedding layer. Neighbouring updates are averaged.",
        height=_HEIGHT,
        filename="layers",
    )


def described(cosines: np.ndarray, titles: list[str], who: str, across: str) -> str:
    """What the heatmap says, for those who cannot see it."""
    known = [layer for layer in range(len(titles)) if np.isfinite(cosines[:, layer]).any()]
    if not known:
        return f"Cosine of gradients by layer and {across}, {who}: nothing is known."
    means = {layer: float(np.nanmean(cosines[:, layer])) for layer in known}
    low, high = min(known, key=means.get), max(known, key=means.get)
    return (
        f"Cosine of gradients by layer and {across}, {who}: lowest in {titles[low]} (mean "
        f"{means[low]:+.2f}), highest in {titles[high]} (mean {means[high]:+.2f})."
    ).replace("-", "−")


def _shares(found: LayerConflict, titles: list[str]) -> None:
    told = [
        f"{title} {share:.0%}"
        for title, share in zip(titles, found.share, strict=False) if np.isfinite(share)
    ]  # fmt: skip
    chart(
        layer_shares(found.share[: len(titles)], found.error[: len(titles)], titles),
        key="run.layer_shares",
        alt=f"Share of pairs and updates in conflict: {', '.join(told)}.",
        how_to_read="How often two tasks pull a layer apart, all pairs. Orange: above one half "
        "with its whole 95 % interval.",
        height=_HEIGHT,
        filename="layer-shares",
    )


def split_run(config: RunConfig, split: list[int]) -> RunConfig:
    """The same run with these layers given to each task for itself."""
    text = ",".join(map(str, split))
    return config.with_values({
        "capacity.sharing": "recon",
        "capacity.sharing_options": {"split": text},
        "name": f"{config.name[:90]} · layers {text} split",
    })  # fmt: skip


def suggestion(found: LayerConflict, names: str) -> str:
    """Which layers to split, and whether anything but chance speaks for it."""
    if set(to_split(found)) <= set(prevailing(found)):
        return f"Split {names}, share the rest."
    return f"Nothing beyond chance speaks for it; to try it all the same, split {names}."


def _try(run: RunSummary, found: LayerConflict, titles: list[str]) -> None:
    """The suggestion, and the button that puts it to the test."""
    config, split = run_records.run_config(run), to_split(found)
    if not split or config.capacity.sharing != "hard":
        return
    names, key = listed([titles[layer] for layer in split]), f"run.split.{run.id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Share here, split there?** {suggestion(found, names)}")
        st.button(
            "Train it so", key=key, on_click=_start, args=(run.id, split_run(config, split)),
            help="Puts this run into the queue once more, with the same seed and settings, but "
            "each task with its own copy of these layers (Recon). Whether that helps, only the "
            "scores can say: compare the two, better over several seeds.",
        )  # fmt: skip
    if started := session.remember(f"{key}.started", None):
        st.success(f"Run {started} is in the queue: the same, but for the split layers.")
        if st.button("Compare them", key=f"{key}.compare"):
            go_with("compare", {"runs": f"{run.id},{started}"})


def _start(run: int, config: RunConfig) -> None:
    def begin(store: Store) -> None:
        (number,) = queue.start_all(store, [config], session.visitor())
        session.put(f"run.split.{run}.started", number)
        CHOICE.change(run=run)  # Not the latest one, which is the new one now.

    act(begin)
