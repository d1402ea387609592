"""A session: what both kinds share, and the one for threads."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Callable, Optional, Union

from . import _credentials, _fork, _kinds, _settings, _ucwa
from ._callbacks import Dispatcher, ErrorHook, Subscription, Table
from ._conversation import Conversation
from ._errors import ClosedError, Error, ForkedError, NotFoundError
from ._events import Events
from ._invitation import Invitation
from ._kinds import Kind
from ._operation import run
from ._wait import Deadline

CLOSE_WITHIN = 10.0


class AnySession:
    """What needs no waiting. See `Session`."""

    def __init__(self, engine: _ucwa.Session, who: str) -> None:
        self._engine = engine
        self._born = _fork.generation
        self._who = who

    @property
    def state(self) -> str:
        """"New", "Discovering", "Authenticating", "Online", "Recovering", "Closing", "Closed" or "Failed"."""
        return self._engine.state

    @property
    def failure(self) -> Optional[Error]:
        """Why the session failed; None when it has not."""
        return self._engine.failure

    def supply_password(self, request_id: int, user: str, password: str) -> None:
        """Answers a `CredentialsNeededEvent` with a user name and a password."""
        self._engine.supply_password(request_id, user, password)

    def supply_token(self, request_id: int, token: str, expires_in: Optional[float] = None) -> None:
        """Answers a `CredentialsNeededEvent` with a bearer token; `expires_in` is in seconds."""
        self._engine.supply_token(request_id, token, expires_in)

    def refuse_credentials(self, request_id: int, reason: str = "") -> None:
        """Answers a `CredentialsNeededEvent` with no: what needed the credentials fails."""
        self._engine.refuse_credentials(request_id, reason)

    def on_event(self, callback: Callable[[Any], object], kinds: Optional[Iterable[Kind]] = None) -> Subscription:
        """Calls `callback(event)` for each event from now on."""
        raise NotImplementedError

    def on_invitation(self, callback: Callable[[_ucwa.InvitationEvent], object]) -> Subscription:
        """As `on_event`, for invitations."""
        return self.on_event(callback, [_ucwa.InvitationEvent])

    def on_participant(
        self, callback: Callable[[Union[_ucwa.ParticipantEvent, _ucwa.OverflowEvent]], object]
    ) -> Subscription:
        """As `on_event`, for changes of rosters.

        Given an `OverflowEvent` when changes were dropped because the callbacks were slow: take the roster anew.
        """
        return self.on_event(callback, [_ucwa.ParticipantEvent])

    def on_conversation(self, callback: Callable[[_ucwa.ConversationEvent], object]) -> Subscription:
        """As `on_event`, for conversations."""
        return self.on_event(callback, [_ucwa.ConversationEvent])

    def on_state(self, callback: Callable[[_ucwa.StateEvent], object]) -> Subscription:
        """As `on_event`, for the states of the session."""
        return self.on_event(callback, [_ucwa.StateEvent])

    def __repr__(self) -> str:
        state = "of another process"
        with contextlib.suppress(Error):
            state = self.state
        return f"<{type(self).__module__}.Session of {self._who}: {state}>"

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        engine = getattr(self, "_engine", None)
        # When the interpreter ends, _exit has signed it out, and half of what is needed here is gone.
        if engine is None or is_finalizing() or self._born != _fork.generation:
            return
        was = repr(self) if engine.state not in ("New", "Closing", "Closed") else None
        # Also one that is new: it may have a thread that waits for its events.
        engine.close()
        self._outlive()
        if was is not None:
            warnings.warn(f"{was} was not closed; it is signed out now", ResourceWarning, source=self, stacklevel=2)

    def _outlive(self) -> None:
        """It is being collected and was closed: its callbacks are told the end."""


class Session(AnySession):
    """One signed-in user, as one application.

    Made from `user` (a SIP address; autodiscovery begins at its domain), `domain` (autodiscovery without naming a user) or
    `root_url`. Nothing is sent before `open`, which `with` does:

        with ucwa.Session("sip:lene@contoso.com", password="...") as session: ...

    `password` belongs to `username`, which is the user's address when left out. Instead of it, `credentials` is a function
    that is given a `CredentialsNeededEvent` and gives a `Password`, a `Token`, `(user, password)` or None; it runs on a
    thread of its own and may take its time. `ca_file` are files of certificates (PEM) to trust besides those of the system.
    `allow_http` allows plain http to this computer, for tests. `proxy` is a URL, "" for none, None for what the system says.
    `settings` are the keys of docs/CONFIG.md. `on_error(exception, function, event)` is told of exceptions out of functions
    given to `on_event` and its sisters, in place of `sys.unraisablehook`.

    Every method may be called from any thread, also inside a callback. Methods that wait take a `timeout` in seconds; what
    a thread stops waiting for, by its time limit or by Ctrl-C, is cancelled. A session is closed by `close` or by the end of
    its `with`; one that is garbage-collected, or open when the interpreter ends, is signed out in the background.
    """

    def __init__(
        self,
        user: Optional[str] = None,
        *,
        domain: Optional[str] = None,
        root_url: Optional[str] = None,
        username: Optional[str] = None,
        password: Optional[str] = None,
        credentials: Optional[Callable[[_ucwa.CredentialsNeededEvent], _credentials.Answer]] = None,
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
        self._callbacks = Dispatcher(Table(engine, on_error), "ucwa-callbacks")
        self._questions = Dispatcher(Table(engine, on_error), "ucwa-credentials")
        if credentials is not None:
            self._questions.add(_answering(engine, credentials), _kinds.words("credentials_needed"))

    def open(self, timeout: Optional[float] = None) -> Session:
        """Signs in; returns the session once it is online. A session is opened once.

        Raises `CredentialsError`, `NetworkError`, `TlsError`, `DiscoveryError`, ...: why it failed.
        """
        run(self._engine, self._engine.open, timeout, "open the session")
        return self

    def close(self, timeout: float = CLOSE_WITHIN) -> None:
        """Signs out and returns when the callbacks were told the end, after `timeout` seconds at the latest.

        Inside a callback it does not wait for that callback. Twice is once; in the child of a fork it does nothing.
        """
        deadline = Deadline(timeout)
        with contextlib.suppress(ForkedError):
            operation = self._engine.close()
            with contextlib.suppress(Error):
                run(self._engine, lambda: operation, deadline.left(), "close the session")
            # Not for `credentials`: it may wait for a person, and nobody asks any more.
            self._callbacks.join(deadline.left())

    def _outlive(self) -> None:
        for callbacks in (getattr(self, "_callbacks", None), getattr(self, "_questions", None)):
            if callbacks is not None:
                callbacks.outlive()

    def __enter__(self) -> Session:
        try:
            return self.open()
        except BaseException:
            self.close()
            raise

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def on_event(self, callback: Callable[[Any], object], kinds: Optional[Iterable[Kind]] = None) -> Subscription:
        """Calls `callback(event)` for each event from now on; the result's `cancel` ends it.

        `kinds` are event classes or words of docs/EVENTS.md. None means all but questions for credentials, which who
        takes them has to answer. All callbacks of a session run on one thread, one at a time, in the order of the events;
        one may call any method of the session. An exception out of it is logged and reported, and the session goes on.
        """
        return self._callbacks.add(callback, _kinds.words(kinds))

    def events(
        self, kinds: Optional[Iterable[Kind]] = None, *, timeout: Optional[float] = None, capacity: int = 0
    ) -> Events:
        """The events from this call on, to iterate over: to the end of the session, or for `timeout` seconds.

        `kinds` as in `on_event`. `capacity` is how many events are kept before what docs/EVENTS.md says of slow readers
        holds (0: 4096).
        """
        return Events(self, self._engine, _kinds.mask(_kinds.words(kinds)), capacity, timeout)

    def __iter__(self) -> Events:
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

    def make_available(
        self,
        modalities: Iterable[str] = ("Messaging",),
        *,
        sign_in_as: Optional[str] = None,
        phone_number: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Lets others invite the user, by "Messaging" and "PhoneAudio"; starting and joining meetings do not need it.

        `sign_in_as` is how others see him: "Online", "Busy", "DoNotDisturb", "BeRightBack", "Away" or "Offwork".
        """
        begin = lambda: self._engine.make_available(list(modalities), sign_in_as, phone_number)
        run(self._engine, begin, timeout, "make the user available")

    def start_conversation(
        self,
        to: str,
        *,
        subject: Optional[str] = None,
        importance: Optional[str] = None,
        message: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Conversation:
        """Calls somebody by instant messaging and returns when the call was accepted.

        A call that is declined or not answered raises `ServerError`. `add_participant` makes a meeting of the conversation.
        """
        begin = lambda: self._engine.start_conversation(to, subject, importance, message)
        return self.conversation(run(self._engine, begin, timeout, f"call {to}"))

    def start_meeting(
        self, subject: Optional[str] = None, *, importance: Optional[str] = None, timeout: Optional[float] = None
    ) -> Conversation:
        """Starts an online meeting of one's own and returns when the user is in it.

        `subject` has at most 250 characters; `importance` is "Normal", "Urgent" or "Emergency".
        """
        begin = lambda: self._engine.start_meeting(subject, importance)
        return self.conversation(run(self._engine, begin, timeout, "start a meeting"))

    def join_meeting(
        self,
        uri: str,
        *,
        subject: Optional[str] = None,
        importance: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Conversation:
        """Joins an online meeting by its conference URI (`Meeting.uri`) and returns when the user is in it.

        Waiting in the lobby counts as not yet.
        """
        begin = lambda: self._engine.join_meeting(uri, subject, importance)
        return self.conversation(run(self._engine, begin, timeout, "join a meeting"))


def _answering(
    engine: _ucwa.Session, credentials: Callable[[_ucwa.CredentialsNeededEvent], _credentials.Answer]
) -> Callable[[_ucwa.CredentialsNeededEvent], None]:
    def answer(question: _ucwa.CredentialsNeededEvent) -> None:
        try:
            given = credentials(question)
        except BaseException as error:
            with contextlib.suppress(Error):
                _credentials.refuse(engine, question, error)
            raise
        with contextlib.suppress(ClosedError, NotFoundError):  # too late: nobody asks any more
            _credentials.answer(engine, question, given)

    return answer
