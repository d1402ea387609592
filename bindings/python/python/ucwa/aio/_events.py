from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from .. import _fork, _ucwa
from .._errors import ClosedError, ForkedError
from ._wait import readable

if TYPE_CHECKING:
    from ._session import Session

_BATCH = 256


class Events(AsyncIterator[_ucwa.Event]):
    """The events of a session from the making of this object on: `Session.events`. One task iterates."""

    def __init__(self, session: Session, engine: _ucwa.Session, mask: int, capacity: int) -> None:
        self._session = session  # keeps it from being collected, and so from being closed
        self._reader = _ucwa.Reader(engine, mask, capacity)
        self._born = _fork.generation
        self._taken: deque[_ucwa.Event] = deque()

    def __repr__(self) -> str:
        return f"<ucwa.aio.Events of {self._session!r}>"

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> _ucwa.Event:
        try:
            return await self.get()
        except ForkedError:
            raise
        except ClosedError:
            raise StopAsyncIteration from None

    async def get(self) -> _ucwa.Event:
        """The next event. Raises `ClosedError` when none will come any more."""
        _fork.check(self._born)
        while not self._taken:
            events = self._reader.take(_BATCH)
            if events is None:
                raise ClosedError("wait for an event: the session is over, or the iterator was closed")
            if events:
                self._taken.extend(events)
            else:
                await readable(self._reader)
        return self._taken.popleft()

    def close(self) -> None:
        """Takes no more events; who waits for one stops. Twice is once; in the child of a fork it does nothing."""
        self._taken.clear()
        with contextlib.suppress(ForkedError):
            self._reader.close()
