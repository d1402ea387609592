"""Programs of their own, in an interpreter of their own: for signals, forks and the end of an interpreter."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from typing import Any, Optional

LONGEST = int(os.environ.get("UCWA_TEST_PATIENCE", "60"))
"""Seconds after which a program hangs: it shows where each of its threads is, and ends."""

_BEGIN = f"""
import asyncio, faulthandler, gc, json, logging, os, signal, sys, threading, time, warnings
faulthandler.register(signal.SIGALRM, chain=True)
signal.alarm({LONGEST})
import ucwa, ucwa.aio
logging.getLogger("ucwa").addHandler(logging.NullHandler())
USER, PASSWORD, ANA, DAN, INES = "sip:lene@contoso.com", "Pa55w.rd!", "sip:ana@contoso.com", "sip:dan@contoso.com", "sip:ines@contoso.com"
_connection = json.loads(os.environ["UCWA_TEST_CONNECTION"])

def new(**changed):
    return ucwa.Session(USER, **{{"password": PASSWORD, **_connection, **changed}})

def anew(**changed):
    return ucwa.aio.Session(USER, **{{"password": PASSWORD, **_connection, **changed}})

def say(*words):
    print(*words, flush=True)
"""

UGLY = ("Fatal", "FATAL", "panicked", "Aborted", "Segmentation", "core dumped", "most recent call first")


class Program:
    """A running one. It has `new()`, `anew()` and `say()`; its lines are read as they come."""

    def __init__(self, source: str, connection: dict[str, Any], *, options: tuple[str, ...] = ()) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # no pipe, which children of its own would hold open
        environment = {**os.environ, "UCWA_TEST_CONNECTION": json.dumps(connection), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, *options, "-c", _BEGIN + source],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._lines: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
        self._reading = threading.Thread(target=self._read_lines, daemon=True)
        self._reading.start()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            for line in out:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def until(self, wanted: str) -> list[str]:
        """Reads lines up to this one."""
        seen: list[str] = []
        while True:
            line = self._lines.get(timeout=LONGEST + 10)
            if line is None:
                raise AssertionError(f"it ended before {wanted!r}: {seen} {self.end()}")
            seen.append(line)
            if line == wanted:
                return seen

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, list[str], str]:
        """Waits for its end. Gives its status, the lines that were not read yet, and what it wrote to stderr."""
        try:
            status = self._process.wait(LONGEST + 10)
        finally:
            # Whatever it left behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._reading.join(10)
        with self._errors:
            self._errors.seek(0)
            errors = self._errors.read()
        rest = []
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                rest.append(line)
        return status, rest, errors

    def end_well(self) -> list[str]:
        """Its end has to be a normal one, and quiet."""
        status, rest, errors = self.end()
        assert (status, errors) == (0, ""), (status, rest, errors)
        return rest


def run(source: str, connection: dict[str, Any], **more: Any) -> list[str]:
    """Runs a program to its good end and gives its lines."""
    return Program(source, connection, **more).end_well()
