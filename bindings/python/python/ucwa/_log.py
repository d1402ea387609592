"""The engine's log records on their way to `logging`: the logger "ucwa" and those below it."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from typing import Optional

from . import _fork, _report, _ucwa
from ._wait import Deadline, until_readable

# A program that has not configured logging sees nothing of ours on its standard error.
logging.getLogger("ucwa").addHandler(logging.NullHandler())

_TRACE = 5
_starting = threading.Lock()
_draining = threading.RLock()
"""Held while records are given to handlers, so that they come in order. A handler may flush."""
_reader: Optional[_ucwa.LogReader] = None


def start() -> None:
    """Begins to pass records on; called with each new session, which is when the loggers' levels are looked at."""
    global _reader
    with _starting:
        if _reader is None:
            _reader = _ucwa.LogReader(_wanted())
            threading.Thread(target=_pass_on, args=(_reader,), name="ucwa-log", daemon=True).start()
        else:
            _reader.set_level(_wanted())


def _wanted() -> int:
    """The lowest level that any of our loggers is enabled for."""
    ours = [logging.getLogger("ucwa")]
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.startswith("ucwa.") and isinstance(logger, logging.Logger):
            ours.append(logger)
    lowest = min(logger.getEffectiveLevel() for logger in ours)
    known = [_TRACE, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR]
    return next((level for level in known if level >= lowest), logging.ERROR)


def _pass_on(reader: _ucwa.LogReader) -> None:
    born = _fork.generation
    while born == _fork.generation:  # else a handler forked, and this is the child
        until_readable(reader, None)
        with _draining:
            _drain(reader)


def flush() -> None:
    """Returns when all records that the engine has written so far are with the handlers."""
    if _reader is not None:
        with _draining:
            _drain(_reader)


def finish(deadline: Deadline) -> None:
    """At the end of the interpreter: flushes, unless a handler takes longer than that."""
    lock = _draining
    if lock.acquire(timeout=deadline.left() or 0):
        try:
            flush()
        finally:
            lock.release()


def _drain(reader: _ucwa.LogReader) -> None:
    dropped, records = reader.take()
    if dropped:
        _handle(logging.WARNING, "ucwa", "records were dropped", [("count", str(dropped))])
    for record in records:
        _handle(*record)


def _handle(level: int, name: str, message: str, fields: list[tuple[str, str]]) -> None:
    try:
        logger = logging.getLogger(name)
        if logger.isEnabledFor(level):
            text = " ".join([message, *(f"{field}={value}" for field, value in fields)])
            logger.handle(logger.makeRecord(name, level, "(ucwa)", 0, text, (), None, extra={"ucwa": dict(fields)}))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise  # Ctrl-C while it flushes
        # Out of a filter or a handler of the program. The records after this one are not lost.
        with contextlib.suppress(BaseException):
            _report.unraisable(error, _handle)


def _forked() -> None:
    global _reader, _starting, _draining
    _reader = None
    _starting = threading.Lock()
    _draining = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
