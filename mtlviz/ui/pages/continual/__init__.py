"""The Continual lab."""
