"""The wish that a worker stop, however it arrives: from the store, by Ctrl-C, by a polite kill."""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stopping:
    """Whether a run has been asked to stop.

    While it trains, the training looks at `asked` between two records, where it can be saved. While
    it prepares (reads data, fetches an encoder) nothing can be saved and preparing may take long:
    there the wish breaks in as a `KeyboardInterrupt`.

    Attributes:
        asked: Set once the wish is known.
    """

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._preparing = self._listening = False

    def ask(self) -> None:
        """Make the wish known; any thread may call this, any number of times."""
        if not self.asked.is_set():
            self.asked.set()
            if self._listening and self._preparing:
                _interrupt_main_thread()

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """A block that the wish interrupts."""
        self._preparing = True
        try:
            yield
        finally:
            self._preparing = False

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Take Ctrl-C and a polite kill as the wish; a second one ends the process at once."""
        if threading.current_thread() is not threading.main_thread():
            yield  # Python hands signals to the main thread alone.
            return
        before = {wish: signal.getsignal(wish) for wish in (signal.SIGINT, signal.SIGTERM)}

        def give_back() -> None:
            for wish, handler in before.items():
                signal.signal(wish, handler)

        def wished(*_: object) -> None:
            self.asked.set()
            give_back()
            if self._preparing:
                raise KeyboardInterrupt

        for wish in before:
            signal.signal(wish, wished)
        self._listening = True
        try:
            yield
        finally:
            self._listening = False
            give_back()


def _interrupt_main_thread() -> None:
    """Let the main thread handle a Ctrl-C, even while it waits for the network or a disk."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        _thread.interrupt_main()
