"""What the toy lab remembers: the scene, the regression story, and what is looked at."""

from mtlviz.settings import Settings, Text, setting, short
from mtlviz.toy.axes import map_keys
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import MAX_TASKS
from mtlviz.toy.layout import all_arms, arm_name
from mtlviz.toy.presets import PRESETS, RENAMED
from mtlviz.toy.presets import REGRESSION as STORY
from mtlviz.toy.regression import RegressionConfig
from mtlviz.ui.core.part import Part

CURSOR = "toy"
"""The step cursor of the film, and of what follows it."""
_TASK = Text(lambda task: str(task + 1), lambda text: int(text) - 1, "must be a task's number")


class Looking(Settings):
    """What is looked at: the task in question, the map's axes and arm, the run that is drawn."""

    target: int = setting(
        0, "Who gains?",
        "The task that every panel compares: alone, and trained with the others.",
        low=0, text=_TASK,
    )  # fmt: skip
    map_across: str = setting("", "Across", "The control along the horizontal axis.")
    map_up: str = setting("", "Up", "The control along the vertical axis.")
    map_arm: str = setting("", "Trained together", "Compared with training the task alone.")
    task: int = setting(
        0, "Task to change",
        "The sliders below are this task's; its chip, row or cloud in the picture choose it too.",
        low=0, high=MAX_TASKS - 1, linked=False,
    )  # fmt: skip
    panel: int | None = setting(
        None, "Trained", "Whose run is drawn: its path, its tasks' losses and their gradients.",
        linked=False,
    )  # fmt: skip


def arms(target: int | None = None) -> list[str]:
    """Names of the arms of several tasks, or of those with the target among them."""
    found = (arm for arm in all_arms(len(TOY.now.tasks)) if len(arm) > 1)
    return [arm_name(arm) for arm in found if target is None or target in arm]


def target() -> int:
    """The task whose transfer is in question, counted from 0."""
    return min(LOOKING.now.target, len(TOY.now.tasks) - 1)


def in_many_dimensions() -> bool:
    """Whether the regression's story is open, and not one on the plane."""
    return REGRESSION.preset == "regression"


def _fits_the_scene(asked: Looking) -> tuple[Looking, list[str]]:
    """A task that there is, and a sentence on axes and arms that there are not."""
    tasks, keys, problems = len(TOY.now.tasks), map_keys(TOY.now), []
    if asked.target >= tasks:
        problems.append(f"`target` must be a task from 1 to {tasks}, got '{asked.target + 1}'.")
        asked = asked.changed(target=0)
    for name, known in (("map_across", keys), ("map_up", keys), ("map_arm", arms())):
        if (value := asked.value_at(name)) and value not in known:
            problems.append(
                f"`{name}` names no axis or arm of the transfer map, got {short(value)}."
            )
            asked = asked.changed(**{name: ""})
    return asked, problems


TOY = Part(
    "toy", ToyConfig, {name: preset.config for name, preset in PRESETS.items()}, renamed=RENAMED
)
REGRESSION = Part(
    "regression",
    RegressionConfig,
    {"plane": STORY.config, "regression": STORY.config},
    preset_parameter="story",
)
LOOKING = Part("toy.looking", Looking, settle=_fits_the_scene)
PARTS = (TOY, REGRESSION, LOOKING)
