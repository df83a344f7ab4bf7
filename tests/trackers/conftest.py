"""The stores of these tests are those of the tests of runs: stand-ins train in them."""

from tests.runs.conftest import store

__all__ = ["store"]
