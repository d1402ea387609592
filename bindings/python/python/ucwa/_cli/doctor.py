"""Signs in step by step, says in plain words what it saw and where it fails, and signs out. It starts no meeting."""

from __future__ import annotations

import argparse
import itertools
import logging
import queue
import sys
import textwrap
import time
from collections.abc import Iterable
from typing import Optional, Union
from urllib.parse import urlsplit

from .. import _log, _ucwa
from .._errors import Error, InvalidArgumentError, NotFoundError
from .._session import Session
from .._wait import Deadline
from . import options, peer, steps
from .steps import Record, Step
from .text import nobody_reads, printable

NAME = "doctor"
HELP = "say why a sign-in fails"

_PATIENCE = 3.0
"""Seconds that the first request for events is given. Without events it is answered after minutes."""
_SETTINGS = {"retry.times": 0}
"""What fails is to be seen, not to be tried again."""
_WIDTH = 100
_HANGING = "  "

Inbox = queue.SimpleQueue[Union[logging.LogRecord, _ucwa.StateEvent]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    connection = options.Connection.of(parser, chosen)
    sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    report = Report()
    inbox: Inbox = queue.SimpleQueue()
    # Before there is a session: it is then that the loggers' levels are looked at.
    _listen(inbox)
    try:
        session = connection.session(_SETTINGS)
    except (InvalidArgumentError, NotFoundError) as error:
        if urlsplit(connection.root_url or "").scheme != "http" or connection.allow_http:
            parser.error(options.said(error))
        report.say(steps.OPTIONS, "FAIL", options.said(error))
        return report.verdict(error)
    who = f"as {connection.username or connection.user}" if connection.password else "without credentials"
    report.say(steps.OPTIONS, "ok", f"{connection.server}, {who}")
    try:
        return Examination(connection, session, report, inbox).verdict()
    finally:
        session.close()


def _listen(inbox: Inbox) -> None:
    """Has the records of the sign-in put into the inbox, and the complaints of the session."""

    class ToInbox(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            inbox.put(record)

    for name, level in (("ucwa.sign_in", logging.INFO), ("ucwa.session", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.addHandler(ToInbox(level))
        if logger.getEffectiveLevel() > level:
            logger.setLevel(level)


class Report:
    """What is printed: a paragraph for each finding, with the seconds since the begin, and one line of verdict."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._reached: list[Step] = []
        # The first: what comes after it may only be its consequence.
        self._failed: Optional[tuple[Step, str]] = None

    def say(self, step: Step, mark: str, what: str, more: Iterable[str] = ()) -> None:
        """`mark` is "ok", "note" or "FAIL"."""
        self._reached.append(step)
        if mark == "FAIL" and self._failed is None:
            self._failed = (step, what)
        self._print(f"{time.monotonic() - self._began:7.2f} s  {mark:4}  {step.name:13}  ", what, more)

    def verdict(self, failure: Optional[Error]) -> int:
        """The steps that were not reached, and the last line. Gives the exit status."""
        for step in steps.STEPS:
            if step not in self._reached:
                self._print(f"{'':9}  {'-':4}  {step.name:13}  ", f"not reached: {step.asks}")
        if self._failed is not None:
            step, what = self._failed
            verdict = f"not healthy, fails at {step.name}: {what}"
        elif failure is not None:
            verdict = f"not healthy, fails after {self._reached[-1].name}: {options.said(failure)}"
        else:
            verdict = "healthy, signed in and out"
        self._print("\nverdict: ", verdict)
        return 1 if self._failed or failure else 0

    def _print(self, head: str, what: str, more: Iterable[str] = ()) -> None:
        try:
            print(head + printable(what))
            for line in more:
                for part in textwrap.wrap(printable(line), _WIDTH, subsequent_indent=_HANGING * line.startswith("- ")):
                    print(" " * len(head) + part)
        except BrokenPipeError:
            nobody_reads()  # the exit status still tells


class Examination:
    """One sign-in, told by the engine's records of it."""

    def __init__(self, connection: options.Connection, session: Session, report: Report, inbox: Inbox) -> None:
        self._connection = connection
        self._session = session
        self._report = report
        self._inbox = inbox
        self._origins: set[str] = set()
        # Addresses that discovery begins at, of which one has to be good.
        self._entries = 1 if connection.root_url else 2
        self._challenged = False
        self._endpoint = ""
        self._told: set[str] = set()
        self._channel = ""

    def verdict(self) -> int:
        self._session.on_state(self._inbox.put)
        self._session._engine.open()
        while self._session.state in ("New", "Discovering", "Authenticating"):
            self._read_next(None)
        self._catch_up()
        self._wait_for_events()
        failure = self._session.failure
        if failure is None:
            self._sign_out()
        return self._report.verdict(failure)

    def _wait_for_events(self) -> None:
        deadline = Deadline(_PATIENCE)
        while self._session.failure is None and self._channel in ("", "asked") and deadline.left():
            self._read_next(deadline.left())
        self._catch_up()
        if self._channel == "asked":
            quiet = f"asked; no event within {_PATIENCE:.0f} s, which is normal: the server answers when something happens"
            self._report.say(steps.EVENT_CHANNEL, "ok", quiet)

    def _sign_out(self) -> None:
        self._session.close()
        complaints = self._catch_up()
        if complaints:
            self._report.say(steps.SIGN_OUT, "note", complaints[-1])
        else:
            self._report.say(steps.SIGN_OUT, "ok", f"the session is {self._session.state}")

    def _read_next(self, timeout: Optional[float]) -> Optional[str]:
        """One item of the inbox, if one comes in time. Gives it when it is a complaint."""
        try:
            item = self._inbox.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(item, _ucwa.StateEvent):
            return None
        record: Record = getattr(item, "ucwa", {})
        if "step" not in record:
            return item.getMessage()
        self._read(steps.BY_RECORD.get(record["step"]), record)
        return None

    def _catch_up(self) -> list[str]:
        """Reads all records that the engine has written. Gives the complaints among them."""
        _log.flush()
        complaints = []
        while not self._inbox.empty():
            complaints.append(self._read_next(None))
        return [complaint for complaint in complaints if complaint]

    def _read(self, step: Optional[Step], record: Record) -> None:
        if step is steps.CHALLENGE:
            self._challenged = True
            self._endpoint = record.get("endpoint", "")
        elif step is steps.TOKEN:
            # The record names the server that the token is for.
            record = {**record, "url": self._endpoint}
        elif step is steps.DISCOVERY and self._challenged:
            step = steps.USER
        elif step is steps.EVENT_CHANNEL:
            self._channel = record.get("came", "")
        # A failure is told once, by the innermost request that it hit.
        if step is None or record.get("error") in self._told:
            return
        if step is not steps.REDIRECT:
            self._connect(record)
        if record.get("kind") in steps.CONNECTION_KINDS:
            return
        if "kind" in record or record.get("taken") == "none":
            self._fail(step, record)
        elif record.get("came") != "asked":
            self._report.say(step, "ok", steps.words(step, record))
            if step is steps.DISCOVERY and record.get("leads_to") != "redirect":
                self._entries = 0

    def _connect(self, record: Record) -> None:
        """What a record says of a connection, and a look of Python's own when the origin is new."""
        origin = _origin(record)
        is_new = bool(origin) and origin not in self._origins
        if record.get("kind") in steps.CONNECTION_KINDS:
            self._fail(steps.CONNECTION, record, self._look(origin) if is_new else ())
        elif is_new:
            self._report.say(steps.CONNECTION, "ok", steps.words(steps.CONNECTION, {"origin": origin}), self._look(origin))

    def _look(self, origin: str) -> Iterable[str]:
        self._origins.add(origin)
        yield "a look of Python's own, on another connection:"
        for seen in peer.look(origin, self._connection.ca, self._connection.settings):
            yield f"- {seen}"

    def _fail(self, step: Step, record: Record, look: Iterable[str] = ()) -> None:
        if "error" in record:
            self._told.add(record["error"])
        is_last = True
        if self._entries > 0:
            self._entries -= 1
            is_last = self._entries == 0
        what = options.said(record.get("error") or steps.words(step, record))
        meant = steps.meaning(step, record) if is_last else "There is another address to try."
        self._report.say(step, "FAIL" if is_last else "note", what, itertools.chain([meant] if meant else [], look))


def _origin(record: Record) -> str:
    parts = urlsplit(record.get("url") or record.get("origin") or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
