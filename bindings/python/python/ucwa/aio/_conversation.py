from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from .. import _ucwa
from .._conversation import AnyConversation, Person, id_of
from .._errors import Error
from ._invitation import Invitation
from ._wait import run

if TYPE_CHECKING:
    from ._session import Session


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
            await run(self._engine, begin)
        except Error as error:
            error.invitation = made[0].id if made else None
            raise
        return made[0]

    async def leave(self) -> None:
        """Leaves the conversation."""
        await run(self._engine, lambda: self._engine.leave(self._id))

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
        await run(self._engine, lambda: self._engine.act_on_audience(self._id, action))

    async def _act(self, action: str, person: Person) -> None:
        participant = id_of(person)
        await run(self._engine, lambda: self._engine.act_on_participant(self._id, participant, action))
