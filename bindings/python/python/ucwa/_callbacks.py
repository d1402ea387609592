"""Functions of the program that are told of events."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any, Callable, Optional

from . import _kinds, _ucwa
from ._wait import until_readable

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

        Waits for the call that is running, except inside it. So never hold a lock that the function takes. Twice is once.
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
        with self._changed:
            subscription._active = False
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
                self._sort()
            if self._running_in == threading.get_ident():
                return
            self._cancelling += 1
            try:
                self._changed.wait_for(lambda: self._running is not subscription)
            finally:
                self._cancelling -= 1

    def take(self) -> Optional[list[_ucwa.Event]]:
        """What is queued; None when nothing will come any more."""
        return None if self.reader is None else self.reader.take(_BATCH)

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
        _log.error("%r failed on %r", callback, event, exc_info=error)
        try:
            if self._on_error is None:
                _ucwa.report_unraisable(error, callback)
            else:
                self._on_error(error, callback, event)
        except BaseException as second:
            _log.error("the hook for failing callbacks failed: %r", self._on_error, exc_info=second)


class Dispatcher:
    """A table whose functions run on a daemon thread, which starts with the first of them."""

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self._name = name
        self._starting = threading.Lock()
        self._thread: Optional[threading.Thread] = None

    def add(self, callback: Callback, words: frozenset[str]) -> Subscription:
        subscription = self._table.add(callback, words)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=_dispatch, args=(self._table,), name=self._name, daemon=True)
                self._thread.start()
        return subscription

    def join(self, timeout: Optional[float]) -> None:
        """Waits until the last event was given. Nothing inside of a callback."""
        # Not alive: ended, or Ctrl-C came while it was being started.
        if self._thread is not None and self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)


def _dispatch(table: Table) -> None:
    reader = table.watch()
    while (events := table.take()) is not None:
        if events:
            table.give(events)
        else:
            until_readable(reader, None)
