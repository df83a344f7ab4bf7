"""Below the board: what order does to PCGrad, what goes by its name, and when it is worth it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.combiners.gram import update_norm
from mtlviz.engine.measures.conflict_orders import OrderSpread, order_spread
from mtlviz.engine.measures.conflict_plane import View, space_from_gram
from mtlviz.figures.conflicts import Update, method_look, plane, space
from mtlviz.toy.arrow_updates import DrawnArrows, Picture, combination
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.ui.component import chart
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.words import listed
from mtlviz.ui.pages.conflict.words import theorem

Array = NDArray[np.float64]

PROGRAMS = {
    "pcgrad": "paper",
    "pcgrad_tensorflow": "authors’ code",
    "pcgrad_libmtl": "LibMTL",
    "pcgrad_tseng": "Tseng",
}

# Updates that differ by less, as a share of the longest, are one: gradients of a run may be tiny.
_SAME = 1e-6


ORDERS = Panel("conflict.orders", "Lesson: the order decides")
VARIANTS = Panel("conflict.variants", "Lesson: four programs called PCGrad")
SPACE = Panel("conflict.space", "Lesson: three dimensions")
EVIDENCE = Panel("conflict.evidence", "Lesson: is surgery worth it, and the theorem")
PANELS = (ORDERS, VARIANTS, SPACE, EVIDENCE)


def section(picture: Picture) -> None:
    """Orders and variants side by side, loaded gradients in space, the theorem, the evidence."""
    config, scene = picture.config, picture.scene
    shown = [part for panel, part in ((ORDERS, _orders), (VARIANTS, _variants)) if panel.shown]
    if config.tasks == 2:
        shown = [_variants_in_words] if VARIANTS.shown else []
    columns = st.columns(2) if config.tasks == 3 and shown else [st.container()] * len(shown)
    for column, part in zip(columns, shown, strict=False):
        with column:
            part(config, scene)
    if config.gram is not None and config.tasks > 2 and SPACE.shown:
        _space(config, scene)
    if EVIDENCE.shown:
        _evidence(scene)


def _orders(config: ArrowsConfig, scene: DrawnArrows) -> None:
    st.subheader("The order decides", anchor="orders")
    if config.tasks > 3:
        st.markdown(
            f"{config.tasks} tasks have too many orders to draw; “PCGrad, all orders” is their "
            "mean. Type an order above to see one."
        )
        return
    spread = order_spread(scene.gram)
    st.markdown(_spread_sentence(spread))
    look = method_look("pcgrad")
    updates = [
        Update(" ".join(str(task + 1) for task in order), weights @ scene.coordinates, look)
        for order, weights in zip(spread.common, spread.weights, strict=True)
        if order is not None
    ]
    _picture(
        scene, updates, "orders",
        "PCGrad's update for each of the six orders of three tasks, as arrows.",
        "A label is the order in which every task visits the others; orders with the same update "
        "share an arrow. Coloured: the gradients' directions. PCGrad draws its order at random at "
        "every step.",
    )  # fmt: skip


def _spread_sentence(spread: OrderSpread) -> str:
    low, high = spread.lengths.min(), spread.lengths.max()
    if high - low <= _SAME * high and not spread.degrees > 1e-3:
        return "Here every order gives the same update."
    angle = "" if np.isnan(spread.degrees) else f"directions **{spread.degrees:.0f}°** apart and "
    return (
        f"The same three gradients, {angle}lengths from **{low:.3g} to {high:.3g}**: "
        "only the random order differs."
    )


def _variants(config: ArrowsConfig, scene: DrawnArrows) -> None:
    st.subheader("Four programs called PCGrad", anchor="variants")
    results = {name: combination(name, scene.gram, config.order) for name in PROGRAMS}
    st.markdown(variants_sentence(scene, {n: r.weights for n, r in results.items()}))
    updates = [
        Update(PROGRAMS[name], result.weights @ scene.coordinates, method_look(name))
        for name, result in results.items()
    ]
    _picture(
        scene, updates, "variants",
        "The updates of the paper's PCGrad and of three programs of that name, as arrows.",
        "The paper: a task visits the others. LibMTL: also itself. Tseng: LibMTL, averaged. The "
        "authors' code: also itself, and always 1, 2, 3, whatever order is drawn.",
    )  # fmt: skip


def _picture(
    scene: DrawnArrows, updates: list[Update], name: str, alt: str, how_to_read: str
) -> None:
    """PCGrad's updates beside one another."""
    chart(
        plane(scene.coordinates, updates, revision=name), key=f"conflict.{name}", alt=alt,
        how_to_read=how_to_read, height=380, filename=f"pcgrad-{name}",
    )  # fmt: skip


def variants_sentence(scene: DrawnArrows, weights: dict[str, Array]) -> str:
    """How many different updates these programs make, and how long they are."""
    lengths = {name: float(update_norm(scene.gram, each)) for name, each in weights.items()}
    low, high = min(lengths.values()), max(lengths.values())
    found = _different(scene.gram, list(weights.values()), _SAME * high)
    if found == 1:
        return "Here all four make the same update."
    return f"{found} different updates from one name, lengths from **{low:.3g} to {high:.3g}**."


def _different(gram: Array, weights: list[Array], near: float) -> int:
    """How many updates there are that lie further than `near` from all before them."""
    kept: list[Array] = []
    for each in weights:
        if all(update_norm(gram, each - known) > near for known in kept):
            kept.append(each)
    return len(kept)


def _variants_in_words(config: ArrowsConfig, scene: DrawnArrows) -> None:
    lengths = [f"{method_look(name).title} {_length(name, config, scene):.3g}" for name in PROGRAMS]
    st.caption(
        f"Four programs are called PCGrad. For two tasks they differ in length alone: "
        f"{', '.join(lengths)}. With three tasks the order matters too."
    )


def _length(name: str, config: ArrowsConfig, scene: DrawnArrows) -> float:
    return float(update_norm(scene.gram, combination(name, scene.gram, config.order).weights))


def _space(config: ArrowsConfig, scene: DrawnArrows) -> None:
    """The gradients and the chosen updates as arrows to be turned."""
    st.subheader("In three dimensions", anchor="space")
    view = space_from_gram(scene.gram)
    said = shares(view)
    st.markdown(said)
    updates = [
        Update(
            method_look(name).title,
            combination(name, scene.gram, config.order).weights @ view.coordinates,
            method_look(name),
        )
        for name in config.methods
    ]
    titles = listed([update.label for update in updates]) or "no method"
    chart(
        space(view.coordinates, updates, revision="space"),
        key="conflict.space",
        alt=f"{config.tasks} gradients and the updates of {titles} as arrows in space. {said}",
        how_to_read="Drag to turn, scroll to zoom. An update that forms a sharp angle with a "
        "task's arrow helps that task.",
        height=460,
        filename="gradients-3d",
    )


def shares(view: View) -> str:
    """How much of each gradient's length is seen, in a sentence."""
    if len(view.share) == 3:
        return "Three gradients span three dimensions: this picture shows **100 %** of each length."
    named = [f"task {task + 1} {share:.0%}" for task, share in enumerate(view.share)]
    return (
        f"{len(view.share)} gradients span up to {len(view.share)} dimensions. Of each length the "
        f"best three show: **{listed(named)}**."
    )


def _evidence(scene: DrawnArrows) -> None:
    st.info(
        "**Is surgery worth it?** On Multi-MNIST, CelebA, CityScapes and Meta-World no method "
        "that repairs gradients beat the plain sum consistently once the sum was tuned and "
        "regularised as carefully (Kurin et al., NeurIPS 2022, “In Defense of the Unitary "
        "Scalarization”). A conflict on this page is not yet a loss in training.",
        icon="⚖️",
    )
    with st.expander("When does PCGrad's theorem promise a better step?"):
        for sentence in theorem(scene.gram):
            st.markdown(f"- {sentence}")
        st.markdown(_THEOREM)


_THEOREM = r"""
**Theorem 2** (Yu et al., NeurIPS 2020): for two tasks PCGrad's step ends at a loss no higher than
the plain step's if (a) $\cos\varphi \le -\Phi$ with the magnitude similarity
$\Phi = \tfrac{2\lVert g_1\rVert\lVert g_2\rVert}{\lVert g_1\rVert^2 + \lVert g_2\rVert^2}$,
(b) the curvature along the step is at least $\xi L$ with
$\xi = (1-\cos^2\varphi)\tfrac{\lVert g_1-g_2\rVert^2}{\lVert g_1+g_2\rVert^2}$
and $L$ the greatest curvature, and (c) the step size is at least $2/(\ell - \xi L)$. Arrows show
(a) and $\xi$; (b) and (c) need the loss itself. The conditions are sufficient, not necessary.

**Theorem 1**: on two convex losses PCGrad ends at the best sum, *or* at a point where the gradients
are exactly opposite, and stalls there. Try the preset "Opposite gradients".
"""
