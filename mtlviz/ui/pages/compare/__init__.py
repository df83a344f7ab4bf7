"""Compare: runs side by side over seeds; what helps, what hurts, by how much, and how sure."""
