"""Start: the idea in one moving picture, and where to go from it."""
