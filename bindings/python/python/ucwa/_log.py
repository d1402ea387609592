"""The engine's log records on their way to `logging`: the logger "ucwa" and those below it."""

from __future__ import annotations

import logging
import os
import threading
from typing import Optional

from . import _ucwa
from ._wait import until_readable

_TRACE = 5
_starting = threading.Lock()
_draining = threading.RLock()
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
    while True:
        until_readable(reader, None)
        drain(reader)


def flush() -> None:
    """Returns when all records that the engine has written so far are with the handlers."""
    if _reader is not None:
        drain(_reader)


def drain(reader: _ucwa.LogReader) -> None:
    # One at a time, so that records stay in their order. A handler may flush.
    with _draining:
        _drain(reader)


def _drain(reader: _ucwa.LogReader) -> None:
    dropped, records = reader.take()
    if dropped:
        logging.getLogger("ucwa").warning("%d records were dropped", dropped)
    for level, name, message, fields in records:
        logger = logging.getLogger(name)
        if logger.isEnabledFor(level):
            text = " ".join([message, *(f"{field}={value}" for field, value in fields)])
            record = logger.makeRecord(name, level, "(ucwa)", 0, text, (), None, extra={"ucwa": dict(fields)})
            logger.handle(record)


def _forked() -> None:
    global _reader, _starting, _draining
    _reader = None
    _starting = threading.Lock()
    _draining = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
