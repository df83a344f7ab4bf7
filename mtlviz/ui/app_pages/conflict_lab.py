"""Conflict lab: gradients as arrows; drag them and see what every method makes of them."""

import streamlit as st

from mtlviz.ui import state
from mtlviz.ui.conflict import board, header, landscape, lessons
from mtlviz.ui.conflict.updates import combinations, scene
from mtlviz.ui.conflict.verdict import verdict

header.header()
config = state.arrows()
shown = scene(config)
results = combinations(config, shown.gram)
st.markdown(verdict(config, shown.gram, results))
board.board(config, shown, results)
header.methods()
lessons.section(config, shown)
landscape.section(config)
