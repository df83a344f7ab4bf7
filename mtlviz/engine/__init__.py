"""Trains and measures. Combiners, schedulers, records and measures are numpy only, so that a page can use them without torch."""
