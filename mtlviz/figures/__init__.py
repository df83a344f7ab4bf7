"""Figures as plain Plotly dictionaries. Never imports streamlit, torch or plotly itself."""
