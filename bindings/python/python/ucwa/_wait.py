"""Waiting, which the engine never does for Python: a thread sleeps in `poll` until a wait handle is readable.

So Ctrl-C works anywhere, no lock of the interpreter is held, and a thread that sleeps when the interpreter ends does no
harm.
"""

from __future__ import annotations

import math
import select
import threading
import time
from typing import Callable, Optional, Protocol, TypeVar

from ._errors import TimeoutError

T = TypeVar("T")
SLICE = 1.0
"""Seconds that the main thread waits at a time: the interpreter misses a signal that comes just before it waits."""
_LONGEST = 3600.0
"""Seconds that other threads do: `poll` takes no more than some days."""


class Waitable(Protocol):
    def fileno(self) -> int: ...


class Deadline:
    """A moment in the future, or never."""

    def __init__(self, timeout: Optional[float]) -> None:
        self._at = None if timeout is None or timeout == math.inf else time.monotonic() + timeout

    def left(self) -> Optional[float]:
        """Seconds, not below 0; None: no end."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())


def until_readable(waitable: Waitable, timeout: Optional[float]) -> bool:
    """Sleeps until it is readable; False when the time is over. Ctrl-C ends it."""
    poll = select.poll()
    poll.register(waitable.fileno(), select.POLLIN)
    deadline = Deadline(timeout)
    longest = SLICE if threading.current_thread() is threading.main_thread() else _LONGEST
    while True:
        left = deadline.left()
        if poll.poll(math.ceil(longest * 1000 if left is None else min(left, longest) * 1000)):
            return True
        if left is not None and left <= longest:
            return False


def wait(waitable: Waitable, look: Callable[[], Optional[T]], timeout: Optional[float], tried: str) -> T:
    """Looks now and whenever the handle is readable, until `look` gives something. `look` has to drain the handle first.

    Raises `TimeoutError` when the time is over.
    """
    deadline = Deadline(timeout)
    while True:
        found = look()
        if found is not None:
            return found
        if not until_readable(waitable, deadline.left()):
            raise timed_out(tried, timeout)


def timed_out(tried: str, timeout: Optional[float]) -> TimeoutError:
    error = TimeoutError(f"{tried}: not done within {timeout} s")
    error.tried, error.came = tried, f"not done within {timeout} s"
    return error
