"""The papers' experiments, made again: what makes them, their printed numbers, and ours beside."""
