"""Sweep: settings over values and seeds, what each does, and whether one of them wins."""
