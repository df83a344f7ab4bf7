"""Where people keep their runs: stored records handed on to other tools, not from training.

A new tool is one file with a `Tracker` and one line here.
"""

from mtlviz.trackers.mlflow import Mlflow
from mtlviz.trackers.tensorboard import TensorBoard
from mtlviz.trackers.tracker import Tracker
from mtlviz.trackers.trackio import Trackio
from mtlviz.trackers.wandb import WeightsAndBiases

TRACKERS: dict[str, type[Tracker]] = {
    "tensorboard": TensorBoard,
    "mlflow": Mlflow,
    "trackio": Trackio,
    "wandb": WeightsAndBiases,
}
"""The tools by the name that the shell takes; each imports its library when it is opened."""
