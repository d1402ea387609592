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

from ._conversation import Conversation
from ._events import Events
from ._invitation import Invitation
from ._session import Session

__all__ = ["Conversation", "Events", "Invitation", "Session"]

# Shown under the name that programs use.
for _class in (Conversation, Events, Invitation, Session):
    _class.__module__ = __name__
del _class
