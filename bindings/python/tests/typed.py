"""What type checkers are told. Checked by test_types.py; never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Optional, Union

from typing_extensions import assert_type

import ucwa
import ucwa.aio


def sessions(question: ucwa.CredentialsNeededEvent) -> None:
    with ucwa.Session("sip:a@b", password="x", settings={"event.attempts": 3, "allow_http": True}) as session:
        assert_type(session, ucwa.Session)
        assert_type(session.state, str)
        assert_type(session.failure, Optional[ucwa.Error])
        assert_type(session.open(timeout=3), ucwa.Session)
        meeting = session.start_meeting("a", importance="Urgent", timeout=1.5)
        assert_type(meeting, ucwa.Conversation)
        assert_type(session.conversations, tuple[ucwa.Conversation, ...])
        invitation = meeting.add_participant("sip:b@b", modalities=["Messaging"])
        assert_type(invitation, ucwa.Invitation)
        assert_type(invitation.wait(), str)
        assert_type(invitation.outcome, Optional[str])
        assert_type(invitation.reason, Optional[ucwa.Reason])
        assert_type(invitation.accepted_by, tuple[int, ...])
        assert_type(meeting.roster, ucwa.Roster)
        assert_type(meeting.roster[0], ucwa.Participant)
        assert_type(meeting.roster[1:], tuple[ucwa.Participant, ...])
        assert_type([person.name for person in meeting.roster], list[str])
        people: Sequence[ucwa.Participant] = meeting.roster
        meeting.eject(people[0])
        meeting.eject(3, timeout=1)
        assert_type(meeting.meeting, Optional[ucwa.Meeting])
        assert_type(session.events(["participant", ucwa.InvitationEvent], timeout=2), ucwa.Events)
        assert_type(session.events().get(3), ucwa.Event)
    ucwa.Session(domain="b", credentials=lambda asked: ucwa.Token("t", 30.0))
    ucwa.Session(domain="b", credentials=lambda asked: ("u", "p"))
    ucwa.Session(domain="b", credentials=lambda asked: None)
    ucwa.Session(domain="b", credentials=lambda asked: 3)  # type: ignore[arg-type, return-value]
    ucwa.Session(17)  # type: ignore[arg-type]
    assert_type(question.kind, Literal["bearer", "password"])


def told(session: ucwa.Session) -> None:
    def invited(event: ucwa.InvitationEvent) -> None:
        assert_type(event.outcome, Optional[str])

    def joined(event: Union[ucwa.ParticipantEvent, ucwa.OverflowEvent]) -> None:
        if isinstance(event, ucwa.OverflowEvent):
            assert_type(event.revision, int)
        else:
            assert_type(event.participant.in_lobby, bool)

    def anything(event: ucwa.Event) -> None:
        assert_type(event.to_json(), str)

    with session.on_invitation(invited) as subscription:
        assert_type(subscription, ucwa.Subscription)
        assert_type(subscription.active, bool)
    session.on_participant(joined)
    session.on_participant(invited)  # type: ignore[arg-type]
    session.on_event(anything, [ucwa.StateEvent])
    for event in session:
        assert_type(event, ucwa.Event)
        if isinstance(event, ucwa.StateEvent):
            assert_type(event.reason, Optional[ucwa.Error])
            assert_type(event.retry_in, Optional[float])


async def awaited(session: ucwa.aio.Session) -> None:
    async with session as entered:
        assert_type(entered, ucwa.aio.Session)
        meeting = await session.start_meeting("a")
        assert_type(meeting, ucwa.aio.Conversation)
        invitation = await meeting.add_participant("sip:b@b")
        assert_type(invitation, ucwa.aio.Invitation)
        assert_type(await invitation.wait(), str)
        async for event in session.events([ucwa.ParticipantEvent]):
            assert_type(event, ucwa.Event)


def failed(error: ucwa.Error) -> None:
    assert_type(error.http_status, Optional[int])
    assert_type(error.retry_after, Optional[float])
    assert_type(error.parameters, tuple[tuple[str, str], ...])
    if isinstance(error, ucwa.TimeoutError):
        as_builtin: TimeoutError = error
        raise as_builtin
