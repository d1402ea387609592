from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, Optional, Union

from .. import _credentials, _fork, _kinds, _settings, _ucwa
from .._callbacks import ErrorHook, Feed, Subscription
from .._errors import Error, NotFoundError
from .._kinds import Kind
from .._session import CLOSE_WITHIN, AnySession
from ._callbacks import LoopTable, asking, give
from ._conversation import Conversation
from ._events import Events
from ._invitation import Invitation
from ._wait import run


class Session(AnySession):
    """One signed-in user, as one application. Takes the arguments of `ucwa.Session`.

    `credentials` may give an awaitable of its answer; it is called in the loop.
    """

    def __init__(
        self,
        user: Optional[str] = None,
        *,
        domain: Optional[str] = None,
        root_url: Optional[str] = None,
        username: Optional[str] = None,
        password: Optional[str] = None,
        credentials: Optional[
            Callable[[_ucwa.CredentialsNeededEvent], Union[_credentials.Answer, Awaitable[_credentials.Answer]]]
        ] = None,
        ca_file: Union[_settings.FilePath, Iterable[_settings.FilePath], None] = None,
        allow_http: bool = False,
        proxy: Optional[str] = None,
        user_agent: Optional[str] = None,
        settings: Mapping[str, _settings.Setting] = {},
        on_error: Optional[ErrorHook] = None,
    ) -> None:
        engine = _settings.engine(
            user, domain, root_url, username, password, ca_file, allow_http, proxy, user_agent, settings
        )
        super().__init__(engine, user or domain or root_url or "")
        self._table = LoopTable(engine, on_error)
        self._feed: Optional[Feed] = None
        self._pump: Optional[asyncio.Task[None]] = None
        if credentials is not None:
            # Before the session is opened: the engine asks nobody when nobody takes the question.
            self._table.add(asking(engine, self._table, credentials), _kinds.words("credentials_needed"))

    async def open(self) -> Session:
        """Signs in; gives the session once it is online. A session is opened once."""
        if self._pump is None:
            self._feed = Feed(self._table)
            self._pump = asyncio.create_task(give(self._feed), name="ucwa-callbacks")
        await run(self._engine, self._engine.open)
        return self

    async def close(self) -> None:
        """Signs out; done when the callbacks were told the end, after ten seconds at the latest.

        Twice is once; in the child of a fork it does nothing.
        """
        if self._born != _fork.generation:
            return
        operation = self._engine.close()
        with contextlib.suppress(Error, asyncio.TimeoutError):
            await asyncio.wait_for(run(self._engine, lambda: operation), CLOSE_WITHIN)
        pump = self._pump
        if pump is not None and pump is not asyncio.current_task() and pump.get_loop() is asyncio.get_running_loop():
            await asyncio.wait([pump], timeout=CLOSE_WITHIN)

    def _outlive(self) -> None:
        feed = getattr(self, "_feed", None)
        if feed is not None:
            feed.outlive(self._table)

    async def __aenter__(self) -> Session:
        try:
            return await self.open()
        except BaseException:
            await self.close()
            raise

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    def on_event(self, callback: Callable[[Any], object], kinds: Optional[Iterable[Kind]] = None) -> Subscription:
        """Calls `callback(event)`, a plain function, in the loop for each event from now on, once the session is opened.

        See `ucwa.Session.on_event`.
        """
        if inspect.iscoroutinefunction(callback):
            raise TypeError("a plain function is wanted; for a coroutine use `async for event in session.events()`")
        return self._table.add(callback, _kinds.words(kinds))

    def events(self, kinds: Optional[Iterable[Kind]] = None, *, capacity: int = 0) -> Events:
        """The events from this call on, to iterate over with `async for`. See `ucwa.Session.events`."""
        return Events(self, self._engine, _kinds.mask(_kinds.words(kinds)), capacity)

    def __aiter__(self) -> Events:
        return self.events()

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations of now, oldest first."""
        found = []
        for id in self._engine.conversations():
            with contextlib.suppress(NotFoundError):  # gone since
                found.append(self.conversation(id))
        return tuple(found)

    def conversation(self, id: int) -> Conversation:
        """The conversation that events name by this id. Raises `NotFoundError` when there is none (any more)."""
        return Conversation(self, self._engine, id)

    def invitation(self, id: int) -> Invitation:
        """The invitation that events name by this id. Raises `NotFoundError` when there is none (any more)."""
        return Invitation(self, self._engine, id)

    async def make_available(
        self,
        modalities: Iterable[str] = ("Messaging",),
        *,
        sign_in_as: Optional[str] = None,
        phone_number: Optional[str] = None,
    ) -> None:
        """Lets others invite the user. See `ucwa.Session.make_available`."""
        await run(self._engine, lambda: self._engine.make_available(list(modalities), sign_in_as, phone_number))

    async def start_conversation(
        self,
        to: str,
        *,
        subject: Optional[str] = None,
        importance: Optional[str] = None,
        message: Optional[str] = None,
    ) -> Conversation:
        """Calls somebody by instant messaging; done when the call was accepted. See `ucwa.Session.start_conversation`."""
        begin = lambda: self._engine.start_conversation(to, subject, importance, message)
        return self.conversation(await run(self._engine, begin))

    async def start_meeting(self, subject: Optional[str] = None, *, importance: Optional[str] = None) -> Conversation:
        """Starts an online meeting of one's own; done when the user is in it."""
        return self.conversation(await run(self._engine, lambda: self._engine.start_meeting(subject, importance)))

    async def join_meeting(
        self, uri: str, *, subject: Optional[str] = None, importance: Optional[str] = None
    ) -> Conversation:
        """Joins an online meeting by its conference URI; done when the user is in it, which the lobby is not."""
        return self.conversation(await run(self._engine, lambda: self._engine.join_meeting(uri, subject, importance)))
