"""One tree of exceptions, and a situation for each."""

from __future__ import annotations

import builtins
import copy
import inspect
import pickle
import socket

import pytest

import ucwa
from conftest import PASSWORD, USER

ANA, INES = "sip:ana@contoso.com", "sip:ines@contoso.com"


def test_one_tree():
    classes = [value for value in vars(ucwa).values() if inspect.isclass(value) and issubclass(value, BaseException)]
    assert len(classes) == 18
    for error in classes:
        assert issubclass(error, ucwa.Error) and error.__name__.endswith("Error") and error.__doc__
        assert error.__module__ == "ucwa" and error.__name__ in ucwa.__all__
    for error, other in [
        (ucwa.TimeoutError, builtins.TimeoutError),
        (ucwa.InvalidArgumentError, ValueError),
        (ucwa.NotFoundError, LookupError),
        (ucwa.TlsError, ucwa.NetworkError),
        (ucwa.ThrottledError, ucwa.ServerError),
        (ucwa.ForkedError, ucwa.ClosedError),
    ]:
        assert issubclass(error, other)


QUICK = {"retry.times": 0}


def raised(error, call, *arguments, **more):
    with pytest.raises(ucwa.Error) as caught:
        call(*arguments, **more)
    assert type(caught.value) is error, repr(caught.value)
    text = str(caught.value)
    assert caught.value.tried in text and caught.value.came in text and caught.value.tried and caught.value.came
    assert PASSWORD not in text
    return caught.value


def test_network():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    session = ucwa.Session(USER, password=PASSWORD, root_url=f"https://127.0.0.1:{port}/", proxy="", settings=QUICK)
    error = raised(ucwa.NetworkError, session.open, timeout=30)
    assert error.retryable and error.http_status is None
    again = session.failure
    assert type(again) is ucwa.NetworkError and str(again) == str(error)
    session.close()


def test_tls(sim):
    session = ucwa.Session(USER, password=PASSWORD, root_url=sim.root_url, proxy="", settings=QUICK)
    raised(ucwa.TlsError, session.open, timeout=30)
    session.close()


def test_discovery(sim):
    settings = {**QUICK, "resolve.lyncdiscover.nowhere.example": "127.0.0.1:9"}
    settings["resolve.lyncdiscoverinternal.nowhere.example"] = "127.0.0.1:9"
    session = ucwa.Session(domain="nowhere.example", credentials=lambda question: None, proxy="", settings=settings)
    raised(ucwa.DiscoveryError, session.open, timeout=60)
    session.close()


def test_credentials(new_session):
    raised(ucwa.CredentialsError, new_session(password="wrong").open, timeout=30)
    raised(ucwa.CredentialsError, new_session(password=None).open, timeout=30)


def test_protocol(sim, new_session):
    sim.fault(method="GET", path="/user", count=None, does={"status": {"status": 200, "body": "html"}})
    raised(ucwa.ProtocolError, new_session(settings=QUICK).open, timeout=30)


def test_server_and_throttled(sim, session):
    meeting = session.start_meeting(timeout=30)
    refuse = {"status": 403, "body": "json", "code": "Forbidden", "subcode": "LimitExceeded"}
    sim.fault(method="POST", path="/participantInvitations", count=1, does={"status": refuse})
    error = raised(ucwa.ServerError, meeting.add_participant, ANA, timeout=30)
    assert (error.code, error.subcode, error.http_status) == ("Forbidden", "LimitExceeded", 403)
    assert session.invitation(error.invitation).outcome == "failed" and not error.retryable and error.retry_after is None
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is ucwa.ServerError and str(again) == str(error) and again.code == "Forbidden"
        assert again.invitation == error.invitation and again.tried == error.tried
    throttle = {"status": 429, "body": "json", "code": "TooManyRequests", "headers": [["Retry-After", "700"]]}
    sim.fault(method="POST", path="/participantInvitations", count=None, does={"status": throttle})
    error = raised(ucwa.ThrottledError, meeting.add_participant, ANA, timeout=30)
    assert (error.http_status, error.retry_after, error.retryable) == (429, 700.0, True)


def test_time_state_and_ids(sim, session):
    raised(ucwa.WrongStateError, session.open)
    meeting = session.start_meeting(timeout=30)
    sim.fault(method="POST", path="/participantInvitations", count=1, does={"delay": {"ms": 60_000}})
    error = raised(ucwa.TimeoutError, meeting.add_participant, ANA, timeout=0.01)
    assert isinstance(error, TimeoutError)
    raised(ucwa.NotFoundError, session.invitation, 9999)
    raised(ucwa.NotFoundError, meeting.eject, 9999)
    raised(ucwa.NotAllowedError, meeting.admit, meeting.roster[0])
    raised(ucwa.InvalidArgumentError, meeting.add_participant, ANA, subject="x" * 251)


def test_cancelled(sim, session):
    meeting = session.start_meeting(timeout=30)
    sim.fault(method="POST", path="/participantInvitations", count=1, does={"delay": {"ms": 60_000}})
    done = session.events(["operation_done"])
    invitation, operation = session._engine.add_participant(meeting.id, ANA, None, None, None, [])
    session._engine.cancel(operation)
    event = done.get(30)
    assert event.operation == operation and type(event.error) is ucwa.CancelledError


def test_closed(session):
    meeting = session.start_meeting(timeout=30)
    waiting = meeting.add_participant(INES, timeout=30)
    events = session.events(["credentials_needed"])
    session.close()
    raised(ucwa.ClosedError, session.start_meeting)
    with pytest.raises(ucwa.ClosedError):
        events.get()
    assert waiting.wait() in ("cancelled", "lost")
    raised(ucwa.ClosedError, meeting.add_participant, ANA)


def test_what_token_lifetimes_may_be(session):
    for seconds in (-1, 0, 1.5, 1e300, float("inf")):
        raised(ucwa.NotFoundError, session.supply_token, 1, "token", seconds)
    raised(ucwa.InvalidArgumentError, session.supply_token, 1, "token", float("nan"))
