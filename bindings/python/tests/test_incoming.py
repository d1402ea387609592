"""Two users of this library meet each other through the simulator."""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import subprocess

import pytest

import ucwa
import ucwa.aio
from conftest import PASSWORD, ROOT, USER, Simulator

MARK = "sip:mark@contoso.com"
STORY = {
    "users": [
        {"uri": USER, "name": "Lene Aaling", "password": PASSWORD},
        {"uri": MARK, "name": "Mark Lund", "password": PASSWORD},
    ]
}


@pytest.fixture
def sim(tmp_path):
    script = tmp_path / "story.json"
    script.write_text(json.dumps(STORY))
    simulator = Simulator("--script", str(script))
    yield simulator
    simulator.stop()


@pytest.fixture
def mark(sim, new_session):
    """Online and reachable, beside lene."""
    session = new_session(user=MARK).open(timeout=30)
    session.make_available(timeout=30)
    return session


def rings(events):
    while True:
        event = events.get(timeout=30)
        if event.direction == "Incoming" and "accept" in event.can:
            return event


def test_an_invitation_is_accepted(session, mark):
    events = mark.events(["invitation"])
    meeting = session.start_meeting("Planning", timeout=30)
    sent = meeting.add_participant(MARK)
    ringing = rings(events)
    assert (ringing.kind, ringing.from_uri, ringing.subject) == ("onlineMeetingInvitation", USER, "Planning")
    assert ringing.meeting_uri == meeting.meeting.uri
    joined = mark.invitation(ringing.id).accept(timeout=30)
    assert sent.wait(30) == "accepted"
    assert joined.meeting.uri == meeting.meeting.uri
    assert mark.invitation(ringing.id).outcome == "accepted"


@pytest.mark.parametrize("reason", ["Local", "Global"])
def test_an_invitation_is_declined(session, mark, reason):
    events = mark.events(["invitation"])
    sent = session.start_meeting(timeout=30).add_participant(MARK)
    received = mark.invitation(rings(events).id)
    with pytest.raises(ucwa.InvalidArgumentError):
        received.decline("Never")
    received.decline(reason, timeout=30)
    assert sent.wait(30) == "declined"
    assert received.wait(30) == "declined"


def test_a_call_by_messaging(session, mark):
    events = mark.events(["invitation"])
    mark.on_invitation(
        lambda event: "accept" in event.can and mark.invitation(event.id).accept(timeout=30) and None
    )
    conversation = session.start_conversation(MARK, subject="A word", message="Have a minute?", timeout=30)
    ringing = rings(events)
    assert (ringing.kind, ringing.message) == ("messagingInvitation", "Have a minute?")
    assert conversation.state == "Connected"


def test_asyncio(sim):
    def made(user):
        return ucwa.aio.Session(user, password=PASSWORD, **sim.connection)

    async def main():
        async with made(USER) as lene, made(MARK) as mark:
            await mark.make_available()
            events = mark.events(["invitation"])
            meeting = await lene.start_meeting()
            sent = await meeting.add_participant(MARK)
            async for event in events:
                if "accept" in event.can:
                    await mark.invitation(event.id).accept()
                    break
            return await sent.wait()

    assert asyncio.run(asyncio.wait_for(main(), 60)) == "accepted"


def test_a_program_in_c_invites_one_in_python(sim, mark, tmp_path):
    """The front desk of examples/c, as it is."""
    built = pathlib.Path(os.environ.get("UCWA_SIM", ROOT / "target/debug/ucwa-sim")).parent / "native/front_desk"
    report = tmp_path / "report.json"
    arguments = ["--root-url", sim.root_url, "--username", USER[4:], "--password-env", "PW", "--ca", sim.ca]
    events = mark.events(["invitation"])
    desk = subprocess.Popen(
        [built, *arguments, "--subject", "Planning", "--invite", MARK, "--report", report],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PW": PASSWORD, "NO_PROXY": "*"},
    )
    try:
        joined = mark.invitation(rings(events).id).accept(timeout=30)
        people = mark.events(["participant"])
        while USER not in [person.uri for person in joined.roster]:
            people.get(timeout=30)
        assert joined.subject == "Planning"
    finally:
        printed, _ = desk.communicate(timeout=60)  # its input ends, so it leaves
    assert desk.returncode == 0, printed
    said = json.loads(report.read_text())
    assert [(one["to"], one["outcome"]) for one in said["invitations"]] == [(MARK, "accepted")]
    assert {person["uri"] for person in said["roster"]} == {USER, MARK}
