"""A conversation as it is now: what both kinds of sessions share, and what a thread does in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional, Union

from . import _ucwa
from ._errors import Error, NotFoundError
from ._invitation import Invitation
from ._operation import run

if TYPE_CHECKING:
    from ._session import Session

Person = Union[_ucwa.Participant, int]


def id_of(person: Person) -> int:
    return person if isinstance(person, int) else person.id


class AnyConversation:
    """One conversation, looked up in the session whenever it is asked; as last seen once it is gone."""

    def __init__(self, engine: _ucwa.Session, id: int) -> None:
        self._engine = engine
        self._id = id
        self._seen: _ucwa.ConversationEvent = engine.conversation(id)
        self._roster_seen: _ucwa.Roster = engine.roster(id)

    def _now(self) -> _ucwa.ConversationEvent:
        with contextlib.suppress(NotFoundError):
            self._seen = self._engine.conversation(self._id)
        return self._seen

    @property
    def id(self) -> int:
        """Its number, as in events."""
        return self._id

    @property
    def state(self) -> Optional[str]:
        """The server's own state: "Connecting", "InLobby", "Conferenced", "Disconnected", ..."""
        return self._now().state

    @property
    def subject(self) -> str:
        """Subject; "" when there is none."""
        return self._now().subject

    @property
    def meeting(self) -> Optional[_ucwa.Meeting]:
        """The meeting behind it: what another person needs to join, above all. None until known."""
        return self._now().meeting

    @property
    def active_modalities(self) -> tuple[str, ...]:
        """What is going on in it: "Messaging", "Audio", ..."""
        return self._now().active_modalities

    @property
    def can_add_participant(self) -> bool:
        """Whether people can be invited now."""
        return self._now().can_add_participant

    @property
    def roster(self) -> _ucwa.Roster:
        """Who is in the room now."""
        with contextlib.suppress(NotFoundError):
            self._roster_seen = self._engine.roster(self._id)
        return self._roster_seen

    @property
    def event(self) -> _ucwa.ConversationEvent:
        """All that is known of it now."""
        return self._now()

    def __repr__(self) -> str:
        now = self._seen
        with contextlib.suppress(Error):
            now = self._now()
        return f"<ucwa.{type(self).__name__} {self._id}: {now.state}, subject {now.subject!r}>"


class Conversation(AnyConversation):
    """One conversation as it is now, and what can be done in it."""

    def __init__(self, session: Session, engine: _ucwa.Session, id: int) -> None:
        super().__init__(engine, id)
        self._session = session  # keeps it from being collected, and so from being closed

    def add_participant(
        self,
        uri: str,
        *,
        subject: Optional[str] = None,
        on_behalf_of: Optional[str] = None,
        modalities: Iterable[str] = (),
        operation_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Invitation:
        """Invites somebody into the conversation and returns when the server has taken the request.

        `uri` is a SIP address or a `tel:` number; `subject` and `on_behalf_of` (the name that the invited person is shown)
        have at most 250 characters, `operation_id` at most 50. How it goes on is told by events and by the invitation.

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
            run(self._engine, begin, timeout, f"invite {uri}")
        except Error as error:
            error.invitation = made[0].id if made else None
            raise
        return made[0]

    def leave(self, timeout: Optional[float] = None) -> None:
        """Leaves the conversation."""
        run(self._engine, lambda: self._engine.leave(self._id), timeout, "leave a conversation")

    def admit(self, person: Person, timeout: Optional[float] = None) -> None:
        """Lets somebody in from the lobby."""
        self._act("admit", person, timeout)

    def reject(self, person: Person, timeout: Optional[float] = None) -> None:
        """Refuses somebody in the lobby."""
        self._act("reject", person, timeout)

    def eject(self, person: Person, timeout: Optional[float] = None) -> None:
        """Removes somebody from the meeting."""
        self._act("eject", person, timeout)

    def promote(self, person: Person, timeout: Optional[float] = None) -> None:
        """Makes somebody a leader."""
        self._act("promote", person, timeout)

    def demote(self, person: Person, timeout: Optional[float] = None) -> None:
        """Makes somebody an attendee."""
        self._act("demote", person, timeout)

    def mute(self, person: Person, modality: str = "Audio", timeout: Optional[float] = None) -> None:
        """Mutes somebody's "Audio" or "Video"."""
        self._act(f"mute{modality}", person, timeout)

    def unmute(self, person: Person, modality: str = "Audio", timeout: Optional[float] = None) -> None:
        """Lets somebody's "Audio" or "Video" be heard or seen again."""
        self._act(f"unmute{modality}", person, timeout)

    def lock_audience_mute(self, locked: bool = True, timeout: Optional[float] = None) -> None:
        """Mutes the attendees, who cannot unmute themselves then; or lets them, which does not unmute them."""
        self._act_on_audience("enableAudienceMuteLock" if locked else "disableAudienceMuteLock", timeout)

    def allow_audience_messaging(self, allowed: bool = True, timeout: Optional[float] = None) -> None:
        """Lets all members write, or only leaders."""
        self._act_on_audience("enableAudienceMessaging" if allowed else "disableAudienceMessaging", timeout)

    def _act_on_audience(self, action: str, timeout: Optional[float]) -> None:
        begin = lambda: self._engine.act_on_audience(self._id, action)
        run(self._engine, begin, timeout, action)

    def _act(self, action: str, person: Person, timeout: Optional[float]) -> None:
        participant = id_of(person)
        begin = lambda: self._engine.act_on_participant(self._id, participant, action)
        run(self._engine, begin, timeout, f"{action} a participant")
