"""The bounded caches of the Capacity lab."""

import os
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.grouping import Grouping, suggested_grouping
from mtlviz.runs import affinity_study
from mtlviz.runs.results import RunResult
from mtlviz.runs.summary import RunSummary
from mtlviz.toy.capacity import (
    CapacityCurves,
    CapacityToyConfig,
    capacity_curves,
    capacity_parts,
)
from mtlviz.ui import cache
from mtlviz.ui.jobs import Job


# A class asks for the same settings: 64 results of some ten kilobytes each.
@st.cache_resource(max_entries=64, show_spinner=False)
def quick(config: CapacityToyConfig) -> CapacityCurves:
    """The curves of a toy that takes a fraction of a second."""
    return capacity_curves(config)


@st.cache_resource(max_entries=32, show_spinner=False)
def training(config: CapacityToyConfig) -> Job:
    """The training of a slower toy, begun on first use and shared by all who look."""
    return Job(capacity_parts(config))


def results(runs: Mapping[int, RunSummary]) -> dict[int, RunResult]:
    """The results of those runs that are finished, by number."""
    home = os.environ.get("MTLVIZ_HOME", "")
    found = {
        run.id: _result(home, run.id, run.created, run.edition)
        for run in runs.values()
        if run.status == "finished"
    }
    return {run: result for run, result in found.items() if result is not None}


@st.cache_resource(max_entries=2000, show_spinner=False)
def _result(home: str, run: int, created: float, edition: int) -> RunResult | None:
    return cache.store().result(run)


def affinities(run: RunSummary) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Updates at which a finished run recorded affinities, (T,), and these, (T, K, K)."""
    return _affinities(os.environ.get("MTLVIZ_HOME", ""), run.id, run.created, run.edition)


@st.cache_resource(max_entries=64, show_spinner=False)
def _affinities(
    home: str, run: int, created: float, edition: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return affinity_study.affinities(cache.store(), run)


def grouping(
    runs: Sequence[RunSummary], measured: Sequence[NDArray[np.float64]], most_groups: int
) -> Grouping:
    """The suggestion for these runs, with its confidence.

    Raises:
        MtlvizError: There are too many tasks, or affinities are missing.
    """
    marks = tuple((run.id, run.created, run.edition) for run in runs)
    return _grouping(os.environ.get("MTLVIZ_HOME", ""), marks, most_groups, measured)


@st.cache_resource(max_entries=64, show_spinner=False)
def _grouping(
    home: str,
    runs: tuple[tuple[int, float, int], ...],
    most_groups: int,
    _measured: Sequence[NDArray[np.float64]],
) -> Grouping:
    # One fixed seed: the same runs have the same confidence for everybody.
    return suggested_grouping(_measured, most_groups, np.random.default_rng(0))
