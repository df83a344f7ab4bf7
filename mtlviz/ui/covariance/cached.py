"""The bounded caches of the Covariance lab."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.embedding_request import TaskTexts, drawn_texts
from mtlviz.engine.measures.covariance import Spectrum, spectrum
from mtlviz.engine.measures.task_spectra import Analysis, analysed
from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.catalogue import Catalogue, TaskChoice, task_choices
from mtlviz.runs import embedding_jobs, projections
from mtlviz.runs.embedding_store import Clouds, Rows, kept_spectrum
from mtlviz.runs.projections import Projection
from mtlviz.runs.run_clouds import RunRequest
from mtlviz.runs.store import Store
from mtlviz.ui import cache


def catalogue(folder: str) -> Catalogue:
    """Every task that can be chosen; looked up anew, which is cheap.

    Raises:
        DataError: There is no such folder, or it holds no data set.
    """
    return task_choices(cache.store().home, folder)


def task_texts(choice: TaskChoice, count: int, seed: int) -> TaskTexts:
    """So many examples of a task.

    Raises:
        DataError: The task cannot be read.
    """
    return _task_texts(choice.fingerprint, count, seed, choice)


@st.cache_resource(max_entries=64, show_spinner=False)
def _task_texts(fingerprint: str, count: int, seed: int, _choice: TaskChoice) -> TaskTexts:
    task = load_task(_choice.config, np.random.default_rng(seed))
    return drawn_texts(task, count, seed)


@st.cache_resource(max_entries=8, show_spinner=False)
def analysis(keys: tuple[str, ...], centred: bool, _rows: tuple[Rows, ...]) -> Analysis:
    """Spectra and similarities of the tasks' embeddings with these keys."""
    spectra = [task_spectrum(key, centred, rows) for key, rows in zip(keys, _rows, strict=True)]
    return analysed(_rows, centred=centred, spectra=spectra)


@st.cache_resource(max_entries=24, show_spinner=False)
def task_spectrum(key: str, centred: bool, _rows: Rows) -> Spectrum:
    """One task's spectrum; a task that is added or taken away leaves those of the others."""
    kept = kept_spectrum(cache.store().home, key, centred)
    return spectrum(_rows, centred=centred) if kept is None else kept


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept_run_clouds(key: str, _store: Store, _request: RunRequest) -> Clouds | None:
    return embedding_jobs.kept_run_clouds(_store, _request)


def run_clouds(key: str, store: Store, request: RunRequest) -> Clouds | None:
    """Embeddings of a run that were computed before; None if they are missing."""
    found = _kept_run_clouds(key, store, request)
    if found is None:
        _kept_run_clouds.clear(key, store, request)
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def projection_key(key: str, asked: Projection, _points: NDArray[np.float32]) -> str:
    """The key under which a projection of these points is kept."""
    return projections.projection_key(_points, asked)
