"""What a person who runs a meeting does with those who are in it."""

from __future__ import annotations

from typing import Any, Callable

import pytest

import ucwa

ZOE, ANA = "sip:zoe@fabrikam.com", "sip:ana@contoso.com"


@pytest.fixture
def meeting(session):
    return session.start_meeting("Planning", timeout=30)


def do(sim, meeting, action, **what):
    """Something that somebody in the meeting does."""
    sim.control("POST", f"meetings/{meeting.meeting.id}/{action}", what)


def until(meeting, events, is_so: Callable[[Any], Any]):
    """The entry in the roster, once it is so."""
    while True:
        for person in meeting.roster:
            if is_so(person):
                return person
        events.get(timeout=30)


def test_admit_promote_mute_and_eject(sim, session, meeting):
    events = session.events()
    do(sim, meeting, "arrive", uri=ZOE, name="Zoe Young")
    zoe = until(meeting, events, lambda person: person.name == "Zoe Young" and "admit" in person.can)
    assert zoe.in_lobby
    meeting.admit(zoe, timeout=30)
    until(meeting, events, lambda person: person.id == zoe.id and "promote" in person.can)
    meeting.promote(zoe, timeout=30)
    until(meeting, events, lambda person: person.id == zoe.id and "demote" in person.can)
    meeting.demote(zoe, timeout=30)
    until(meeting, events, lambda person: person.id == zoe.id and person.role == "Attendee")

    do(sim, meeting, "join_audio", uri=ZOE)
    until(meeting, events, lambda person: person.id == zoe.id and "muteAudio" in person.can)
    meeting.mute(zoe.id, timeout=30)
    muted = until(meeting, events, lambda person: person.id == zoe.id and "unmuteAudio" in person.can)
    (audio,) = [media for media in muted.media if media.modality == "Audio"]
    assert audio.muted is True and repr(audio).startswith("Media(modality='Audio'".replace("'", '"'))
    meeting.unmute(zoe, timeout=30)
    until(meeting, events, lambda person: person.id == zoe.id and "muteAudio" in person.can)

    meeting.eject(zoe, timeout=30)
    while meeting.roster.get(zoe.id) is not None:
        events.get(timeout=30)
    truth = [one for one in sim.truth()["meetings"] if one["uri"] == meeting.meeting.uri]
    assert ZOE not in [person["uri"] for person in truth[0]["roster"]]
    with pytest.raises(ucwa.NotFoundError):
        meeting.eject(zoe)


def test_somebody_is_refused_in_the_lobby(sim, session, meeting):
    events = session.events()
    do(sim, meeting, "arrive", uri=ZOE, name="Zoe Young")
    zoe = until(meeting, events, lambda person: "reject" in person.can)
    meeting.reject(zoe, timeout=30)
    while meeting.roster.get(zoe.id) is not None:
        events.get(timeout=30)


def test_the_audience(session, meeting):
    events = session.events(["conversation"])
    assert "enableAudienceMuteLock" in meeting.event.can
    meeting.lock_audience_mute(timeout=30)
    while meeting.event.audience_mute != "Enabled":
        events.get(timeout=30)
    meeting.lock_audience_mute(False, timeout=30)
    while meeting.event.audience_mute != "Disabled":
        events.get(timeout=30)
    meeting.allow_audience_messaging(False, timeout=30)
    while meeting.event.audience_messaging != "Disabled":
        events.get(timeout=30)


def test_what_the_server_does_not_offer_is_not_sent(sim, session, meeting):
    ana = meeting.add_participant(ANA)
    assert ana.wait(30) == "accepted"
    before = len(sim.requests())
    with pytest.raises(ucwa.NotAllowedError):
        meeting.eject(meeting.roster[0])
    with pytest.raises(ucwa.InvalidArgumentError):
        meeting.mute(meeting.roster[0], "Presence")
    assert not [request for request in sim.requests()[before:] if request["method"] == "POST"]
