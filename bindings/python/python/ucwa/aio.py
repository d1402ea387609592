"""The same for asyncio: operations are awaited, events come by `async for`.

    import asyncio, ucwa.aio

    async def main():
        async with ucwa.aio.Session("sip:lene@contoso.com", password="...") as session:
            meeting = await session.start_meeting("Planning")
            invitation = await meeting.add_participant("sip:bo@contoso.com")
            print(await invitation.wait())
            async for event in session.events():
                print(event)

    asyncio.run(main())

Cancelling a task cancels the operation that it awaits, so `asyncio.timeout` and `asyncio.wait_for` do what they say. The
loop waits for the engine's wait handles beside all else that it waits for; on loops that cannot (Windows), it looks at
them every few milliseconds. A session belongs to one loop, that in which it is opened; several loops, in several threads,
may have sessions.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, Optional, Union

from . import _credentials, _fork, _kinds, _settings, _ucwa
from ._callbacks import Callback, ErrorHook, Feed, Subscription, Table
from ._conversation import AnyConversation, Person, id_of
from ._errors import ClosedError, Error, ForkedError, NotFoundError
from ._invitation import ENDS, AnyInvitation
from ._kinds import Kind
from ._operation import Operation
from ._session import CLOSE_WITHIN, AnySession
from ._wait import Waitable

__all__ = ["Conversation", "Events", "Invitation", "Session"]

_BATCH = 256
_SLICE = 0.01


async def _readable(waitable: Waitable) -> None:
    """Returns when the handle is readable, in the running loop."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(waitable.fileno(), ready.set)
    except NotImplementedError:
        await asyncio.sleep(_SLICE)
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(waitable.fileno())


async def _run(engine: _ucwa.Session, begin: Callable[[], int]) -> int:
    """Begins an operation, awaits its end and gives its result. Who stops waiting cancels it."""
    operation = Operation(engine, begin)
    try:
        while (result := operation.look()) is None:
            await _readable(operation.reader)
        return result
    except BaseException:
        operation.cancel()
        raise
    finally:
        with contextlib.suppress(Error):
            operation.reader.close()


class Events(AsyncIterator[_ucwa.Event]):
    """The events of a session from the making of this object on: `Session.events`. One task iterates."""

    def __init__(self, session: Session, engine: _ucwa.Session, mask: int, capacity: int) -> None:
        self._session = session  # keeps it from being collected, and so from being closed
        self._reader = _ucwa.Reader(engine, mask, capacity)
        self._born = _fork.generation
        self._taken: deque[_ucwa.Event] = deque()

    def __repr__(self) -> str:
        return f"<ucwa.aio.Events of {self._session!r}>"

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> _ucwa.Event:
        try:
            return await self.get()
        except ForkedError:
            raise
        except ClosedError:
            raise StopAsyncIteration from None

    async def get(self) -> _ucwa.Event:
        """The next event. Raises `ClosedError` when none will come any more."""
        _fork.check(self._born)
        while not self._taken:
            events = self._reader.take(_BATCH)
            if events is None:
                raise ClosedError("wait for an event: the session is over, or the iterator was closed")
            if events:
                self._taken.extend(events)
            else:
                await _readable(self._reader)
        return self._taken.popleft()

    def close(self) -> None:
        """Takes no more events; who waits for one stops. Twice is once; in the child of a fork it does nothing."""
        self._taken.clear()
        with contextlib.suppress(ForkedError):
            self._reader.close()


class Invitation(AnyInvitation):
    """One invitation as it is now."""

    def __init__(self, session: Session, engine: _ucwa.Session, id: int) -> None:
        super().__init__(engine, id)
        self._session = session  # keeps it from being collected, and so from being closed

    async def wait(self) -> str:
        """Awaits the outcome and gives it. Cancelling leaves the invitation as it is.

        Raises `NotFoundError` when the session has forgotten how it ended (it knows the last thousand).
        """
        if self._seen.outcome is not None:
            return self._seen.outcome
        reader = _ucwa.Reader(self._engine, ENDS)
        try:
            while (outcome := self._look(reader)) is None:
                await _readable(reader)
            return outcome
        finally:
            with contextlib.suppress(Error):
                reader.close()

    async def accept(self) -> Conversation:
        """Takes an incoming invitation; done when the user is in the conversation."""
        return self._session.conversation(await _run(self._engine, lambda: self._engine.accept_invitation(self._id)))

    async def decline(self, reason: str = "Local") -> None:
        """Refuses an incoming invitation: "Local", on this device; "Global", on all of the user's."""
        await _run(self._engine, lambda: self._engine.decline_invitation(self._id, reason))

    async def cancel(self) -> None:
        """Takes it back. It then ends as "cancelled", unless the other side was faster."""
        await _run(self._engine, lambda: self._engine.cancel_invitation(self._id))


class Conversation(AnyConversation):
    """One conversation as it is now, and what can be done in it. See `ucwa.Conversation`."""

    def __init__(self, session: Session, engine: _ucwa.Session, id: int) -> None:
        super().__init__(engine, id)
        self._session = session  # keeps it from being collected, and so from being closed

    async def add_participant(
        self,
        uri: str,
        *,
        subject: Optional[str] = None,
        on_behalf_of: Optional[str] = None,
        modalities: Iterable[str] = (),
        operation_id: Optional[str] = None,
    ) -> Invitation:
        """Invites somebody into the conversation; done when the server has taken the request.

        When the request failed, the exception's `invitation` is the id of the one that it was for.
        """
        made: list[Invitation] = []

        def begin() -> int:
            invitation, operation = self._engine.add_participant(
                self._id, uri, operation_id, subject, on_behalf_of, list(modalities)
            )
            made.append(Invitation(self._session, self._engine, invitation))
            return operation

        try:
            await _run(self._engine, begin)
        except Error as error:
            error.invitation = made[0].id if made else None
            raise
        return made[0]

    async def leave(self) -> None:
        """Leaves the conversation."""
        await _run(self._engine, lambda: self._engine.leave(self._id))

    async def admit(self, person: Person) -> None:
        """Lets somebody in from the lobby."""
        await self._act("admit", person)

    async def reject(self, person: Person) -> None:
        """Refuses somebody in the lobby."""
        await self._act("reject", person)

    async def eject(self, person: Person) -> None:
        """Removes somebody from the meeting."""
        await self._act("eject", person)

    async def promote(self, person: Person) -> None:
        """Makes somebody a leader."""
        await self._act("promote", person)

    async def demote(self, person: Person) -> None:
        """Makes somebody an attendee."""
        await self._act("demote", person)

    async def mute(self, person: Person, modality: str = "Audio") -> None:
        """Mutes somebody's "Audio" or "Video"."""
        await self._act(f"mute{modality}", person)

    async def unmute(self, person: Person, modality: str = "Audio") -> None:
        """Lets somebody's "Audio" or "Video" be heard or seen again."""
        await self._act(f"unmute{modality}", person)

    async def lock_audience_mute(self, locked: bool = True) -> None:
        """Mutes the attendees, who cannot unmute themselves then; or lets them, which does not unmute them."""
        await self._act_on_audience("enableAudienceMuteLock" if locked else "disableAudienceMuteLock")

    async def allow_audience_messaging(self, allowed: bool = True) -> None:
        """Lets all members write, or only leaders."""
        await self._act_on_audience("enableAudienceMessaging" if allowed else "disableAudienceMessaging")

    async def _act_on_audience(self, action: str) -> None:
        await _run(self._engine, lambda: self._engine.act_on_audience(self._id, action))

    async def _act(self, action: str, person: Person) -> None:
        participant = id_of(person)
        await _run(self._engine, lambda: self._engine.act_on_participant(self._id, participant, action))


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
        self._table = _LoopTable(engine, on_error)
        self._feed: Optional[Feed] = None
        self._pump: Optional[asyncio.Task[None]] = None
        if credentials is not None:
            # Before the session is opened: the engine asks nobody when nobody takes the question.
            self._table.add(_asking(engine, self._table, credentials), _kinds.words("credentials_needed"))

    async def open(self) -> Session:
        """Signs in; gives the session once it is online. A session is opened once."""
        if self._pump is None:
            self._feed = Feed(self._table)
            self._pump = asyncio.create_task(_give(self._feed), name="ucwa-callbacks")
        await _run(self._engine, self._engine.open)
        return self

    async def close(self) -> None:
        """Signs out; done when the callbacks were told the end, after ten seconds at the latest.

        Twice is once; in the child of a fork it does nothing.
        """
        if self._born != _fork.generation:
            return
        operation = self._engine.close()
        with contextlib.suppress(Error, asyncio.TimeoutError):
            await asyncio.wait_for(_run(self._engine, lambda: operation), CLOSE_WITHIN)
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

    def on_invitation(self, callback: Callable[[_ucwa.InvitationEvent], object]) -> Subscription:
        """As `on_event`, for invitations."""
        return self.on_event(callback, [_ucwa.InvitationEvent])

    def on_participant(
        self, callback: Callable[[Union[_ucwa.ParticipantEvent, _ucwa.OverflowEvent]], object]
    ) -> Subscription:
        """As `on_event`, for changes of rosters."""
        return self.on_event(callback, [_ucwa.ParticipantEvent])

    def on_conversation(self, callback: Callable[[_ucwa.ConversationEvent], object]) -> Subscription:
        """As `on_event`, for conversations."""
        return self.on_event(callback, [_ucwa.ConversationEvent])

    def on_state(self, callback: Callable[[_ucwa.StateEvent], object]) -> Subscription:
        """As `on_event`, for the states of the session."""
        return self.on_event(callback, [_ucwa.StateEvent])

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
        await _run(self._engine, lambda: self._engine.make_available(list(modalities), sign_in_as, phone_number))

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
        return self.conversation(await _run(self._engine, begin))

    async def start_meeting(self, subject: Optional[str] = None, *, importance: Optional[str] = None) -> Conversation:
        """Starts an online meeting of one's own; done when the user is in it."""
        return self.conversation(await _run(self._engine, lambda: self._engine.start_meeting(subject, importance)))

    async def join_meeting(
        self, uri: str, *, subject: Optional[str] = None, importance: Optional[str] = None
    ) -> Conversation:
        """Joins an online meeting by its conference URI; done when the user is in it, which the lobby is not."""
        return self.conversation(await _run(self._engine, lambda: self._engine.join_meeting(uri, subject, importance)))


class _LoopTable(Table):
    """Functions that are called in a loop."""

    def report(self, error: BaseException, callback: Callback, event: _ucwa.Event) -> None:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            # They end the loop, as out of any other function that it calls; Ctrl-C may come anywhere.
            asyncio.get_running_loop().call_soon(_raise, error)
        else:
            super().report(error, callback, event)


def _raise(error: BaseException) -> None:
    raise error


async def _give(feed: Feed) -> None:
    """Calls the callbacks, batch by batch, so that other tasks get their turn."""
    while (given := feed.step()) is not None:
        if given:
            await asyncio.sleep(0)
        else:
            await _readable(feed.reader)


def _asking(
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
