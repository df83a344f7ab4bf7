"""Runs that live outside the page: the store, the worker processes and their queue."""
