"""Every scenario of texts from the shell to Run, Compare and files, with its matrix."""

import json

import numpy as np
import pytest

from mtlviz.cli import main
from mtlviz.engine.continual_presets import CONTINUAL_PRESETS
from mtlviz.engine.presets import preset
from mtlviz.runs.score_matrices import matrix_of
from mtlviz.runs.store import Store
from tests.ui import harness
from tests.ui.harness import payloads, said

BUILT_IN = [name for name, each in CONTINUAL_PRESETS.items() if not each.pretrained]


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_scenario_shows_its_matrix_in_run_compare_and_files(name, tmp_path, monkeypatch):
    monkeypatch.setenv("MTLVIZ_HOME", str(tmp_path))
    for method in ("sequential", "replay"):
        given = ["--preset", name, "--epochs", "1", "--set", f"continual.method={method}"]
        assert main(["train", *given]) == 0
    store = Store(tmp_path)
    found = matrix_of(store, 1)
    store.close()
    assert found.scores.shape == (len(preset(name).optimisation.phases), len(found.tasks))
    assert np.isfinite(found.scores).all()
    run = harness.opened("run", run="1")
    drawn = [each["figure"]["data"] for each in payloads(run, "mtlviz.chart") if "figure" in each]
    maps = [data[0]["text"] for data in drawn if data and data[0]["type"] == "heatmap"]
    assert found.scores.shape in [np.shape(texts) for texts in maps]
    both = harness.opened("compare", runs="1,2")
    assert said(both, "Joint training takes all tasks from the start")
    out = tmp_path / "matrices.json"
    assert main(["runs", "matrix", "1", "2", "--out", str(out)]) == 0
    (methods,) = json.loads(out.read_text())
    assert set(methods) == {"sequential", "replay"}
    assert np.shape(methods["replay"]["matrices"]["0"]) == found.scores.shape
