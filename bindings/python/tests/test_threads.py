"""One session and many threads."""

from __future__ import annotations

import collections
import threading
import time

import pytest

import ucwa

ANA, DAN = "sip:ana@contoso.com", "sip:dan@contoso.com"


def together(*works):
    """Runs them at the same time, to their ends; what one raises is raised here."""
    errors = []

    def carry(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=carry, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_everybody_sees_every_event_once_and_in_order(session):
    """Iterators, callbacks, operations and subscriptions that come and go, all at once."""
    meeting = session.start_meeting(timeout=30)
    told = [[] for _ in range(4)]
    for seen in told:
        session.on_event(seen.append)
    iterators = [session.events() for _ in range(4)]
    read = [[] for _ in iterators]
    busy = True

    def invites():
        for _ in range(5):
            assert meeting.add_participant(DAN, timeout=60).wait(60) == "declined"

    def churns():
        while busy:
            with session.on_event(lambda event: None), session.events(["invitation"]):
                session.conversations, meeting.roster, meeting.state, repr(meeting)

    def operates():
        nonlocal busy
        together(*[invites] * 6)
        busy = False
        session.close()

    def iterates(events, seen):
        seen.extend(events)

    readers = [lambda e=events, s=seen: iterates(e, s) for events, seen in zip(iterators, read)]
    together(operates, churns, churns, *readers)
    first = [event.seq for event in read[0]]
    assert first == sorted(set(first))
    assert all([event.seq for event in seen] == first for seen in read + told)
    ended = [event.id for event in read[0] if isinstance(event, ucwa.InvitationEvent) and event.phase == "completed"]
    assert len(ended) == len(set(ended)) == 30


def test_several_threads_share_an_iterator(session):
    shared, alone, mine = session.events(), session.events(), collections.deque()
    takers = [lambda: mine.extend(shared)] * 4

    def works():
        meeting = session.start_meeting(timeout=30)
        for _ in range(5):
            meeting.add_participant(DAN, timeout=30).wait(30)
        session.close()

    together(works, *takers)
    assert sorted(event.seq for event in mine) == [event.seq for event in alone]


def test_closing_an_iterator_from_elsewhere(session):
    for _ in range(200):
        events, got = session.events(), []
        taking = threading.Thread(target=lambda: got.extend(events))
        taking.start()
        events.close()
        taking.join(30)
        assert not taking.is_alive()
        events.close()
        assert list(events) == []


def test_cancelled_is_silent_under_load(session):
    meeting = session.start_meeting(timeout=30)
    busy, late, calls = True, [], []

    def invites():
        while busy:
            meeting.add_participant(DAN, timeout=60)
            time.sleep(0.005)

    def subscribes():
        for _ in range(60):
            cancelled = False

            def told(event):
                calls.append(event)
                time.sleep(0.0002)
                if cancelled:
                    late.append(event)

            subscription = session.on_event(told)
            time.sleep(0.005)
            subscription.cancel()
            cancelled = True

    def all_subscribe():
        nonlocal busy
        try:
            together(*[subscribes] * 4)
        finally:
            busy = False

    together(invites, all_subscribe)
    assert calls and late == []


def test_callbacks_subscribe_and_cancel_each_other(session):
    calls = []
    added = []

    def first(event):
        calls.append("first")
        second.cancel()
        own.cancel()
        added.append(session.on_conversation(lambda event: calls.append("added")))

    own = session.on_conversation(first)
    second = session.on_conversation(lambda event: calls.append("second"))
    session.start_meeting(timeout=30).leave(30)
    session.close()
    assert calls[0] == "first" and "second" not in calls and calls.count("first") == 1
    assert calls.count("added") == len(calls) - 1 > 0
    assert not own.active and not second.active and added[0].active
    added[0].cancel()


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("hook_fails", [False, True])
def test_whatever_a_callback_raises_the_next_event_comes(new_session, error, hook_fails):
    reported, phases = [], []

    def hook(raised, callback, event):
        reported.append((type(raised), callback, event.type))
        if hook_fails:
            raise error("of the hook")

    def fails(event):
        phases.append(event.new)
        raise error("of the callback")

    session = new_session(on_error=hook)
    session.on_state(fails)
    with session:
        pass
    assert phases == ["Discovering", "Authenticating", "Online", "Closing", "Closed"]
    assert reported == [(error, fails, "state")] * 5


def test_a_log_that_fails_does_not_end_the_callbacks(new_session, monkeypatch):
    import logging

    class Broken(logging.Handler):
        def emit(self, record):
            raise RuntimeError("of the handler")

    monkeypatch.setattr("sys.unraisablehook", lambda what: None)
    logger, broken = logging.getLogger("ucwa"), Broken()
    logger.addHandler(broken)
    try:
        told = []
        session = new_session()
        session.on_state(lambda event: told.append(event.new) or 1 / 0)
        with session:
            pass
        assert told[-1] == "Closed"
    finally:
        logger.removeHandler(broken)


def test_a_time_limit_holds_under_a_flood_of_events(session):
    meeting = session.start_meeting(timeout=30)
    busy = True

    def invites():
        while busy:
            meeting.add_participant(DAN, timeout=60)

    def iterates():
        nonlocal busy
        try:
            for _ in session.events(timeout=0.2):
                time.sleep(0.02)  # slower than they come
        finally:
            busy = False

    together(iterates, invites)


def test_times_beyond_all_clocks(session):
    for timeout in (1e9, 1e300, float("inf"), 2**40):
        meeting = session.start_meeting(timeout=timeout)
        assert meeting.add_participant(DAN, timeout=timeout).wait(timeout) == "declined"
        meeting.leave(timeout)
    for timeout in (0, -1, -1e300):
        with pytest.raises(ucwa.TimeoutError):
            session.events(["credentials_needed"]).get(timeout)
    session.close(timeout=float("inf"))


def test_a_late_answer_harms_nothing(new_session):
    asked, go_on, failed = threading.Event(), threading.Event(), []

    def credentials(question):
        asked.set()
        go_on.wait(30)
        return "lene@contoso.com", "Pa55w.rd!"

    session = new_session(password=None, credentials=credentials, on_error=lambda *what: failed.append(what))
    opening = threading.Thread(target=lambda: pytest.raises(ucwa.Error, session.open))
    opening.start()
    assert asked.wait(30)
    session.close()
    opening.join(30)
    answering = [thread for thread in threading.enumerate() if thread.name == "ucwa-credentials"]
    go_on.set()
    for thread in answering:
        thread.join(30)
        assert not thread.is_alive()
    assert failed == []
