"""Meetings, invitations and rosters of Skype for Business Server, over its HTTP API UCWA.

Sign in, start a meeting, invite people, follow each invitation to its one outcome, know who is in the room:

    import ucwa

    with ucwa.Session("sip:lene@contoso.com", password="...") as session:
        session.on_participant(lambda event: print(event.phase, event.participant.name))
        meeting = session.start_meeting("Planning")
        invitation = meeting.add_participant("sip:bo@contoso.com")
        print(invitation.to, invitation.wait(timeout=60))
        print([person.name for person in meeting.roster])

The engine works on threads of its own, which never run Python code. Calls that wait can be interrupted by Ctrl-C and take
a `timeout` in seconds. Events are told to functions (`Session.on_event` and its sisters), which run one at a time on one
thread for each session, or are iterated over (`Session.events`). `ucwa.aio` has the same for asyncio. All errors are
`ucwa.Error`. Log records go to the logger "ucwa".

`python -m ucwa watch` and `python -m ucwa doctor` are for the command line.
"""

from __future__ import annotations

from collections.abc import Sequence as _Sequence

from ._conversation import Conversation
from ._credentials import Password, Token
from ._errors import (
    CancelledError,
    ClosedError,
    CredentialsError,
    DiscoveryError,
    Error,
    ForkedError,
    InternalError,
    InvalidArgumentError,
    NetworkError,
    NotAllowedError,
    NotFoundError,
    ProtocolError,
    ServerError,
    ThrottledError,
    TimeoutError,
    TlsError,
    UnsupportedError,
    WrongStateError,
)
from ._callbacks import Subscription
from ._events import Events
from ._invitation import Invitation
from ._session import Session
from ._ucwa import (
    ConversationEvent,
    CredentialsNeededEvent,
    Event,
    InvitationEvent,
    Media,
    Meeting,
    OperationDoneEvent,
    OverflowEvent,
    Participant,
    ParticipantEvent,
    Reason,
    Roster,
    StateEvent,
    __version__,
)

__all__ = [
    "CancelledError",
    "ClosedError",
    "Conversation",
    "ConversationEvent",
    "CredentialsError",
    "CredentialsNeededEvent",
    "DiscoveryError",
    "Error",
    "Event",
    "Events",
    "ForkedError",
    "InternalError",
    "InvalidArgumentError",
    "Invitation",
    "InvitationEvent",
    "Media",
    "Meeting",
    "NetworkError",
    "NotAllowedError",
    "NotFoundError",
    "OperationDoneEvent",
    "OverflowEvent",
    "Participant",
    "ParticipantEvent",
    "Password",
    "ProtocolError",
    "Reason",
    "Roster",
    "ServerError",
    "Session",
    "StateEvent",
    "Subscription",
    "ThrottledError",
    "TimeoutError",
    "TlsError",
    "Token",
    "UnsupportedError",
    "WrongStateError",
    "__version__",
]

_Sequence.register(Roster)

# Shown under the name that programs use.
for _class in (Conversation, Events, Invitation, Password, Session, Subscription, Token):
    _class.__module__ = __name__
del _class
