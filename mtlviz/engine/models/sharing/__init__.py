"""SHARING: the ways in which tasks share an encoder. To add one: one file, and one line here."""

from mtlviz.engine.models.sharing.aligned import Aligned
from mtlviz.engine.models.sharing.control import Control
from mtlviz.engine.models.sharing.hard import Hard
from mtlviz.engine.models.sharing.houlsby import Houlsby
from mtlviz.engine.models.sharing.lora import LoRA
from mtlviz.engine.models.sharing.method import SharingMethod
from mtlviz.engine.models.sharing.separate import Separate
from mtlviz.methods import Registry

SHARING: Registry[type[SharingMethod]] = Registry("sharing", {
    "separate": Separate,
    "hard": Hard,
    "aligned": Aligned,
    "control": Control,
    "lora": LoRA,
    "houlsby": Houlsby,
})  # fmt: skip
