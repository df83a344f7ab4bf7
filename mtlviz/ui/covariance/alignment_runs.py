"""Alignment on text: queue runs of three ways of sharing, and read what they left."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.runs.study import Study
from mtlviz.ui import state
from mtlviz.ui.covariance import alignment_pictures, alignment_words
from mtlviz.ui.covariance.alignment_results import Question, queue_runs, results

_KEY = "alignment.runs"
EMBEDDINGS_EVERY = 25
_BASES = {"built-in": "Built-in sentences", "studio": "The Studio’s tasks and encoder"}
_NOTHING = (
    "No run with alignment beside plain sharing or the control yet. Queue some: three seeds of the "
    "built-in sentences take some minutes, and you may leave the page meanwhile."
)


_TITLES = {"hard": "plain", "aligned": "aligned", "control": "control"}
QUESTION = Question(
    Study({way: {"capacity.sharing": way} for way in _TITLES}),
    _TITLES,
    compared=(("aligned", "hard"), ("aligned", "control")),
)


def section() -> None:
    """Choose tasks, queue the runs, and see how they end."""
    shown = st.expander(
        "On text: train R between the embedding layer and the encoder",
        on_change="rerun",
        key=_KEY,
    )
    if shown.open:
        with shown:
            _form()
            results(
                QUESTION,
                _KEY,
                _NOTHING,
                alignment_words.run_verdict,
                lambda group, runs: alignment_pictures.pictures(_TITLES, group, runs),
            )


def _form() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = st.selectbox(
            "Tasks", list(_BASES), key=f"{_KEY}.base", format_func=_BASES.get,
            help="Folders of your own are chosen in the Studio; its scheduler, combiner and "
            "encoder are then used too.",
        )  # fmt: skip
        seeds = st.number_input(
            "Seeds", 1, 10, value=3, key=f"{_KEY}.seeds",
            help="Each seed is one run of each way. One seed gives no interval.",
        )  # fmt: skip
        st.button(
            f"Queue {3 * int(seeds)} runs", key=f"{_KEY}.queue", on_click=_queue,
            args=(base, int(seeds)),
            help="Plain sharing, alignment and the control, with the same seeds. The control has "
            "as many extra parameters per task, but behind the encoder, where they align nothing.",
        )  # fmt: skip


def _queue(base: str, seeds: int) -> None:
    config = preset("default") if base == "built-in" else state.studio_config()
    queue_runs(variants(config, seeds), _KEY)


def variants(config: RunConfig, seeds: int) -> list[RunConfig]:
    """The runs to make: each way of sharing with each seed, all else equal.

    Args:
        config: The tasks, the encoder and the optimisation.
        seeds: Number of seeds, from the config's own upwards.
    """
    every = config.probes.embeddings_every or EMBEDDINGS_EVERY
    plain = {"probes.embeddings_every": every, "capacity.sharing_options": {}}
    found = QUESTION.study.runs(
        config.with_values(plain),
        range(config.seed, config.seed + seeds),
        lambda way, seed: f"{config.name[:80]} · {_TITLES[way]} · seed {seed}",
    )
    return list(found.values())
