"""COMBINERS: from the due tasks' Gram matrix to one update. One file per method.

Every method is a map from inner products alone, which is what makes it cheap, exact to replay from
a stored step, and drawable without the gradients. GradDrop is left out: it masks single parameters,
so it needs the (K, P) gradients themselves. So do trimmed means.
"""

from mtlviz.engine.combiners.agem import agem
from mtlviz.engine.combiners.aligned import aligned
from mtlviz.engine.combiners.cagrad import cagrad
from mtlviz.engine.combiners.config import config
from mtlviz.engine.combiners.cr_mogm import CRMOGM
from mtlviz.engine.combiners.dual_cone import dualproj, upgrad
from mtlviz.engine.combiners.fairness import fairgrad, nash
from mtlviz.engine.combiners.gem import gem
from mtlviz.engine.combiners.gradvac import GradVac
from mtlviz.engine.combiners.imtl_g import imtl_g
from mtlviz.engine.combiners.mgda import mgda
from mtlviz.engine.combiners.moco import MoCo
from mtlviz.engine.combiners.pcgrad import pcgrad
from mtlviz.engine.combiners.pcgrad_variants import (
    pcgrad_all_orders,
    pcgrad_libmtl,
    pcgrad_tensorflow,
    pcgrad_tseng,
)
from mtlviz.engine.combiners.registry import Bound, bind
from mtlviz.engine.combiners.scalarization import mean, total
from mtlviz.engine.combiners.sdmgrad import SDMGrad
from mtlviz.methods import Registry

# Functions of (gram, generator[, losses]) and options, or classes whose objects are, one per run.
COMBINERS = Registry("combiner", {
    "sum": total,
    "mean": mean,
    "pcgrad": pcgrad,
    "pcgrad_all_orders": pcgrad_all_orders,
    "pcgrad_tensorflow": pcgrad_tensorflow,
    "pcgrad_libmtl": pcgrad_libmtl,
    "pcgrad_tseng": pcgrad_tseng,
    "gradvac": GradVac,
    "mgda": mgda,
    "cagrad": cagrad,
    "imtl_g": imtl_g,
    "nash": nash,
    "fairgrad": fairgrad,
    "aligned": aligned,
    "upgrad": upgrad,
    "dualproj": dualproj,
    "config": config,
    "cr_mogm": CRMOGM,
    "sdmgrad": SDMGrad,
    "moco": MoCo,
    "agem": agem,
    "gem": gem,
})  # fmt: skip


def make_combiner(name: str, **options: object) -> Bound:
    """The named combiner with its options set, ready for one run.

    Call it as `combiner(gram, generator)`, or with `losses=` for the methods that use them; the
    others ignore them. A problem whose Gram matrix is not finite gets weights that are not a
    number, and leaves the other problems of its batch alone.

    Raises:
        ConfigError: If the name or an option is unknown, or an option's value is not allowed.
    """
    return bind(COMBINERS[name], options)
