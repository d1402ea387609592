from __future__ import annotations

import asyncio
import threading

import pytest

import ucwa
import ucwa.aio
from conftest import PASSWORD, USER

ANA = "sip:ana@contoso.com"


@pytest.fixture
def new_session(sim):
    def make(**changed):
        return ucwa.aio.Session(USER, **{"password": PASSWORD, **sim.connection, **changed})

    return make


async def within(awaitable, seconds=30):
    return await asyncio.wait_for(awaitable, seconds)


async def story(session):
    async with session:
        events = session.events()
        meeting = await within(session.start_meeting("Planning"))
        invitation = await within(meeting.add_participant(ANA))
        assert await within(invitation.wait()) == "accepted"
        assert [person.name for person in meeting.roster] == ["Lene Aaling", "Ana Perez"]
    return [event async for event in events]


def test_a_story(new_session):
    events = asyncio.run(story(new_session()))
    assert isinstance(events[-1], ucwa.StateEvent) and events[-1].new == "Closed"


def test_cancelling_the_task_cancels_the_operation(sim, new_session):
    sim.fault(method="POST", path="/participantInvitations", count=1, does={"delay": {"ms": 60_000}})

    async def main():
        async with new_session() as session:
            meeting = await within(session.start_meeting())
            done = session.events(["operation_done"])
            task = asyncio.create_task(meeting.add_participant(ANA))
            while not any("participantInvitations" in request["target"] for request in sim.requests()):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            event = await within(done.get())
            assert isinstance(event.error, ucwa.CancelledError)

    asyncio.run(main())


def test_other_tasks_go_on(new_session):
    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await story(new_session())
        ticking.cancel()
        return ticks

    assert asyncio.run(main()) > 10


def test_several_sessions_and_loops(new_session):
    async def both():
        return await asyncio.gather(story(new_session()), story(new_session()))

    results = []
    threads = [threading.Thread(target=lambda: results.append(asyncio.run(both()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == 2


@pytest.mark.parametrize("asynchronous", [False, True])
def test_credentials(new_session, asynchronous):
    async def slowly(question):
        await asyncio.sleep(0)
        return USER[4:], PASSWORD

    def at_once(question):
        return ucwa.Password(USER[4:], PASSWORD)

    async def main():
        async with new_session(password=None, credentials=slowly if asynchronous else at_once) as session:
            assert session.state == "Online"

    asyncio.run(main())


def test_callbacks_run_in_the_loop(new_session):
    seen = []

    async def main():
        session = new_session()
        session.on_participant(lambda event: seen.append((threading.get_ident(), event.phase)))
        with pytest.raises(TypeError):
            session.on_event(story)
        await story(session)

    asyncio.run(main())
    assert seen and {thread for thread, _ in seen} == {threading.get_ident()}
