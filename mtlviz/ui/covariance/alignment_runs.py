"""Alignment on text: queue runs of three ways of sharing, and read what they left."""

from typing import Any

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.runs.alignment_groups import EMBEDDINGS_EVERY, Question
from mtlviz.ui import state
from mtlviz.ui.covariance import alignment_pictures, alignment_words
from mtlviz.ui.covariance.alignment_results import queue_runs, results

_KEY = "alignment.runs"
_BASES = {"built-in": "Built-in sentences", "studio": "The Studio’s tasks and encoder"}
_NOTHING = (
    "No run with alignment beside plain sharing or the control yet. Queue some: three seeds of the "
    "built-in sentences take some minutes, and you may leave the page meanwhile."
)


def without_sharing(values: dict[str, Any]) -> None:
    """Take the way of sharing out of settings; its variant stays, plain sharing having none."""
    options = values["capacity"]["sharing_options"]
    values["capacity"]["sharing_options"] = options.get("variant", "joint")
    del values["capacity"]["sharing"]


QUESTION = Question(
    ways={"hard": "plain", "aligned": "aligned", "control": "control"},
    compared=(("aligned", "hard"), ("aligned", "control")),
    way_of=lambda config: config.capacity.sharing,
    without_way=without_sharing,
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
                lambda group, runs: alignment_pictures.pictures(QUESTION, group, runs),
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
    probes = config.probes.model_copy(update={"embeddings_every": every})
    return [
        config.model_copy(
            update={
                "name": f"{config.name[:80]} · {name} · seed {seed}",
                "seed": seed,
                "probes": probes,
                "capacity": config.capacity.model_copy(
                    update={"sharing": way, "sharing_options": {}}
                ),
            }
        )
        for seed in range(config.seed, config.seed + seeds)
        for way, name in QUESTION.ways.items()
    ]
