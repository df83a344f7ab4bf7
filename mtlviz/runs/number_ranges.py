"""Numbers of runs in few characters, as links and the shell say them."""

from collections.abc import Iterable


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in few characters: `1-4,7`."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ",".join("-".join(map(str, each)) for each in found)
