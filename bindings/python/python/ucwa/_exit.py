"""The end of the interpreter: what has to be known of all sessions of a process."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Iterable
from typing import TypeVar

from . import _log, _ucwa
from ._errors import Error
from ._operation import Operation
from ._wait import Deadline, until_readable

T = TypeVar("T")
_PATIENCE = 2.0
_engines: weakref.WeakSet[_ucwa.Session] = weakref.WeakSet()
_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def remember(engine: _ucwa.Session) -> None:
    """Signs it out at the end of the interpreter, if nobody did."""
    _engines.add(engine)


def remember_thread(thread: threading.Thread) -> None:
    """Lets it come to its end at that of the interpreter: one that is cut off anywhere is safe, but nobody is told the end."""
    _threads.add(thread)


@atexit.register
def _sign_out() -> None:
    """All at once, for at most two seconds: the server is told, threads that call into the program come to their end."""
    deadline = Deadline(_PATIENCE)
    closing = []
    for engine in _all(_engines):
        with contextlib.suppress(Error):
            if engine.state != "Closed":
                closing.append(Operation(engine, engine.close))
    for operation in closing:
        with contextlib.suppress(Error):
            while operation.look() is None and until_readable(operation.reader, deadline.left()):
                pass
    for thread in _all(_threads):
        with contextlib.suppress(RuntimeError):  # about to be started
            thread.join(deadline.left())
    _log.finish(deadline)


def _all(of: Iterable[T]) -> list[T]:
    while True:
        try:
            return list(of)
        except RuntimeError:
            pass  # a daemon thread changed it meanwhile


def _forked() -> None:
    _engines.clear()
    _threads.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
