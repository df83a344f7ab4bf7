"""SHARING: the ways in which tasks share an encoder, by name."""

from mtlviz.engine.models.sharing.aligned import Aligned
from mtlviz.engine.models.sharing.control import Control
from mtlviz.engine.models.sharing.hard import Hard
from mtlviz.engine.models.sharing.separate import Separate
from mtlviz.engine.models.sharing.sharing import Sharing
from mtlviz.methods import Registry

SHARING: Registry[type[Sharing]] = Registry("sharing", {
    "separate": Separate,
    "hard": Hard,
    "aligned": Aligned,
    "control": Control,
})  # fmt: skip
