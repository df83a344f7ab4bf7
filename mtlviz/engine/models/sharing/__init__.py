"""SHARING: the ways in which tasks share an encoder. To add one: one file, and one line here."""

from mtlviz.engine.models.sharing.adapter_fusion import AdapterFusion
from mtlviz.engine.models.sharing.aligned import Aligned
from mtlviz.engine.models.sharing.bitfit import BitFit
from mtlviz.engine.models.sharing.cgc import Cgc
from mtlviz.engine.models.sharing.control import Control
from mtlviz.engine.models.sharing.cross_stitch import CrossStitch
from mtlviz.engine.models.sharing.hard import Hard
from mtlviz.engine.models.sharing.houlsby import Houlsby
from mtlviz.engine.models.sharing.hypernetwork import Hypernetwork
from mtlviz.engine.models.sharing.ia3 import IA3
from mtlviz.engine.models.sharing.lora import LoRA
from mtlviz.engine.models.sharing.method import SharingMethod
from mtlviz.engine.models.sharing.mmoe import Mmoe
from mtlviz.engine.models.sharing.pals import PALs
from mtlviz.engine.models.sharing.parallel import Parallel
from mtlviz.engine.models.sharing.partial import Partial
from mtlviz.engine.models.sharing.pfeiffer import Pfeiffer
from mtlviz.engine.models.sharing.prefix import Prefix
from mtlviz.engine.models.sharing.recon import Recon
from mtlviz.engine.models.sharing.separate import Separate
from mtlviz.engine.models.sharing.shared_private import SharedPrivate
from mtlviz.engine.models.sharing.soft import Soft
from mtlviz.methods import Registry

SHARING: Registry[type[SharingMethod]] = Registry("sharing", {
    "separate": Separate,
    "hard": Hard,
    "aligned": Aligned,
    "control": Control,
    "bitfit": BitFit,
    "ia3": IA3,
    "lora": LoRA,
    "houlsby": Houlsby,
    "partial": Partial,
    "recon": Recon,
    "soft": Soft,
    "cross_stitch": CrossStitch,
    "mmoe": Mmoe,
    "cgc": Cgc,
    "pfeiffer": Pfeiffer,
    "adapter_fusion": AdapterFusion,
    "parallel": Parallel,
    "pals": PALs,
    "prefix": Prefix,
    "shared_private": SharedPrivate,
    "hypernetwork": Hypernetwork,
})  # fmt: skip
