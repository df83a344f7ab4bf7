"""A bounded memory of what was read of many runs: a look-up costs a microsecond."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class Shelf:
    """Remembers for each name what was last made; of too many, the one not asked for longest goes.

    Streamlit's own caches take about a millisecond a look-up, which adds up over two hundred runs.

    Args:
        most: How many names are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Hashable, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """What was made under this name; it is made anew if there is none of this version.

        It is handed to everybody, so nobody may change it.
        """
        with self._lock:
            known = self._kept.get(name)
            if known is not None and known[0] == version:
                self._kept.move_to_end(name)
                return known[1]  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._kept[name] = (version, made)
            self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
