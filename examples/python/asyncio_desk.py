"""The same desk beside other tasks of an asyncio program: two invitations at once, the room watched meanwhile.

python asyncio_desk.py sip:lene@contoso.com PASSWORD_VARIABLE sip:ana@contoso.com sip:bo@contoso.com
"""

from __future__ import annotations

import asyncio
import os
import sys

import ucwa
import ucwa.aio


async def watch_room(events: ucwa.aio.Events) -> None:
    async for event in events:
        match event:
            case ucwa.ParticipantEvent(phase, person):
                print(f"{phase:8} {person.name}")
            case ucwa.OverflowEvent():
                print("changes were dropped: look at the roster")


async def invite(meeting: ucwa.aio.Conversation, address: str) -> str:
    try:
        invitation = await meeting.add_participant(address)
        return f"{address}: {await asyncio.wait_for(invitation.wait(), timeout=60)}"
    except ucwa.Error as error:
        return f"{address}: {error}"
    except asyncio.TimeoutError:
        return f"{address}: still ringing"


async def main(user: str, variable: str, *addresses: str) -> None:
    settings = dict(pair.split("=", 1) for pair in os.environ.get("UCWA_SETTINGS", "").split())
    ca_file = os.environ.get("UCWA_CA") or None
    async with ucwa.aio.Session(user, password=os.environ[variable], ca_file=ca_file, settings=settings) as session:
        watching = asyncio.create_task(watch_room(session.events(["participant"])))
        meeting = await session.start_meeting("Planning")
        for line in await asyncio.gather(*(invite(meeting, address) for address in addresses)):
            print(line)
        await meeting.leave()
    await watching


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
