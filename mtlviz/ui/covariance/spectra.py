"""How many directions each task needs."""

import numpy as np
import streamlit as st

from mtlviz.engine.measures.task_spectra import Analysis
from mtlviz.figures import covariance as figures
from mtlviz.ui.component import chart
from mtlviz.ui.core.words import escaped
from mtlviz.ui.covariance.clouds import Clouds


def spectra(found: Analysis, clouds: Clouds) -> None:
    """How many directions each task needs."""
    st.subheader("Spectra", anchor="spectra")
    dimensions = [each.effective_dimensions for each in found.spectra]
    few, many = int(np.nanargmin(dimensions)), int(np.nanargmax(dimensions))
    width = clouds.rows[0].shape[1]
    st.markdown(
        f"Of {width} dimensions **{escaped(clouds.names[few])}** uses {dimensions[few]:.1f} "
        f"effectively, **{escaped(clouds.names[many])}** {dimensions[many]:.1f}."
    )
    left, right = st.columns(2)
    with left:
        chart(
            figures.spectra([each.values for each in found.spectra], found.kept, clouds.names),
            key="covariance.spectra",
            alt="Share of the spread of each task along its principal directions.",
            how_to_read="Steep: few directions carry the task. Marker: the last that equation 5 "
            "keeps. Around the origin the first direction says mostly where the task lies.",
            height=320,
            filename="spectra",
        )
    with right:
        st.dataframe(
            {
                "task": clouds.names,
                "examples": [len(rows) for rows in clouds.rows],
                "effective dimensions": dimensions,
                "kept for 99 %": list(found.kept),
                "first direction": [_first_share(each.values) for each in found.spectra],
            },
            hide_index=True,
            key="covariance.dimensions",
            column_config={
                "effective dimensions": st.column_config.NumberColumn(format="%.1f"),
                "first direction": st.column_config.NumberColumn(format="percent"),
            },
        )


def _first_share(values: np.ndarray) -> float:
    total = float(values.sum())
    return float(values[0]) / total if total > 0 else float("nan")
