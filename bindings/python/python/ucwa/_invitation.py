"""An invitation as it is now: what both kinds of sessions share, and how a thread waits for it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Optional

from . import _kinds, _ucwa
from ._errors import ClosedError, Error, ForkedError, NotFoundError
from ._operation import drain, run
from ._wait import wait

if TYPE_CHECKING:
    from ._conversation import Conversation
    from ._session import Session

ENDS = _kinds.mask(["invitation"])


class AnyInvitation:
    """One invitation, looked up in the session whenever it is asked; as last seen when the session no longer knows it."""

    def __init__(self, engine: _ucwa.Session, id: int) -> None:
        self._engine = engine
        self._id = id
        self._seen: _ucwa.InvitationEvent = engine.invitation(id)

    def _now(self) -> _ucwa.InvitationEvent:
        # The session knows the last thousand that ended; what has ended does not change.
        if self._seen.outcome is None:
            with contextlib.suppress(NotFoundError):
                self._seen = self._engine.invitation(self._id)
        return self._seen

    def _look(self, reader: _ucwa.Reader) -> Optional[str]:
        """The outcome, if there is one, for who waits by this reader."""
        is_over = False
        try:
            drain(reader)
        except ForkedError:
            raise
        except ClosedError:
            is_over = True
        self._seen = self._engine.invitation(self._id)
        if is_over and self._seen.outcome is None:
            raise ClosedError(f"wait for invitation {self._id}: the session is over")
        return self._seen.outcome

    @property
    def id(self) -> int:
        """Its number, as in events."""
        return self._id

    @property
    def kind(self) -> str:
        """"participantInvitation" (made by addParticipant), "onlineMeetingInvitation", "messagingInvitation", ..."""
        return self._seen.kind

    @property
    def direction(self) -> str:
        """"Incoming" or "Outgoing"."""
        return self._now().direction

    @property
    def to(self) -> str:
        """Who is invited."""
        return self._now().to

    @property
    def from_uri(self) -> str:
        """Who invites; "" when unknown."""
        return self._now().from_uri

    @property
    def subject(self) -> str:
        """Subject of the conversation; "" when there is none."""
        return self._now().subject

    @property
    def operation_id(self) -> str:
        """Ties the request to its events."""
        return self._now().operation_id

    @property
    def state(self) -> Optional[str]:
        """The server's own state: "Connecting", "Alerting", "Connected", "Failed", ...; None before its first event."""
        return self._now().state

    @property
    def outcome(self) -> Optional[str]:
        """How it ended: "accepted", "declined", "busy", "no_answer", "unreachable", "cancelled", "failed" or "lost".

        None while it is under way; set exactly once.
        """
        return self._now().outcome

    @property
    def reason(self) -> Optional[_ucwa.Reason]:
        """Why, in the server's own words; None when it gave none."""
        return self._now().reason

    @property
    def accepted_by(self) -> tuple[int, ...]:
        """Ids of the participants who took it."""
        return self._now().accepted_by

    @property
    def event(self) -> _ucwa.InvitationEvent:
        """All that is known of it now."""
        return self._now()

    def __repr__(self) -> str:
        now = self._seen
        with contextlib.suppress(Error):
            now = self._now()
        return f"<ucwa.{type(self).__name__} {self._id} of {now.to}: {now.outcome or now.state or 'begun'}>"


class Invitation(AnyInvitation):
    """One invitation as it is now."""

    def __init__(self, session: Session, engine: _ucwa.Session, id: int) -> None:
        super().__init__(engine, id)
        self._session = session  # keeps it from being collected, and so from being closed

    def wait(self, timeout: Optional[float] = None) -> str:
        """Waits for the outcome and gives it.

        Raises `TimeoutError` when there is none within `timeout` seconds; the invitation goes on. Raises `NotFoundError` when
        the session has forgotten how it ended (it knows the last thousand).
        """
        if self._seen.outcome is not None:
            return self._seen.outcome
        reader = _ucwa.Reader(self._engine, ENDS)
        try:
            return wait(reader, lambda: self._look(reader), timeout, f"wait for invitation {self._id}")
        finally:
            with contextlib.suppress(Error):
                reader.close()

    def accept(self, timeout: Optional[float] = None) -> Conversation:
        """Takes an incoming invitation and returns when the user is in the conversation.

        Raises `NotAllowedError` when the server offers no way to accept it: calls by audio, video or phone are answered by
        a device that can.
        """
        begin = lambda: self._engine.accept_invitation(self._id)
        return self._session.conversation(run(self._engine, begin, timeout, "accept an invitation"))

    def decline(self, reason: str = "Local", timeout: Optional[float] = None) -> None:
        """Refuses an incoming invitation: "Local", on this device; "Global", on all of the user's."""
        begin = lambda: self._engine.decline_invitation(self._id, reason)
        run(self._engine, begin, timeout, "decline an invitation")

    def cancel(self, timeout: Optional[float] = None) -> None:
        """Takes it back. It then ends as "cancelled", unless the other side was faster.

        Raises `NotAllowedError` when the server offers no way to cancel it now.
        """
        run(self._engine, lambda: self._engine.cancel_invitation(self._id), timeout, "cancel an invitation")
