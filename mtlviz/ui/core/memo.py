"""A bounded memory of what was made for many: each value is made once, also for thirty at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class _Kept:
    """One name's value, and the lock of whoever makes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.version: Hashable = None
        self.value: object = None
        self.made = False


class Memo:
    """Remembers for each name what was last made; of too many, the one not asked for longest goes.

    Streamlit's own caches take about a millisecond a look-up, which adds up over two hundred runs.

    Args:
        most: How many names are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, key: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """What was made under this key; it is made anew if there is none of this version.

        Whoever asks for the same key meanwhile waits for it; other keys do not wait. It is handed
        to everybody, so nobody may change it. What fails is not remembered.
        """
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        with kept.lock:
            if not kept.made or kept.version != version:
                kept.value, kept.version, kept.made = make(), version, True
            return kept.value  # type: ignore[return-value]

    def forget(self, key: Hashable) -> None:
        """Make what has this key anew when it is next asked for."""
        with self._lock:
            self._kept.pop(key, None)
