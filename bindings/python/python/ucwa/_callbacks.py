"""Functions of the program that are told of events."""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, Optional

from . import _exit, _fork, _kinds, _report, _ucwa
from ._errors import ForkedError
from ._wait import SLICE, until_readable

Callback = Callable[[Any], object]
ErrorHook = Callable[[BaseException, Callback, _ucwa.Event], object]

_log = logging.getLogger("ucwa.callbacks")
_BATCH = 256


class Subscription:
    """A function that is told of events, until `cancel`. Also a context manager that cancels."""

    def __init__(self, table: Table, callback: Callback, words: frozenset[str]) -> None:
        self._table = table
        self._callback = callback
        self._words = words
        self._active = True

    @property
    def active(self) -> bool:
        """Whether it has not been cancelled."""
        return self._active

    def cancel(self) -> None:
        """The function is not called any more.

        Waits for the call that is running, except inside it. So never hold a lock that the function takes. Twice is once; in
        the child of a fork, where nothing is called, it does not wait.
        """
        self._table.remove(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.cancel()

    def __repr__(self) -> str:
        state = "" if self._active else ", cancelled"
        return f"<ucwa.Subscription of {', '.join(sorted(self._words))} to {self._callback!r}{state}>"


class Table:
    """The subscriptions of one session over one reader, so that its functions are told of events in one order."""

    def __init__(self, engine: _ucwa.Session, on_error: Optional[ErrorHook]) -> None:
        self._engine = engine
        self._on_error = on_error
        self._born = _fork.generation
        self._changed = threading.Condition()
        self._subscriptions: list[Subscription] = []
        self._by_class: dict[type, tuple[Subscription, ...]] = {}
        self._running: Optional[Subscription] = None
        self._running_in: Optional[int] = None
        self._cancelling = 0
        self.reader: Optional[_ucwa.Reader] = None

    def add(self, callback: Callback, words: frozenset[str]) -> Subscription:
        if not callable(callback):
            raise TypeError(f"{callback!r} cannot be called")
        # Before the lock, which a thread that the child does not have may have held.
        _fork.check(self._born)
        subscription = Subscription(self, callback, words)
        with self._changed:
            self._subscriptions.append(subscription)
            self._sort()
        return subscription

    def watch(self) -> _ucwa.Reader:
        """The reader, for who waits for it perhaps before there is a subscription."""
        with self._changed:
            return self._sort()

    def remove(self, subscription: Subscription) -> None:
        subscription._active = False
        if self._born != _fork.generation:
            return
        with self._changed:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
                self._sort()
            if self._running_in == threading.get_ident():
                return
            self._cancelling += 1
            try:
                while self._running is subscription:
                    self._changed.wait(SLICE)
            finally:
                self._cancelling -= 1

    def give(self, events: list[_ucwa.Event]) -> None:
        """Calls the functions. Only one thread does so."""
        self._running_in = threading.get_ident()
        for event in events:
            for subscription in self._by_class.get(type(event), ()):
                # Set before it is looked whether it is active: who cancels it either sees it running or prevents it.
                self._running = subscription
                if subscription._active:
                    try:
                        subscription._callback(event)
                    except BaseException as error:
                        self.report(error, subscription._callback, event)
                self._running = None
                if self._born != _fork.generation:
                    return  # the function forked, and this is the child
                if self._cancelling:
                    with self._changed:
                        self._changed.notify_all()
        self._running_in = None

    def _sort(self) -> _ucwa.Reader:
        words: frozenset[str] = frozenset().union(*(subscription._words for subscription in self._subscriptions))
        if self.reader is None:
            self.reader = _ucwa.Reader(self._engine, _kinds.mask(words))
        else:
            self.reader.set_mask(_kinds.mask(words))
        self._by_class = {
            _kinds.CLASSES[word]: tuple(s for s in self._subscriptions if word in s._words) for word in words
        }
        return self.reader

    def report(self, error: BaseException, callback: Callback, event: _ucwa.Event) -> None:
        """Logs an exception out of code of the program, and shows it to the hook."""
        # Whatever fails in here, a handler of the log included, the functions are told of the next event.
        with contextlib.suppress(BaseException):
            _log.error("%r failed on %r", callback, event, exc_info=error)
        try:
            if self._on_error is None:
                _report.unraisable(error, callback)
            else:
                self._on_error(error, callback, event)
        except BaseException as second:
            with contextlib.suppress(BaseException):
                _log.error("the hook for failing callbacks failed: %r", self._on_error, exc_info=second)


class Feed:
    """Where the events of a table come from, for who gives them to it.

    It keeps neither the table nor its session from being collected: what functions are told does not decide how long a
    session lives. Only the end of a session that was collected is still told.
    """

    def __init__(self, table: Table) -> None:
        self.reader = table.watch()
        self._table = weakref.ref(table)
        self._last: Optional[Table] = None

    def outlive(self, table: Table) -> None:
        """The session is being collected and was closed: its table stays until its functions were told."""
        self._last = table

    def step(self) -> Optional[bool]:
        """Gives what is queued; False when that was nothing, None when nothing will come any more."""
        try:
            events = self.reader.take(_BATCH)
        except ForkedError:
            return None
        if events:
            table = self._table() or self._last
            if table is not None:
                table.give(events)
            return True
        return None if events is None else False


class Dispatcher:
    """A table whose functions run on a daemon thread, which starts with the first of them."""

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self._name = name
        self._starting = threading.Lock()
        self._feed: Optional[Feed] = None
        self._thread: Optional[threading.Thread] = None

    def add(self, callback: Callback, words: frozenset[str]) -> Subscription:
        subscription = self._table.add(callback, words)
        with self._starting:
            if self._thread is None:
                self._feed = Feed(self._table)
                self._thread = threading.Thread(target=_dispatch, args=(self._feed,), name=self._name, daemon=True)
                _exit.remember_thread(self._thread)
                self._thread.start()
        return subscription

    def join(self, timeout: Optional[float]) -> None:
        """Waits until the last event was given. Nothing inside of a callback."""
        # Not alive: ended, or Ctrl-C came while it was being started.
        if self._thread is not None and self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def outlive(self) -> None:
        """See `Feed.outlive`."""
        if self._feed is not None:
            self._feed.outlive(self._table)


def _dispatch(feed: Feed) -> None:
    while (given := feed.step()) is not None:
        if not given:
            until_readable(feed.reader, None)
