"""Where the browser finds other data of a run by itself, without a run of the script."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Feed:
    """A place that the browser asks every two seconds.

    A class of thirty that watches one run costs the server one answer, made once and handed out;
    a run of the page's script for each of them would keep everybody's controls waiting.

    Attributes:
        address: Relative to the app's own address.
        token: Names what is shown already; the place answers with nothing while it is the newest.
        at: When that was looked at or before, in seconds since 1970; what is told later is newer.
    """

    address: str
    token: str
    at: float = field(default_factory=time.time)

    def described(self, name: str = "") -> dict[str, str | float]:
        """What a component is told: the place, the name of its part of the answer, and the time."""
        return {"address": self.address, "token": self.token, "name": name, "at": self.at}


@dataclass(frozen=True)
class CursorFeed:
    """A place that the browser asks whenever a step cursor has moved.

    The components that follow it ask together, in one question that names them all, so that they
    change at the same moment.

    Attributes:
        address: Relative to the app's own address, with its query.
        cursor: Name of the step cursor.
        update: The update that is shown already.
    """

    address: str
    cursor: str
    update: int

    def described(self, name: str = "") -> dict[str, str | float]:
        """What a component is told: the place, the cursor, and the name of its part."""
        return {
            "address": self.address, "cursor": self.cursor, "update": self.update, "name": name,
        }  # fmt: skip
