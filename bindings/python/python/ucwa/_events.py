from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Optional

from . import _ucwa
from ._errors import ClosedError, TimeoutError
from ._wait import Deadline, wait

if TYPE_CHECKING:
    from ._session import Session

_BATCH = 256


class Events(Iterator[_ucwa.Event]):
    """The events of a session from the making of this object on: `Session.events`.

    Iterating ends when the session is over, or when the time limit is. One thread iterates; another may close it.
    """

    def __init__(self, session: Session, engine: _ucwa.Session, mask: int, capacity: int, timeout: Optional[float]) -> None:
        self._session = session  # keeps it from being collected, and so from being closed
        self._reader = _ucwa.Reader(engine, mask, capacity)
        self._deadline = Deadline(timeout)
        self._taken: deque[_ucwa.Event] = deque()

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> _ucwa.Event:
        try:
            return self._next(self._deadline.left())
        except (ClosedError, TimeoutError):
            raise StopIteration from None

    def get(self, timeout: Optional[float] = None) -> _ucwa.Event:
        """The next event.

        Raises `TimeoutError` when none came within `timeout` seconds, `ClosedError` when none will come any more.
        """
        return self._next(timeout)

    def close(self) -> None:
        """Takes no more events; who waits for one stops. Twice is once."""
        self._taken.clear()
        self._reader.close()

    def __enter__(self) -> Events:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def _next(self, timeout: Optional[float]) -> _ucwa.Event:
        if not self._taken:
            wait(self._reader, self._fill, timeout, "wait for an event")
        return self._taken.popleft()

    def _fill(self) -> Optional[bool]:
        events = self._reader.take(_BATCH)
        if events is None:
            raise ClosedError("wait for an event: the session is over, or the iterator was closed")
        self._taken.extend(events)
        return True if events else None
