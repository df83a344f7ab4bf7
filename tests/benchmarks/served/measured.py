"""What visitors of the app met: times of answers, the server's own work, and errors."""

import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mtlviz.errors import MtlvizError
from tests.benchmarks.served.app_server import Server


@dataclass
class Measured:
    """What was measured so far.

    Attributes:
        wall: Seconds from asking to the answer, by what was asked.
        processor: Seconds that the server worked on it.
        errors: What pages said went wrong and what they never answered, and how often.
    """

    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    async def take(self, name: str, server: Server, work: Callable[[], Awaitable[float]]) -> None:
        """Measure one piece of work, or note why it cannot be measured.

        Args:
            name: What it is, for a person.
            server: Who works.
            work: Gives the time at which the answer came, on time.perf_counter's clock, and is over
                when the server has done its work.
        """
        used, began = server.processor(), time.perf_counter()
        try:
            came = await work()
        except MtlvizError as error:
            self.errors[f"{name}: {error}"] += 1
            return
        self.wall[name].append(came - began)
        if used is not None:
            self.processor[name].append(server.processor() - used)

    def sentences(self) -> tuple[str, ...]:
        """The errors as a table says them."""
        return tuple(
            f"Error, {count} ×: {said}" if count > 1 else f"Error: {said}"
            for said, count in sorted(self.errors.items())
        )
