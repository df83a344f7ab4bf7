"""The app's script: names the pages and runs the chosen one."""

from pathlib import Path

import streamlit as st

from mtlviz.ui.core import class_copy, class_mode, lesson_player
from mtlviz.ui.core.page import close_page, menu_page, open_page
from mtlviz.ui.pages import PAGES

_ICON = Path(__file__).parents[1] / "icon.png"

st.set_page_config(page_title="mtlviz", page_icon=str(_ICON), layout="wide")
offered = class_mode.offered(PAGES)
pages = {page.path: menu_page(page) for page in offered}
chosen = st.navigation(list(pages.values()), position="top")
entry = next(page for page in offered if pages[page.path] is chosen or page.path == chosen.url_path
             or (page is PAGES[0] and not chosen.url_path))  # fmt: skip
open_page(entry)
class_copy.go_along()
class_copy.draw()
lesson_player.draw(entry)
chosen.run()
close_page(entry)
