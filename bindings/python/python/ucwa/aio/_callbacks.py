"""Functions of the program that are told of events, and asked for credentials, in the loop."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from typing import Callable

from .. import _credentials, _ucwa
from .._callbacks import Callback, Feed, Table
from .._errors import ClosedError, Error, NotFoundError
from ._wait import readable


class LoopTable(Table):
    """Functions that are called in a loop."""

    def report(self, error: BaseException, callback: Callback, event: _ucwa.Event) -> None:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            # They end the loop, as out of any other function that it calls; Ctrl-C may come anywhere.
            asyncio.get_running_loop().call_soon(_raise, error)
        else:
            super().report(error, callback, event)


def _raise(error: BaseException) -> None:
    raise error


async def give(feed: Feed) -> None:
    """Calls the callbacks, batch by batch, so that other tasks get their turn."""
    while (given := feed.step()) is not None:
        if given:
            await asyncio.sleep(0)
        else:
            await readable(feed.reader)


def asking(
    engine: _ucwa.Session, table: Table, credentials: _credentials.Asked
) -> Callable[[_ucwa.CredentialsNeededEvent], None]:
    """Answers each question in a task of its own, which ends with the loop at the latest."""
    tasks: set[asyncio.Task[None]] = set()

    async def answer(question: _ucwa.CredentialsNeededEvent) -> None:
        try:
            given = credentials(question)
            if inspect.isawaitable(given):
                given = await given
            _credentials.answer(engine, question, given)
        except BaseException as error:
            with contextlib.suppress(Error):
                _credentials.refuse(engine, question, error)
            if isinstance(error, (ClosedError, NotFoundError)):
                return  # too late: nobody asks any more
            if not isinstance(error, Exception):
                raise
            table.report(error, credentials, question)

    def ask(question: _ucwa.CredentialsNeededEvent) -> None:
        task = asyncio.get_running_loop().create_task(answer(question), name="ucwa-credentials")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return ask
