"""One update of every method: rows of slopes, and what each recipe makes of them.

own heads:  B ← B − η (Σ new ∂ℓ/∂B + recipe's part),   head of each task by its own slope
one head:   the head belongs to what is shared, and its slopes add up
"""

from collections.abc import Sequence

import numpy as np

from mtlviz.engine.continual import Recipe
from mtlviz.engine.continual.formulas import Anchor, anchored
from mtlviz.toy.continual.settings import ContinualToyConfig
from mtlviz.toy.continual.slopes import Array, Slopes, answers, fisher, placed, slopes, some
from mtlviz.toy.kernels import Floats, Points, State, make_points
from mtlviz.toy.scene import Scene


class Learner:
    """All methods side by side, on the way through the steps of a scenario.

    Args:
        config: The scenario.
        scene: The points of all tasks.
        recipes: What each method does.
        state: The start, which training changes.
    """

    def __init__(
        self, config: ContinualToyConfig, scene: Scene, recipes: Sequence[Recipe], state: State
    ) -> None:
        self.config, self.recipes, self.state = config, recipes, state
        self.points = make_points(scene.points, scene.signs)
        self._memory = {
            size: make_points(scene.points[:, :, :size], scene.signs[:, :, :size])
            for size in {recipe.examples for recipe in recipes if recipe.examples}
        }
        self._keepers = {
            size: [place for place, each in enumerate(recipes) if each.examples == size]
            for size in self._memory
        }
        self._combiners = [recipe.make_combiner() for recipe in recipes]
        self._anchors: dict[int, list[Anchor]] = {}
        self.phase, self.new, self.old = 0, [], []

    def begin(self, phase: int) -> None:
        """The tasks of a step arrive; those before them are old."""
        config = self.config
        self.phase, self.new = phase, list(config.phases[phase])
        self.old = [task for tasks in config.phases[:phase] for task in tasks]
        self._fresh = some(self.points, self.new)
        self._kept = {size: some(kept, self.old) for size, kept in self._memory.items()}
        self._remembered = {
            place: self._old_answers(place)
            for place, recipe in enumerate(self.recipes)
            if recipe.distillation and self.old
        }

    def finish(self) -> None:
        """What EWC keeps of the tasks that were learned in this step."""
        for place, recipe in enumerate(self.recipes):
            for task in self.new if recipe.stiffness else ():
                self._anchor(place, task)

    def update(self) -> None:
        """One update of every method."""
        moved = State(*(np.zeros_like(each) for each in _parts(self.state)))
        later = [place for place, each in enumerate(self.recipes) if not each.everything]
        first = [place for place, each in enumerate(self.recipes) if each.everything]
        if first:
            tasks = list(range(self.config.tasks))
            self._add(moved, slopes(self.points, self.state, tasks, first), tasks, first)
        if later:
            fresh = slopes(self._fresh, self.state, self.new, later)
            self._add(moved, fresh, self.new, later)
            self._keep_old(moved, fresh, later)
        self._step(moved)

    def _keep_old(self, moved: State, fresh: Slopes, later: list[int]) -> None:
        """What each method does for its old tasks."""
        if not self.old:
            return
        for size, places in self._keepers.items():
            self._recall(moved, size, places, fresh, later)
        for place in self._remembered:
            self._distil(moved, place)
        moved.shared[[place for place, each in enumerate(self.recipes) if each.frozen]] = 0.0

    def _recall(
        self, moved: State, size: int, places: list[int], fresh: Slopes, later: list[int]
    ) -> None:
        """Train on the memories of these methods, or bend their updates by them."""
        kept = slopes(self._kept[size], self.state, self.old, places)
        weights = np.ones(kept.bias.shape)
        heads = np.ones((1, len(places), 1))
        for row, place in enumerate(places):
            recipe = self.recipes[place]
            if recipe.trains_on_memory:
                weights[:, row] = size / self.config.points if recipe.weigh == "share" else 1.0
            else:
                new = _one(fresh, later.index(place))
                weights[:, row] = self._weights(place, new, _one(kept, row))
                # The heads of old tasks stay as they are; one head for all is shared.
                heads[:, row] = self.config.one_head
        self._add(moved, kept, self.old, places, (weights, weights * heads))

    def _weights(self, place: int, fresh: Slopes, kept: Slopes) -> Array:
        """How much of each memory's slope the combiner adds, shape (k, S)."""
        one = self.config.one_head
        rows = np.concatenate([kept.vectors(one), fresh.vectors(one)], axis=2)[0]
        current = np.arange(rows.shape[1]) >= len(self.old)
        gram = rows @ rows.swapaxes(-1, -2)
        found = self._combiners[place](gram, np.random.default_rng(0), current=current)
        return found.weights[:, : len(self.old)].T

    def _distil(self, moved: State, place: int) -> None:
        """Keep the answers of old heads on the new points as they were when the step began."""
        recipe, (points, tasks, wanted) = self.recipes[place], self._remembered[place]

        def pull(logits: Floats) -> Floats:
            return recipe.temperature * (_chance(logits / recipe.temperature) - wanted)

        found = slopes(points, self.state, tasks, [place], pull)
        weights = np.full(found.bias.shape, recipe.distillation)
        self._add(moved, found, tasks, [place], (weights, weights))

    def _old_answers(self, place: int) -> tuple[Points, list[int], Floats]:
        """New points beside each old head that reads them, and its softened answers now."""
        heads = self.old[-1:] if self.config.one_head else self.old
        pairs = [(task, head) for task in self.new for head in heads]
        points = some(self.points, [task for task, _ in pairs])
        tasks = [head for _, head in pairs]
        logits = answers(points, self.state, tasks, [place])
        return points, tasks, _chance(logits / self.recipes[place].temperature)

    def _add(
        self, moved: State, found: Slopes, tasks: list[int], methods: list[int],
        weighted: tuple[Array, Array] | None = None,
    ) -> None:  # fmt: skip
        """Add slopes to where they belong, weighted for what is shared and for the heads."""
        shared, head, bias = found.shared, found.head, found.bias
        if weighted is not None:
            weights, heads = weighted
            shared = weights[..., None, None] * shared
            head, bias = heads[..., None] * head, heads * bias
        moved.shared[methods] += shared.sum(axis=0)
        place, _ = placed(tuple(tasks), tuple(methods))
        moved.head[place] += head
        moved.bias[place] += bias

    def _step(self, moved: State) -> None:
        if self.config.one_head:
            # Every task's copy of the one head makes the same move.
            moved.head[...] = moved.head.sum(axis=0)
            moved.bias[...] = moved.bias.sum(axis=0)
        rate = self.config.learning_rate
        for now, move in zip(_parts(self.state), _parts(moved), strict=True):
            now -= rate * move
        for place, anchors in self._anchors.items():
            self._pull_back(place, anchors)

    def _pull_back(self, place: int, anchors: list[Anchor]) -> None:
        """EWC's penalty, taken as a whole step: however stiff it is, it does not overshoot."""
        stiff = self.config.learning_rate * self.recipes[place].stiffness
        for now, anchor in zip(self._shared(place), anchors, strict=True):
            now[...] = (now + stiff * anchor.moment) / (1 + stiff * anchor.fisher)

    def _shared(self, place: int) -> list[Array]:
        """What the tasks share under a method: the layer, and the head where there is but one."""
        state = self.state
        head = [state.head[:, place], state.bias[:, place]] if self.config.one_head else []
        return [state.shared[place], *head]

    def _anchor(self, place: int, task: int) -> None:
        found = fisher(self.points, self.state, task, place)
        parts = [found.shared[0], found.head[0, 0], found.bias[0, 0]]
        shared = self._shared(place)
        before = self._anchors.get(place, [None] * len(shared))
        self._anchors[place] = [
            anchored(old, part, now.copy())
            for old, part, now in zip(before, parts[: len(shared)], shared, strict=True)
        ]


def _parts(state: State) -> tuple[Array, Array, Array]:
    return state.shared, state.head, state.bias


def _one(found: Slopes, place: int) -> Slopes:
    """The slopes of one of the methods."""
    only = slice(place, place + 1)
    return Slopes(found.shared[:, only], found.head[:, only], found.bias[:, only])


def _chance(logits: Floats) -> Floats:
    return (1 + np.tanh(logits / 2)) / 2
