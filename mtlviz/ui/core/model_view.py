"""The picture of a model, the same on every page that has one."""

from mtlviz.figures.model import ModelParts, model_picture, model_sentence
from mtlviz.ui.component import chart


def draw_model(parts: ModelParts, key: str) -> None:
    """The picture, and the same in words for those who do not see it."""
    figure = model_picture(parts)
    chart(
        figure,
        narrow=model_picture(parts, narrow=True),
        key=key,
        alt=model_sentence(parts),
        how_to_read="From left to right: what all tasks share, then what belongs to each. Arrows "
        "back: gradients, in their tasks' hues.",
        height=figure["layout"]["height"],
        filename="model",
    )
