from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Optional

from . import _fork, _ucwa
from ._errors import ClosedError, ForkedError, TimeoutError
from ._wait import Deadline, timed_out, wait

if TYPE_CHECKING:
    from ._session import Session

_BATCH = 256
_ALL = 1_000_000


class Events(Iterator[_ucwa.Event]):
    """The events of a session from the making of this object on: `Session.events`.

    Iterating ends when the session is over, or when the time limit is: then what came before is given out still. Several
    threads that iterate share the events among them; any thread may close it.
    """

    def __init__(self, session: Session, engine: _ucwa.Session, mask: int, capacity: int, timeout: Optional[float]) -> None:
        self._session = session  # keeps it from being collected, and so from being closed
        self._reader = _ucwa.Reader(engine, mask, capacity)
        self._deadline = Deadline(timeout)
        self._time_is_over = False
        self._born = _fork.generation
        self._taken: deque[_ucwa.Event] = deque()

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> _ucwa.Event:
        try:
            left = self._deadline.left()
            if left == 0.0 and not self._time_is_over:
                # Only once: events that come faster than they are taken would go on for ever.
                self._time_is_over = True
                self._fill(_ALL)
            return self._next(left, not self._time_is_over)
        except ForkedError:
            raise
        except (ClosedError, TimeoutError):
            raise StopIteration from None

    def get(self, timeout: Optional[float] = None) -> _ucwa.Event:
        """The next event.

        Raises `TimeoutError` when none came within `timeout` seconds, `ClosedError` when none will come any more.
        """
        return self._next(timeout)

    def close(self) -> None:
        """Takes no more events; who waits for one stops. Twice is once; in the child of a fork it does nothing."""
        self._taken.clear()
        with contextlib.suppress(ForkedError):
            self._reader.close()

    def __enter__(self) -> Events:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ucwa.Events of {self._session!r}>"

    def _next(self, timeout: Optional[float], may_fill: bool = True) -> _ucwa.Event:
        _fork.check(self._born)
        while True:
            try:
                return self._taken.popleft()
            except IndexError:
                pass  # also: taken by another thread since
            if not may_fill:
                raise timed_out("wait for an event", timeout)
            wait(self._reader, self._fill, timeout, "wait for an event")

    def _fill(self, most: int = _BATCH) -> Optional[bool]:
        events = self._reader.take(most)
        if events is None:
            raise ClosedError("wait for an event: the session is over, or the iterator was closed")
        self._taken.extend(events)
        return True if events else None
