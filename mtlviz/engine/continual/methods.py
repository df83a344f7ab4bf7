"""The methods against forgetting, each as a recipe, with its paper."""

from typing import Annotated, Literal

from pydantic import Field

from mtlviz.engine.continual.recipe import Recipe, Weigh
from mtlviz.methods import AboveZero, AtLeastZero, titled

Examples = Annotated[int, Field(ge=1, le=100_000)]
Positive = Annotated[float, Field(gt=0, le=1)]
Sampling = Literal["random", "balanced"]


@titled("Sequential")
def sequential() -> Recipe:
    """Train on what is new and do nothing about the old: the first baseline.

    In phase k the loss is L_k alone, from where phase k − 1 left the weights.

    Reference:
        None: plain practice, the lower baseline.
    """
    return Recipe()


@titled("Frozen after the first step")
def frozen() -> Recipe:
    """Keep what the tasks share as the first step left it; later tasks train heads alone.

    With heads of their own nothing can be forgotten, and nothing shared can be learned.

    In phase k > 1 the loss is L_k as a function of head k alone: θ = θ_1.

    Reference:
        None: plain practice, a baseline.
    """
    return Recipe(frozen=True)


@titled("Own inserts, trunk kept")
def inserts() -> Recipe:
    """Keep the encoder from the start; each task trains inserts and a head of its own.

    When a task's phase ends nothing of it trains any more, so nothing can be forgotten; nor can
    tasks help each other. It needs a way of sharing that keeps the encoder, such as LoRA.

    In phase k the loss is L_k as a function of the task's own inserts and head: θ = θ_0.

    Reference:
        Houlsby et al., ICML 2019, section 1, on tasks that arrive in a stream.
        https://arxiv.org/abs/1902.00751
    """
    return Recipe(own_parts=True)


@titled("Periodic joint training")
def retrain(*, share: Positive = 0.3) -> Recipe:
    """End each step by training all tasks so far together, on all of their examples.

    In the last `share` of phase k the loss is Σ L_j over all j ≤ k, before that L_k.

    Args:
        share: Part of each later step that is joint, its last one.

    Reference:
        None: plain practice.
    """
    return Recipe(retraining=share)


@titled("Joint training")
def joint() -> Recipe:
    """Train all tasks from the start, as if none came later: usually the most that can be had.

    From the first phase on the loss is Σ L_j over all tasks.

    Reference:
        None: plain practice, the upper baseline.
    """
    return Recipe(everything=True)


@titled("Replay")
def replay(
    *,
    memory: Examples = 20,
    weigh: Weigh = "task",
    sampling: Sampling = "random",
    share: Positive = 1.0,
) -> Recipe:
    """Keep a few examples of each old task and train on them beside the new task.

    In phase k the loss is L_k + Σ_(j<k) L_j, each L_j on the examples kept of task j.

    Args:
        memory: Training examples kept of each old task.
        weigh: Whether each memory counts as much as a new task (`task`), or as much as its share of
            the examples (`share`). Few examples with the weight of a task are overfitted.
        sampling: Whether examples are kept at random, or equally many of each class (`balanced`).
        share: Examples of each memory in an update, as a share of a new task's batch.

    Reference:
        Rolnick et al., NeurIPS 2019; Chaudhry et al. 2019, tiny episodic memories.
        https://arxiv.org/abs/1902.10486
    """
    balanced = sampling == "balanced"
    return Recipe(examples=memory, weigh=weigh, balanced=balanced, share=share)


@titled("EWC")
def ewc(*, strength: AtLeastZero = 100.0, examples: Examples = 100) -> Recipe:
    """Pull shared parameters back to where old tasks left them, by how much those depend on them.

    The penalty is λ/2 Σ F (θ − θ*)², summed over old tasks, with F the Fisher information of a
    single example. Two numbers a parameter hold the whole sum, however many tasks there are.

    Args:
        strength: λ. Its scale belongs to this F and this ½: code that squares the gradient of a
            batch's mean has an F about as many times smaller as the batch is large, and some leave
            out the ½.
        examples: Training examples of a task that its F is taken from, at most.

    Reference:
        Kirkpatrick et al., PNAS 2017, eq. 3. https://arxiv.org/abs/1612.00796
    """
    return Recipe(stiffness=strength, fisher_examples=examples)


@titled("LwF")
def lwf(*, strength: AtLeastZero = 1.0, temperature: AboveZero = 2.0) -> Recipe:
    """Keep the old heads' answers on the new examples as they were before; needs no old data.

    λ τ² KL(old ‖ new) is added to the loss, with softened answers of the model as it was when the
    step began.

    Args:
        strength: λ: how much old answers count against new labels.
        temperature: τ: what the logits are divided by.

    Reference:
        Li & Hoiem, ECCV 2016, Learning without Forgetting. https://arxiv.org/abs/1606.09282
    """
    return Recipe(distillation=strength, temperature=temperature)


@titled("A-GEM")
def agem(*, memory: Examples = 20) -> Recipe:
    """Take from the new gradient what opposes the average one of kept examples (a combiner).

    With the memory's mean gradient m the update is g − min(0, g·m) / ‖m‖² m.

    Args:
        memory: Training examples kept of each old task.

    Reference:
        Chaudhry et al., ICLR 2019, eq. 11. https://arxiv.org/abs/1812.00420
    """
    return Recipe(examples=memory, combiner="agem")


@titled("GEM")
def gem(*, memory: Examples = 20, margin: AtLeastZero = 0.0) -> Recipe:
    """Step nearest to the new gradient without opposing any old task's memory (a combiner).

    The update is the point nearest to g with x·m_j ≥ 0 for the gradient m_j of every memory.

    Args:
        memory: Training examples kept of each old task.
        margin: Least weight of every memory once one is opposed; the authors' code has 0.5.

    Reference:
        Lopez-Paz & Ranzato, NeurIPS 2017, eq. 11. https://arxiv.org/abs/1706.08840
    """
    return Recipe(examples=memory, combiner="gem", margin=margin)


@titled("OGD")
def ogd(*, examples: Examples = 20) -> Recipe:
    """Take from the new gradient what would move the old tasks' answers on a few of their examples.

    When a task's phase ends, the slopes of its answers to some training examples are kept; every
    later gradient of what is shared, and the step that the optimiser makes of it, is projected off
    their span. They are as large as what is shared, each: this is for small models, inserts and
    frozen encoders. Where tasks ask the same, what would help old answers is taken out as well.

    The update is g − Σ (g·v) v, over orthonormal v that span the slopes kept.

    Args:
        examples: Training examples of each task whose answers are kept, at most.

    Reference:
        Farajtabar et al., AISTATS 2020, algorithm 1, with the labelled class's logit (OGD-GTL);
        theirs is SGD, whose step is the gradient. https://arxiv.org/abs/1910.07104
    """
    return Recipe(slopes=examples)
