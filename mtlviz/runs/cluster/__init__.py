"""Runs that other machines of a cluster work on, while everything stands in the one store here."""
