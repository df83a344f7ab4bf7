"""Words: every term of the app, and what it means."""
