"""The toy lab's settings in one place: fields, table of controls, links and files."""

from mtlviz.toy.change import get, replace
from mtlviz.toy.controls import CONTROLS, Control, Value, controls_of
from mtlviz.toy.fields import EXTENT, MAX_OWN_POINTS, MAX_TASKS, OwnPoint, TaskScene, ToyConfig
from mtlviz.toy.link import from_json, from_query, left_out, to_json, to_query

__all__ = [
    "CONTROLS",
    "EXTENT",
    "MAX_OWN_POINTS",
    "MAX_TASKS",
    "Control",
    "OwnPoint",
    "TaskScene",
    "ToyConfig",
    "Value",
    "controls_of",
    "from_json",
    "from_query",
    "get",
    "left_out",
    "replace",
    "to_json",
    "to_query",
]
