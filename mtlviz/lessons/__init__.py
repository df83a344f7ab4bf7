"""Lessons: steps over the real pages, as data files; this package knows nothing of the app."""
