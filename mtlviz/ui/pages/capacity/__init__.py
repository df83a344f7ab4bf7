"""Capacity lab: scores over the shared width, and which tasks to train together."""
