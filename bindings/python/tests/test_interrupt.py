"""Ctrl-C, wherever a program waits: it comes at once, what was waited for is cancelled, and the program can go on."""

from __future__ import annotations

import textwrap
import time

import pytest

from programs import Program

LONG = {"delay": {"ms": 600_000}}
MEETING, INVITATION = "/onlineMeetingInvitations", "/participantInvitations"


def leave_unanswered(sim, unanswered):
    """A request that what waits waits for, if any."""
    if unanswered is not None:
        method, path = unanswered
        sim.fault(method=method, path=path, count=1, does=LONG)
    if unanswered == ("POST", MEETING):
        # Starting a meeting ends with its events, answered or not: so they come late.
        sim.control("POST", "switches", {"connect_ms": 600_000})


def until_asked(sim, unanswered):
    """The request has come; the next one of the kind is answered, and at once."""
    if unanswered is None:
        return
    method, path = unanswered
    while not any(request["method"] == method and path in request["target"] for request in sim.requests()):
        time.sleep(0.01)
    sim.control("POST", "switches", {"connect_ms": 20})


# name, a request that is not answered and how it is recognised, before, what waits, after
WAITS = {
    "open": (
        ("POST", "/applications"),
        "session = new()",
        "session.open()",
        "session.close(30); assert session.state == 'Closed'; new().open(30).close()",
    ),
    "with": (("POST", "/applications"), "session = new()", "session.__enter__()", "assert session.state == 'Closed'"),
    "start_meeting": (
        ("POST", MEETING),
        "session = new().open(30)",
        "session.start_meeting()",
        "assert session.start_meeting(timeout=30).state == 'Conferenced'",
    ),
    "add_participant": (
        ("POST", INVITATION),
        "session = new().open(30); done = session.events(['operation_done']); meeting = session.start_meeting(timeout=30)",
        "meeting.add_participant(ANA)",
        """
        errors = []
        while not errors:
            errors = [event.error for event in [done.get(30)] if event.error]
        assert isinstance(errors[0], ucwa.CancelledError)
        assert meeting.add_participant(DAN, timeout=30).wait(30) == "declined"
        """,
    ),
    "Invitation.wait": (
        None,
        "session = new().open(30); invitation = session.start_meeting().add_participant(INES, timeout=30)",
        "invitation.wait()",
        "assert invitation.outcome is None; session.conversations[0].leave(30); assert invitation.wait(30)",
    ),
    "events": (
        None,
        "session = new().open(30); events = session.events(['conversation'])",
        "list(events)",
        "session.start_meeting(timeout=30); assert events.get(30).phase == 'added'",
    ),
    "events, timed": (
        None,
        "session = new().open(30); events = session.events(['conversation'], timeout=600)",
        "list(events)",
        "session.start_meeting(timeout=30); assert next(events).phase == 'added'",
    ),
    "Events.get": (
        None,
        "session = new().open(30); events = session.events(['conversation'])",
        "events.get()",
        "session.start_meeting(timeout=30); assert events.get(30).phase == 'added'",
    ),
    "Events.get, timed": (
        None,
        "session = new().open(30); events = session.events(['conversation'])",
        "events.get(600)",
        "session.start_meeting(timeout=30); assert events.get(30).phase == 'added'",
    ),
    "Subscription.cancel": (
        None,
        """
        session, runs, go_on = new().open(30), threading.Event(), threading.Event()
        subscription = session.on_conversation(lambda event: (runs.set(), go_on.wait()))
        session.start_meeting(timeout=30)
        runs.wait()
        """,
        "subscription.cancel()",
        "assert not subscription.active; go_on.set(); subscription.cancel()",
    ),
    "close": (
        ("DELETE", "/applications"),
        "session = new(settings={'close.timeout_s': 600}).open(30)",
        "session.close(600)",
        "assert session.state == 'Closing'; new().open(30).close()",
    ),
    "close, for a callback": (
        None,
        """
        session, go_on = new().open(30), threading.Event()
        session.on_state(lambda event: go_on.wait())
        """,
        "session.close(600)",
        "go_on.set(); session.close()",
    ),
}


@pytest.mark.parametrize("name", WAITS)
def test_in_the_main_thread(sim, name):
    unanswered, before, waits, after = WAITS[name]
    leave_unanswered(sim, unanswered)
    source = "\n".join(
        [
            textwrap.dedent(before),
            "try:",
            "    say('waits')",
            f"    {waits}",
            "except KeyboardInterrupt:",
            "    say('interrupted')",
            textwrap.dedent(after),
            "session.close(1)",
        ]
    )
    program = Program(source, sim.connection)
    program.until("waits")
    until_asked(sim, unanswered)
    program.interrupt()
    assert program.end_well() == ["interrupted"]


def test_other_threads_are_left_in_peace(sim):
    program = Program(
        """
session = new().open(30)
meeting = session.start_meeting()
invitation = meeting.add_participant(INES, timeout=30)
ends = []
# Here, not on the thread, which may come to run when the session is over.
states = session.events(["state"])
threads = [
    threading.Thread(target=lambda: ends.append(list(states)[-1].new)),
    threading.Thread(target=lambda: ends.append(session.invitation(invitation.id).wait() is not None)),
    threading.Thread(target=lambda: ends.append(session.on_state(lambda event: None).active)),
]
for thread in threads:
    thread.start()
try:
    say("waits")
    while True:
        # Python may miss a signal that comes just before a join without an end.
        threads[0].join(1)
except KeyboardInterrupt:
    say("interrupted")
assert threads[1].is_alive()
meeting.leave(30)
threads[1].join()
session.close()
threads[0].join()
threads[2].join()
say(sorted(map(str, ends)))
""",
        sim.connection,
    )
    program.until("waits")
    program.interrupt()
    assert program.end_well() == ["interrupted", "['Closed', 'True', 'True']"]


def test_credentials_that_never_come_do_not_hold_it_up(sim):
    program = Program(
        """
def credentials(question):
    say("asked")
    threading.Event().wait()

session = new(password=None, credentials=credentials)
try:
    session.open()
except KeyboardInterrupt:
    say("interrupted")
session.close(timeout=1e6)
say(session.state)
""",
        sim.connection,
    )
    program.until("asked")
    program.interrupt()
    assert program.end_well() == ["interrupted", "Closed"]


AWAITS = {
    "open": (("POST", "/applications"), "session = anew()", "await session.open()"),
    "start_meeting": (("POST", MEETING), "session = await anew().open()", "await session.start_meeting()"),
    "Invitation.wait": (
        None,
        "session = await anew().open(); invitation = await (await session.start_meeting()).add_participant(INES)",
        "await invitation.wait()",
    ),
    "events": (None, "session = await anew().open()", "[event async for event in session.events()]"),
    "close": (
        ("DELETE", "/applications"),
        "session = await anew(settings={'close.timeout_s': 600}).open()",
        "await session.close()",
    ),
    "a callback": (
        None,
        """
    session = anew()
    session.on_conversation(interrupted_inside)
    await session.open()""",
        "await session.start_meeting()",
    ),
}


@pytest.mark.parametrize("name", AWAITS)
def test_under_asyncio_run(sim, name):
    unanswered, before, waits = AWAITS[name]
    leave_unanswered(sim, unanswered)
    program = Program(
        f"""
def interrupted_inside(event):
    raise KeyboardInterrupt

async def main():
    global session
    {before}
    say("waits")
    {waits}

try:
    asyncio.run(main())
except KeyboardInterrupt:
    say("interrupted")

async def again():
    async with anew() as other:
        say((await other.start_meeting()).state)

asyncio.run(again())
""",
        sim.connection,
        options=("-W", "ignore::ResourceWarning"),
    )
    program.until("waits")
    until_asked(sim, unanswered)
    if name != "a callback":
        program.interrupt()
    assert program.end_well() == ["interrupted", "Conferenced"]
