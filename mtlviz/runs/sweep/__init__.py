"""Sweeps: a study over any settings' values, chosen, queued, gone on with, and read."""
