"""Times as a person reads and gives them."""

import argparse
import math

from mtlviz.runs.results import RunResult


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 60}:{whole % 60:02}"


def time_taken(result: RunResult) -> str:
    """How long a run took, and how much of it the probes did."""
    text, probes = duration(result.seconds), result.probe_seconds
    if probes is None or not result.seconds > 0:
        return text
    return f"{text}, {probes:.1f} s ({probes / result.seconds:.0%}) of it for probes"


def seconds(text: str) -> float:
    """A number of seconds above 0."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found > 0):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return found
