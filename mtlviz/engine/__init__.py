"""Trains and measures.

Combiners, schedulers, weightings, records and measures are numpy only, so that a page can use them
without torch.
"""
