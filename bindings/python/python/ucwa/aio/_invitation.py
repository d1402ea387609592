from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .. import _ucwa
from .._errors import Error
from .._invitation import ENDS, AnyInvitation
from ._wait import readable, run

if TYPE_CHECKING:
    from ._conversation import Conversation
    from ._session import Session


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
                await readable(reader)
            return outcome
        finally:
            with contextlib.suppress(Error):
                reader.close()

    async def accept(self) -> Conversation:
        """Takes an incoming invitation; done when the user is in the conversation."""
        return self._session.conversation(await run(self._engine, lambda: self._engine.accept_invitation(self._id)))

    async def decline(self, reason: str = "Local") -> None:
        """Refuses an incoming invitation: "Local", on this device; "Global", on all of the user's."""
        await run(self._engine, lambda: self._engine.decline_invitation(self._id, reason))

    async def cancel(self) -> None:
        """Takes it back. It then ends as "cancelled", unless the other side was faster."""
        await run(self._engine, lambda: self._engine.cancel_invitation(self._id))
