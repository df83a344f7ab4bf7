"""See when multi-task learning helps, and when it hurts.

Imports point one way: `ui -> figures, runs, toy -> engine`; `errors` is for all. Only `ui` imports
streamlit and plotly, and `figures` makes plain dictionaries of plain data: it never imports torch.
"""

__version__ = "0.1.0"
