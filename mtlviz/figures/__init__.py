"""Plotly figures as plain dictionaries, from arrays and records. Never imports streamlit, torch or plotly itself."""
