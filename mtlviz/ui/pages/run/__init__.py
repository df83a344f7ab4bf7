"""Run: one run in full, live while it trains: curves, conflicts, and any update looked at."""
