from __future__ import annotations

import json
import threading

import pytest

import ucwa
from conftest import PASSWORD, USER

ANA, DAN = "sip:ana@contoso.com", "sip:dan@contoso.com"


def test_with_signs_in_and_out(sim, new_session):
    session = new_session()
    assert session.state == "New"
    with session as entered:
        assert entered is session
        assert session.state == "Online"
    assert session.state == "Closed"
    assert any(request["method"] == "DELETE" for request in sim.requests())


def test_an_invitation_is_followed_to_its_outcome(sim, session):
    meeting = session.start_meeting("Planning", timeout=30)
    assert meeting.state == "Conferenced"
    assert meeting.subject == "Planning"
    assert meeting.meeting.uri.startswith("sip:")
    invitation = meeting.add_participant(ANA, subject="Join us", on_behalf_of="Frontdesk", modalities=["Messaging"])
    assert invitation.wait(30) == "accepted"
    assert (invitation.state, invitation.outcome, invitation.to) == ("Connected", "accepted", ANA)
    assert [person.name for person in meeting.roster] == ["Lene Aaling", "Ana Perez"]
    assert invitation.accepted_by == (meeting.roster[1].id,)
    sent = [request for request in sim.requests() if "/participantInvitations" in request["target"]]
    body = sent[0]["body"]
    body = json.loads(body) if isinstance(body, str) else body
    assert body["to"] == ANA and body["subject"] == "Join us" and body["onBehalfOf"] == "Frontdesk"
    assert body["operationId"] == invitation.operation_id


def test_a_refused_request_raises_and_names_the_invitation(sim, session):
    meeting = session.start_meeting(timeout=30)
    sim.fault(
        method="POST",
        path="/participantInvitations",
        count=1,
        does={"status": {"status": 409, "body": "json", "code": "Conflict", "subcode": "AlreadyExists"}},
    )
    with pytest.raises(ucwa.ServerError) as raised:
        meeting.add_participant(ANA)
    error = raised.value
    assert (error.code, error.subcode, error.http_status) == ("Conflict", "AlreadyExists", 409)
    assert error.invitation is not None
    assert session.invitation(error.invitation).outcome == "failed"


def test_limits_are_checked_before_anything_is_sent(sim, session):
    meeting = session.start_meeting(timeout=30)
    before = len(sim.requests())
    with pytest.raises(ucwa.InvalidArgumentError):
        meeting.add_participant(ANA, subject="x" * 251)
    with pytest.raises(ValueError):
        meeting.add_participant(ANA, operation_id="x" * 51)
    assert not [request for request in sim.requests()[before:] if "participantInvitations" in request["target"]]


def test_callbacks_and_iteration_see_the_same(session):
    seen = []
    done = threading.Event()
    session.on_event(seen.append)
    session.on_state(lambda event: event.new == "Closed" and done.set())
    events = session.events()
    meeting = session.start_meeting(timeout=30)
    meeting.add_participant(ANA).wait(30)
    session.close()
    assert done.wait(30)
    assert [event.seq for event in events] == [event.seq for event in seen]
    assert isinstance(seen[-1], ucwa.StateEvent) and seen[-1].new == "Closed"


def test_events_match_and_say_their_json(session):
    events = session.events([ucwa.ParticipantEvent, "invitation"])
    meeting = session.start_meeting(timeout=30)
    meeting.add_participant(ANA).wait(30)
    meeting.leave()
    session.close()
    added, outcomes = [], []
    for event in events:
        document = json.loads(event.to_json())
        assert document["type"] == event.type and document["seq"] == event.seq
        match event:
            case ucwa.ParticipantEvent("added", participant):
                added.append(participant.name)
                assert document["participant"]["id"] == participant.id
            case ucwa.InvitationEvent(phase="completed", to=to, outcome=outcome):
                outcomes.append((to, outcome))
    assert added == ["Lene Aaling", "Ana Perez"]
    assert outcomes == [("", "accepted"), (ANA, "accepted")]


def test_iteration_ends_with_its_time(session):
    events = session.events(timeout=0.05)
    assert list(events) == []
    with pytest.raises(ucwa.TimeoutError):
        session.events().get(timeout=0.01)
    with pytest.raises(TimeoutError):
        session.events().get(timeout=0)


def test_what_nobody_waits_for_any_more_is_cancelled(sim, session):
    meeting = session.start_meeting(timeout=30)
    sim.fault(method="POST", path="/participantInvitations", count=1, does={"delay": {"ms": 60_000}})
    done = session.events(["operation_done"])
    with pytest.raises(ucwa.TimeoutError) as raised:
        meeting.add_participant(ANA, timeout=0.1)
    event = done.get(timeout=30)
    assert raised.value.invitation is not None
    assert isinstance(event.error, ucwa.CancelledError)


def test_a_wrong_password_is_said_at_once(new_session):
    session = new_session(password="wrong", settings={"operation.timeout_s": 600})
    with pytest.raises(ucwa.CredentialsError) as raised:
        session.open(timeout=60)
    assert "password" in str(raised.value) and "wrong" not in str(raised.value)
    assert session.state == "Failed"
    assert type(session.failure) is ucwa.CredentialsError


@pytest.mark.parametrize(
    "answer",
    [(USER[4:], PASSWORD), ucwa.Password(USER[4:], PASSWORD)],
    ids=["pair", "Password"],
)
def test_credentials_are_asked_for(new_session, answer):
    questions = []

    def credentials(question):
        questions.append((question.kind, question.attempt, threading.current_thread().name))
        return answer

    new_session(password=None, credentials=credentials).open(timeout=30)
    assert questions == [("password", 1, "ucwa-credentials")]


@pytest.mark.parametrize("answer", [None, 17, ("just one",), ZeroDivisionError()], ids=repr)
def test_without_an_answer_the_session_fails(new_session, answer):
    failed = []

    def credentials(question):
        if isinstance(answer, Exception):
            raise answer
        return answer

    session = new_session(
        password=None, credentials=credentials, on_error=lambda error, callback, event: failed.append(type(error))
    )
    with pytest.raises(ucwa.CredentialsError):
        session.open(timeout=30)
    session.close()
    for thread in threading.enumerate():
        if thread.name == "ucwa-credentials":  # for which closing does not wait
            thread.join(30)
    assert failed == ([] if answer is None else [ZeroDivisionError if isinstance(answer, Exception) else TypeError])


def test_a_callback_may_do_everything(session):
    """Also wait, invite and close the session, on the thread that it is called on."""
    outcome, closed = [], threading.Event()
    meeting = session.start_meeting(timeout=30)

    def invite(event):
        if event.phase == "added" and event.participant.name == "Ana Perez":
            outcome.append(session.conversation(event.conversation).add_participant(DAN).wait(30))
            session.close()
            closed.set()

    session.on_participant(invite)
    meeting.add_participant(ANA)
    assert closed.wait(60)
    assert len(outcome) == 1 and outcome[0] is not None
    assert session.state == "Closed"


def test_an_exception_in_a_callback_is_reported_and_harms_nothing(session, monkeypatch, caplog):
    unraisable = []
    monkeypatch.setattr("sys.unraisablehook", lambda args: unraisable.append((args.exc_value, args.object)))

    def fails(event):
        raise RuntimeError("of the program")

    subscription = session.on_invitation(fails)
    after = []
    session.on_invitation(after.append)
    meeting = session.start_meeting(timeout=30)
    assert meeting.add_participant(ANA).wait(30) == "accepted"
    subscription.cancel()
    session.close()
    assert after and len(unraisable) >= 1
    assert all(str(error) == "of the program" and function is fails for error, function in unraisable)
    records = [record for record in caplog.records if record.name == "ucwa.callbacks"]
    assert records and records[0].exc_info is not None


def test_ctrl_c_while_the_thread_of_callbacks_starts(session, monkeypatch):
    def interrupted(thread):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            session.on_event(print)
    session.close()
    assert session.state == "Closed"


def test_a_cancelled_subscription_is_silent(session):
    running, go_on, calls = threading.Event(), threading.Event(), []

    def slow(event):
        calls.append(event)
        running.set()
        assert go_on.wait(30)

    subscription = session.on_event(slow)
    session.start_meeting(timeout=30)
    assert running.wait(30)
    cancelled = threading.Thread(target=subscription.cancel)
    cancelled.start()
    cancelled.join(0.05)
    assert cancelled.is_alive(), "it waits for the call that is running"
    go_on.set()
    cancelled.join(30)
    assert not cancelled.is_alive() and not subscription.active
    count = len(calls)
    session.close()
    assert len(calls) == count == 1


def test_the_roster_is_a_sequence(session):
    meeting = session.start_meeting(timeout=30)
    meeting.add_participant(ANA).wait(30)
    roster = meeting.roster
    from collections.abc import Sequence

    assert isinstance(roster, Sequence)
    assert len(roster) == 2 and roster[-1] == roster[1] and roster[0:1] == (roster[0],)
    assert roster[0] in roster and roster.index(roster[1]) == 1 and roster.count(roster[0]) == 1
    assert roster.get(roster[1].id) == roster[1] and roster.get(10**9) is None and roster.get(0) is None
    with pytest.raises(IndexError):
        roster[2]
    with pytest.raises(TypeError):
        roster["a"]
    before = roster.revision
    session.close()
    assert roster.revision == before and len(roster) == 2
    assert repr(meeting) and len(meeting.roster) >= 0, "as last seen"


def test_reprs_show_no_secret(new_session):
    session = new_session()
    shown = [repr(session), repr(ucwa.Password("lene", PASSWORD)), repr(ucwa.Token("t0ken"))]
    session.open(timeout=30)
    meeting = session.start_meeting(timeout=30)
    shown += map(repr, [session, meeting, meeting.roster, meeting.meeting, meeting.roster[0], meeting.event])
    for text in shown:
        assert PASSWORD not in text and "t0ken" not in text
        assert "object at 0x" not in text


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, ucwa.InvalidArgumentError),
        ({"user": "nobody"}, ucwa.InvalidArgumentError),
        ({"user": USER, "settings": {"no.such.key": 1}}, ucwa.NotFoundError),
        ({"root_url": "http://127.0.0.1/", "user": USER}, ucwa.InvalidArgumentError),
        ({"root_url": "https://127.0.0.1/", "password": "x"}, ValueError),
        ({"user": USER, "username": "lene"}, ValueError),
        ({"user": USER, "ca_file": "/does/not/exist"}, FileNotFoundError),
        ({"user": 17}, TypeError),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_sent(arguments, error):
    with pytest.raises(error):
        ucwa.Session(**arguments)


def test_ids_that_do_not_exist(session):
    for look_up in (session.conversation, session.invitation):
        for id in (0, 99999):
            with pytest.raises(ucwa.NotFoundError):
                look_up(id)
    with pytest.raises(LookupError):
        session.conversation(1)
