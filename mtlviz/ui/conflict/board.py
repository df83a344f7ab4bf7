"""The board: draggable gradients under every method's update, with the numbers beside them."""

from mtlviz.engine.combiners.combination import Combination
from mtlviz.engine.combiners.pcgrad import Projection
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_updates import STEP, Scene, trace
from mtlviz.toy.arrows import REACH, ArrowsConfig
from mtlviz.ui import state
from mtlviz.ui.component import arrows
from mtlviz.ui.conflict import header
from mtlviz.ui.conflict.from_run import source
from mtlviz.ui.conflict.header import update
from mtlviz.ui.conflict.method_choice import method_help

_KEY = "conflict.arrows"
_LIVE_NOTE = (
    "Drag a tip, or focus it and use the arrow keys (Shift: larger steps). Shaded: updates that "
    "help every task. The step goes against the update."
)


def board(config: ArrowsConfig, scene: Scene, results: dict[str, Combination]) -> None:
    """The arrows, the table and PCGrad in slow motion."""
    payload = {
        "arrows": scene.coordinates.tolist(),
        "gram": scene.gram.tolist(),
        "methods": [
            {**look_of(name), "help": method_help(name), "weights": results[name].weights.tolist()}
            for name in config.methods
        ],
        "match": config.match,
        "order": list(config.order),
        "trace": [_visit(visit) for visit in trace(config, scene.gram)],
        "step": STEP,
        "reach": REACH,
        "numbers": header.shows("numbers"),
        "slow": header.shows("slow"),
        "editable": config.gram is None,
        "note": _LIVE_NOTE if config.gram is None else _plane_note(scene),
    }
    arrows(
        payload,
        key=_KEY,
        alt=_text(config),
        cursor_group="conflict.slow",
        on_edit=_take_edit,
    )


def look_of(name: str) -> dict[str, str]:
    """A method's look, as the browser takes it."""
    look = method_look(name)
    return {
        "name": name,
        "title": look.title,
        "color": look.color,
        "dash": look.dash,
        "marker": look.marker,
    }


def _visit(visit: Projection) -> dict[str, float]:
    return {
        "task": visit.task,
        "other": visit.other,
        "inner": visit.inner_product,
        "removed": visit.removed,
    }


def _text(config: ArrowsConfig) -> str:
    drawn = ", ".join(method_look(name).title for name in config.methods) or "no method"
    return (
        f"Gradients of {config.tasks} tasks as arrows from one point, with the updates of: {drawn}."
    )


def _plane_note(scene: Scene) -> str:
    shares = ", ".join(f"task {task + 1}: {share:.0%}" for task, share in enumerate(scene.share))
    return (
        f"{source() or 'Loaded gradients.'} Drawn in the plane that shows most of them "
        f"(share of each length: {shares})."
    )


def _take_edit() -> None:
    edit = state.component_event(_KEY, "edit")
    if edit is not None:
        update(arrows=tuple(tuple(arrow) for arrow in edit["arrows"]))
