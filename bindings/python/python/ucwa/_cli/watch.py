"""Signs in and prints what happens, until the time is over, Ctrl-C, or the end of the conversation that it started or joined."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Callable, Optional, Protocol

from .. import _kinds, _ucwa
from .._errors import ClosedError, Error, InvalidArgumentError, NotFoundError, TimeoutError, WrongStateError
from .._session import Session
from .._wait import Deadline
from . import options, text

NAME = "watch"
HELP = "print what happens"
_ONE_SIGNAL = 1.0


def add_options(parser: argparse.ArgumentParser) -> None:
    meeting = parser.add_argument_group("meeting", "without both, the account is made available and what others begin is shown")
    which = meeting.add_mutually_exclusive_group()
    which.add_argument("--start-meeting", action="store_true", help="start a meeting")
    which.add_argument("--join", metavar="URI", help="join a meeting by its conference URI")
    meeting.add_argument("--subject", metavar="TEXT", help="subject of the meeting")
    meeting.add_argument("--invite", metavar="URI", action="append", default=[], help="whom to invite; may be repeated")
    output = parser.add_argument_group("output", "lines of text; on a terminal also a live table, if rich is installed")
    output.add_argument("--for", metavar="SECONDS", type=options.seconds, dest="time", help="how long; else until Ctrl-C")
    output.add_argument("--json", action="store_true", help="one document of docs/EVENTS.md a line")


class Output(Protocol):
    def show(self, event: _ucwa.Event) -> None: ...
    def caught_up(self) -> None: ...
    def close(self) -> None: ...


def run(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    if not (chosen.start_meeting or chosen.join):
        for option in ("subject", "invite"):
            if getattr(chosen, option):
                parser.error(f"--{option} needs --start-meeting or --join")
    connection = options.Connection.of(parser, chosen)
    try:
        session = connection.session()
    except (InvalidArgumentError, NotFoundError) as error:
        parser.error(options.said(error))
    watch = Watch(session, chosen, connection.password is not None)
    try:
        with _ended_by_signals(watch.end):
            watch.follow(_output(session, chosen.json))
    except BrokenPipeError:
        text.nobody_reads()
    finally:
        session.close()
    if watch.failure is None:
        return 0
    _note(watch.failure)
    return 1


class Watch:
    """A session that is led by its own events: what is to be done begins when what it needs is done."""

    def __init__(self, session: Session, chosen: argparse.Namespace, has_password: bool) -> None:
        self._session = session
        self._engine = session._engine
        self._chosen = chosen
        self._has_password = has_password
        self._deadline = Deadline(chosen.time)
        self._opening = self._entering = 0
        # What the watch goes on without: a failure is only told.
        self._besides: set[int] = set()
        self._conversation = 0
        self._ending = False
        self.failure: Optional[Error] = None

    def follow(self, output: Output) -> None:
        """Shows all events, of all kinds, from before the first to the last."""
        # Questions too: who takes them has to answer them, see _next.
        events = self._session.events(_kinds.CLASSES)
        with contextlib.suppress(ClosedError, WrongStateError):  # interrupted before it began
            self._opening = self._engine.open()
        try:
            for event in self._until_the_end(events.get, output):
                output.show(event)
                self._next(event)
        finally:
            output.close()
        self.failure = self.failure or self._session.failure

    def end(self) -> None:
        """Begins to sign out: the events come to their end."""
        if not self._ending:
            self._ending = True
            self._engine.close()

    def _until_the_end(self, get: Callable[[Optional[float]], _ucwa.Event], output: Output) -> Iterator[_ucwa.Event]:
        while True:
            try:
                try:
                    event = get(0)
                except TimeoutError:
                    output.caught_up()
                    event = get(None if self._ending else self._deadline.left())
                yield event
            except TimeoutError:
                self.end()
            except ClosedError:
                return
            if self._deadline.left() == 0:
                self.end()

    def _next(self, event: _ucwa.Event) -> None:
        if isinstance(event, _ucwa.CredentialsNeededEvent):
            self._refuse(event)
        elif isinstance(event, _ucwa.OperationDoneEvent):
            self._done(event)
        elif isinstance(event, _ucwa.ConversationEvent) and event.id == self._conversation:
            if event.phase == "deleted" or event.state == "Disconnected":
                self.end()

    def _refuse(self, question: _ucwa.CredentialsNeededEvent) -> None:
        if question.kind == "bearer":
            why = "the server wants a token; the command line has none to give"
        elif self._has_password:
            why = "the server refused the password"
        else:
            why = "no password was given: see --username and --password-env"
        with contextlib.suppress(Error):
            self._session.refuse_credentials(question.request_id, why)

    def _done(self, event: _ucwa.OperationDoneEvent) -> None:
        if isinstance(event.error, ClosedError):
            return  # the end came first, or is the reason: it is told by the session
        try:
            if event.operation in self._besides:
                if event.error is not None:
                    _note(event.error)
            elif event.operation == self._entering:
                if event.error is not None:
                    raise event.error
                self._invite(event.result or 0)
            elif event.operation == self._opening and event.error is None and not self._ending:
                self._enter()
        except ClosedError:
            pass  # interrupted just before
        except Error as error:
            self.failure = error
            self.end()

    def _enter(self) -> None:
        if self._chosen.join:
            self._entering = self._engine.join_meeting(self._chosen.join, self._chosen.subject, None)
        elif self._chosen.start_meeting:
            self._entering = self._engine.start_meeting(self._chosen.subject, None)
        else:
            self._wait_to_be_called()

    def _wait_to_be_called(self) -> None:
        """Without a meeting of its own it shows what others begin, who reach only who is available."""
        try:
            self._besides.add(self._engine.make_available(["Messaging"], None, None))
        except Error as error:
            _note(error)

    def _invite(self, conversation: int) -> None:
        self._conversation = conversation
        for uri in self._chosen.invite:
            try:
                _, operation = self._engine.add_participant(conversation, uri, None, None, None, [])
                self._besides.add(operation)
            except ClosedError:
                return
            except Error as error:
                _note(error)


def _note(error: Error) -> None:
    print(f"{NAME}: {text.printable(options.said(error))}", file=sys.stderr)


def _output(session: Session, as_json: bool) -> Output:
    if as_json:
        return text.JsonLines(sys.stdout)
    # A name that the terminal has no letters for is no reason to stop.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stdout.isatty():
        with contextlib.suppress(ImportError):
            from rich.console import Console

            from . import table

            return table.Rooms(session, Console())
    return text.Lines(sys.stdout)


@contextlib.contextmanager
def _ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C, or SIGTERM, ends the watch in order; one that comes a second later ends it at once."""
    first: list[float] = []

    def ask(number: int, frame: Optional[FrameType]) -> None:
        # Programs that start others pass signals on that have come to all of them already: two at once are one.
        if first and time.monotonic() - first[0] > _ONE_SIGNAL:
            raise KeyboardInterrupt
        first.append(time.monotonic())
        end()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
