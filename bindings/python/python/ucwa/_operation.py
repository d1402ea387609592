"""Operations: what the engine began for a call, and the wait for its end."""

from __future__ import annotations

import contextlib
from typing import Callable, Optional

from . import _kinds, _ucwa
from ._errors import Error
from ._wait import wait

_DONE = _kinds.mask(["operation_done"])


def drain(reader: _ucwa.Reader) -> None:
    """For a reader that only wakes: what it says is looked up elsewhere."""
    while reader.take(1000):
        pass


class Operation:
    """One operation under way. Its reader is there before it begins, so its end is not missed."""

    def __init__(self, engine: _ucwa.Session, begin: Callable[[], int]) -> None:
        self._engine = engine
        self.reader = _ucwa.Reader(engine, _DONE)
        self._number = begin()

    def look(self) -> Optional[int]:
        """Its result; None while it is under way. Raises why it failed."""
        drain(self.reader)
        return self._engine.result(self._number)

    def cancel(self) -> None:
        """Nothing when it has ended."""
        with contextlib.suppress(Error):
            self._engine.cancel(self._number)


def run(engine: _ucwa.Session, begin: Callable[[], int], timeout: Optional[float], tried: str) -> int:
    """Begins an operation, waits for its end and gives its result. Who stops waiting cancels it."""
    operation = Operation(engine, begin)
    try:
        return wait(operation.reader, operation.look, timeout, tried)
    except BaseException:
        operation.cancel()
        raise
    finally:
        with contextlib.suppress(Error):
            operation.reader.close()
