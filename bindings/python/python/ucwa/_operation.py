"""Operations: what the engine began for a call, and the wait for its end."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import Callable, Optional

from . import _kinds, _ucwa
from ._errors import ClosedError, Error
from ._wait import wait

_BATCH = 1000
_DONE = _kinds.mask(["operation_done"])


def drain(reader: _ucwa.Reader) -> list[_ucwa.Event]:
    """All that is queued. Raises `ClosedError` when there is nothing and nothing will come any more."""
    drained = reader.take(_BATCH)
    if drained is None:
        raise ClosedError("the session is over")
    while events := reader.take(_BATCH):
        drained += events
    return drained


class Operation:
    """One operation under way. Its reader is there before it begins, so its end is not missed."""

    def __init__(self, engine: _ucwa.Session, begin: Callable[[], int]) -> None:
        self._engine = engine
        self.reader = _ucwa.Reader(engine, _DONE)
        self._number = begin()

    def look(self) -> Optional[int]:
        """Its result; None while it is under way. Raises why it failed."""
        try:
            events = drain(self.reader)
        except ClosedError:
            # It may have ended before there was a reader: that of closing twice.
            result = self._engine.result(self._number)
            if result is None:
                raise
            return result
        for event in events:
            if isinstance(event, _ucwa.OperationDoneEvent) and event.operation == self._number:
                if event.error is not None:
                    raise event.error
                return event.result or 0
        return self._engine.result(self._number)

    def cancel(self) -> None:
        """Nothing when it has ended."""
        with contextlib.suppress(Error):
            self._engine.cancel(self._number)

    def __enter__(self) -> Operation:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        """Who stops waiting cancels it."""
        if error is not None:
            self.cancel()
        with contextlib.suppress(Error):
            self.reader.close()


def run(engine: _ucwa.Session, begin: Callable[[], int], timeout: Optional[float], tried: str) -> int:
    """Begins an operation, waits for its end and gives its result. Who stops waiting cancels it."""
    with Operation(engine, begin) as operation:
        return wait(operation.reader, operation.look, timeout, tried)
