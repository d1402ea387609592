"""The end of the interpreter, and a fork: what has to be known of all sessions of a process."""

from __future__ import annotations

import atexit
import contextlib
import os
import weakref

from . import _ucwa
from ._errors import Error
from ._operation import Operation
from ._wait import Deadline, until_readable

_PATIENCE = 2.0
_engines: weakref.WeakSet[_ucwa.Session] = weakref.WeakSet()


def remember(engine: _ucwa.Session) -> None:
    """Signs it out at the end of the interpreter, if nobody did."""
    _engines.add(engine)


@atexit.register
def _sign_out() -> None:
    """All at once, for at most two seconds: the server is told, threads that call into the program come to their end."""
    deadline = Deadline(_PATIENCE)
    closing = []
    for engine in list(_engines):
        with contextlib.suppress(Error):
            closing.append(Operation(engine, engine.close))
    for operation in closing:
        with contextlib.suppress(Error):
            while operation.look() is None and until_readable(operation.reader, deadline.left()):
                pass


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_engines.clear)
