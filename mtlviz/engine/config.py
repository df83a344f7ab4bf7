"""RunConfig: everything that decides a text run, in the three groups data, capacity, optimisation.

The field descriptions are the help texts of the app and of the command line.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mtlviz.errors import ConfigError

VERSION = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HeadConfig(_Frozen):
    """The part of the model that belongs to one task."""

    layers: int = Field(1, ge=1, le=3, description="Layers of the task's own head.")
    width: int = Field(128, ge=1, le=4096, description="Width of the head's hidden layers.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Share of head inputs dropped in training.")
    pair: Literal["joint", "separate"] = Field(
        "joint",
        description="How a sentence pair is read: both in one input, or each alone and then fused.",
    )
    fusion: Literal["sum", "concat", "cosine_embedding", "cosine_hidden"] = Field(
        "concat",
        description="How two separately encoded sentences become one head input or one score.",
    )


class TaskConfig(_Frozen):
    """One task: where its examples come from and what its head looks like."""

    name: str = Field(min_length=1, max_length=60, description="Name shown in every figure.")
    source: str = Field("synthetic", description="Where the examples come from.")
    path: str = Field("", description="Folder, file or hub name, as the source needs it.")
    options: dict[str, Any] = Field(default_factory=dict, description="Settings of the source.")
    train_examples: int | None = Field(
        None, ge=1, description="Use only this many training examples, drawn once per seed."
    )
    examples_per_epoch: int | None = Field(
        None, ge=1, description="Draw this many training examples anew in every epoch."
    )
    dev_examples: int | None = Field(
        None, ge=1, description="Score on only this many development examples, drawn once."
    )
    label_noise: float = Field(
        0.0, ge=0, le=1, description="Share of training labels replaced by random ones."
    )
    head: HeadConfig = HeadConfig()


class DataConfig(_Frozen):
    """What the tasks bring."""

    tasks: tuple[TaskConfig, ...] = Field(min_length=1, description="The tasks, in display order.")
    batch_size: int = Field(16, ge=1, le=1024, description="Examples of one task in a batch.")
    max_length: int = Field(128, ge=4, le=8192, description="Longest input, in tokens.")
    drop_leaked: bool = Field(
        False,
        description="Remove training examples whose text also occurs in an evaluation split.",
    )


class CapacityConfig(_Frozen):
    """What the tasks share."""

    encoder: str = Field("mean", description="The shared module that turns text into a vector.")
    width: int = Field(100, ge=1, le=4096, description="Capacity: output width of the shared module.")
    depth: int = Field(1, ge=0, le=48, description="Layers of the shared module.")
    attention_heads: int = Field(4, ge=1, le=64, description="Heads of each attention layer.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Share of activations dropped in training.")
    vectors: str = Field(
        "random",
        description="Word vectors: 'random', a GloVe-format file, or a checkpoint's embedding table.",
    )
    vector_width: int = Field(100, ge=1, le=4096, description="Width of random word vectors.")
    train_vectors: bool = Field(True, description="Whether training changes the word vectors.")
    checkpoint: str = Field(
        "", description="Pretrained encoder: a local folder or a hub name (safetensors only)."
    )
    pooling: Literal["cls", "mean", "pooler"] = Field(
        "mean", description="How a sentence's token vectors become one vector."
    )
    frozen_layers: int = Field(
        0, ge=0, description="Lower layers of a pretrained encoder kept as they are, embeddings included."
    )
    frozen: bool = Field(
        False, description="Keep the whole encoder as it is and cache its embeddings; train heads only."
    )
    sharing: str = Field("hard", description="How the tasks share the encoder.")
    sharing_options: dict[str, Any] = Field(
        default_factory=dict, description="Settings of the sharing."
    )


class OptimisationConfig(_Frozen):
    """Who moves the shared weights, when."""

    scheduler: str = Field("joint", description="Which tasks are due at an update.")
    scheduler_options: dict[str, Any] = Field(default_factory=dict)
    combiner: str = Field("sum", description="How the due tasks' gradients become one update.")
    combiner_options: dict[str, Any] = Field(default_factory=dict)
    match_sum_norm: bool = Field(
        False, description="Rescale the combined update to the length of the plain sum."
    )
    weighting: str = Field("equal", description="How the task losses are scaled.")
    weighting_options: dict[str, Any] = Field(default_factory=dict)
    epochs: int = Field(3, ge=1, le=1000, description="Passes over the data, as the scheduler counts.")
    max_updates: int | None = Field(None, ge=1, description="Stop after this many updates.")
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Step size of AdamW.")
    head_learning_rate: float | None = Field(
        None, gt=0, le=10, description="Step size for heads; the shared one if empty."
    )
    weight_decay: float = Field(0.01, ge=0, le=1, description="AdamW's pull towards zero.")
    warmup: float = Field(0.1, ge=0, lt=1, description="Share of updates with a rising step size.")
    decay: Literal["constant", "linear", "cosine"] = Field(
        "linear", description="How the step size falls after the warm-up."
    )
    clip_norm: float | None = Field(
        1.0, gt=0, description="Longest shared update allowed; longer ones are shortened."
    )
    accumulate: int = Field(1, ge=1, le=1024, description="Batches added up before each update.")
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Number format of forward and backward passes."
    )
    gradient_checkpointing: bool = Field(
        False, description="Recompute activations in the backward pass: less memory, more time."
    )
    patience: int | None = Field(
        None, ge=1, description="Stop after this many evaluations without a better mean score."
    )


class ProbeConfig(_Frozen):
    """What is recorded while training, and how often (in updates; 0 = never)."""

    gram_every: int = Field(1, ge=0, description="Gram matrix, weights and coefficients.")
    planes_every: int = Field(1, ge=0, description="Gradients in planes of fixed directions.")
    embeddings_every: int = Field(0, ge=0, description="Embeddings of a fixed probe set per task.")
    embeddings_examples: int = Field(100, ge=2, le=2000, description="Probe sentences per task.")
    affinity_every: int = Field(
        0, ge=0, description="Lookahead affinity: how one task's step changes another's loss (TAG)."
    )
    evaluate_every: int | None = Field(
        None, ge=1, description="Development scores every so many updates; once an epoch if empty."
    )


class RunConfig(_Frozen):
    """One training run: the same object is the form, the file, the stored run and the export."""

    version: int = VERSION
    name: str = Field("run", min_length=1, max_length=120)
    seed: int = Field(0, ge=0, lt=2**31, description="Decides every random draw of the run.")
    data: DataConfig
    capacity: CapacityConfig = CapacityConfig()
    optimisation: OptimisationConfig = OptimisationConfig()
    probes: ProbeConfig = ProbeConfig()
    device: str = Field("auto", description="'auto', 'cpu', 'cuda' or 'cuda:N'.")
