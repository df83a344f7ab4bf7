"""A stored run as a folder for plain transformers, with a model card."""

from __future__ import annotations

import json
import math
from pathlib import Path

from mtlviz.runs.export_folder import empty_folder
from mtlviz.runs.flat_settings import portable, without_folders
from mtlviz.runs.model_card import SETTINGS, model_card
from mtlviz.runs.results import RunResult, run_result
from mtlviz.runs.score_matrices import matrix_of
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import stored_model


def export_hf(store: Store, run: int, folder: str | Path) -> Path:
    """Write a run's model for transformers, and return the folder.

    The encoder lies there as `AutoModel.from_pretrained` opens it, in the architecture of its
    checkpoint; other encoders as plain tensors, and the card says so. Beside it: tokenizer, heads
    (`heads.json` says how to apply them), whatever the way of sharing adds, a LoRA in peft's
    format, and `README.md` with data, settings and scores.

    Args:
        store: The store.
        run: Number of the run.
        folder: Where to write; it must be empty or not exist.

    Raises:
        MtlvizError: There is no such run, it has no weights, or the folder cannot be used.
    """
    made = stored_model(store, run, "cpu")
    result = _result(store, run)
    with empty_folder(folder) as place:
        from mtlviz.engine.transformers_folder import write_model
        from mtlviz.runs.peft_export import is_plain_lora, write_tasks

        write_model(made, place)
        if is_plain_lora(made):
            (place / "lora").mkdir()
            write_tasks(made, place / "lora")
        settings = json.dumps(without_folders(portable(made.config).model_dump(mode="json")))
        (place / SETTINGS).write_text(settings + "\n", encoding="utf-8")
        card = model_card(made, run, result, matrix_of(store, run))
        (place / "README.md").write_text(card, encoding="utf-8")
        return place


def _result(store: Store, run: int) -> RunResult | None:
    """The best scores so far, also of a run that was stopped; None if it was never scored."""
    found = store.run(run)
    if found.metrics is None:
        return None
    names = [task.name for task in store.config(run).data.tasks]
    recorded = [record for _, record in store.records(run, kinds=("evaluation", "note"))]
    return run_result(names, found.metrics, recorded, updates=found.updates, seconds=math.nan)
