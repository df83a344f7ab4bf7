"""The app: pages, controls and browser components. The only package that imports streamlit."""
