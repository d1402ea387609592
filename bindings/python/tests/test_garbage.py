"""Sessions that are dropped: collected, signed out, and nothing of them stays."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref

import pytest

import ucwa
from conftest import PASSWORD, USER
from programs import LONGEST, run

DAN = "sip:dan@contoso.com"


def until(true):
    end = time.monotonic() + LONGEST
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
        gc.collect()


def threads_of_sessions():
    return [thread for thread in threading.enumerate() if thread.name in ("ucwa-callbacks", "ucwa-credentials")]


def signed_out(sim):
    return sim.truth()["applications"] == []


@pytest.fixture
def new(sim):
    return lambda **changed: ucwa.Session(USER, **{"password": PASSWORD, **sim.connection, **changed})


HOLDS = {
    "nothing": lambda session: None,
    "a callback": lambda session: session.on_event(lambda event: None),
    "a callback bound to it": lambda session: session.on_event(lambda event: session.state),
    "a cycle": lambda session: setattr(session, "me", session),
    "a cycle by a callback": lambda session: setattr(session, "kept", session.on_state(lambda event: session)),
    "a conversation": lambda session: setattr(session, "meeting", session.start_meeting(timeout=30)),
    "an iterator": lambda session: setattr(session, "all", session.events()),
}


@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("holds", HOLDS)
def test_dropped_sessions_are_collected_and_signed_out(sim, new, holds, online):
    if holds == "a conversation" and not online:
        return
    session = new()
    if online:
        session.open(30)
    HOLDS[holds](session)
    gone = weakref.ref(session)
    if online:
        with pytest.warns(ResourceWarning, match="lene@contoso.com: Online. was not closed") as warned:
            del session
            until(lambda: warned.list)
        del warned  # which holds what it warns of
    else:
        del session
    until(lambda: gone() is None and signed_out(sim) and not threads_of_sessions())


def test_what_belongs_to_it_keeps_it(sim, new):
    meeting = new().open(30).start_meeting(timeout=30)
    gc.collect()
    assert meeting.state == "Conferenced"
    invitation = meeting.add_participant(DAN, timeout=30)
    del meeting
    gc.collect()
    assert invitation.wait(30) == "declined"
    events = invitation._session.events()
    del invitation
    gc.collect()
    events._session.start_meeting(timeout=30)
    assert events.get(30).seq
    with pytest.warns(ResourceWarning):
        del events
        gc.collect()
    until(lambda: signed_out(sim))


def test_dropped_while_a_thread_waits_in_it(sim, new):
    """Who waits in it holds it."""
    session, ended = new().open(30), []
    waiting = threading.Thread(target=lambda events: ended.extend(event.new for event in events), args=(session.events(["state"]),))
    waiting.start()
    close = session.close
    del session
    gc.collect()
    assert waiting.is_alive()
    close()
    waiting.join(30)
    assert ended == ["Closing", "Closed"]


@pytest.mark.parametrize("bound", [False, True])
def test_callbacks_are_told_the_end_of_a_dropped_session(sim, new, bound):
    told = []
    session = new()
    session.me = session if bound else None
    session.on_state(lambda event: told.append(event.new))
    session.open(30)
    with pytest.warns(ResourceWarning):
        del session
        gc.collect()
    until(lambda: told[-1:] == ["Closed"])


def test_collected_on_its_own_thread(sim, new):
    """The last reference goes with the callback that is running."""
    dropped, go_on = threading.Event(), threading.Event()
    box = [new()]
    gone = weakref.ref(box[0])

    def drops(event):
        go_on.wait(30)
        box.clear()
        gc.collect()
        dropped.set()

    box[0].on_conversation(drops)
    box[0].open(30)
    box[0]._engine.start_meeting(None, None)
    with pytest.warns(ResourceWarning) as warned:
        go_on.set()
        assert dropped.wait(30)
        until(lambda: warned.list)
    del warned
    until(lambda: gone() is None and signed_out(sim))


def count_threads():
    return len(os.listdir("/proc/self/task"))


def count_files():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="reads /proc")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("how", ["closed", "dropped", "new", "refused"])
def test_fifty_sessions_leave_nothing(sim, new, how):
    def one():
        session = new(password="wrong" if how == "refused" else PASSWORD)
        session.on_event(lambda event: session)
        session.events()
        if how == "refused":
            with pytest.raises(ucwa.CredentialsError):
                session.open(30)
        elif how != "new":
            session.open(30)
        if how == "closed":
            session.close()

    one()
    gc.collect()
    until(lambda: signed_out(sim) and not threads_of_sessions())
    # The threads of the engine end with its last session, and start again with the next.
    until(lambda: not engine_threads())
    threads, files = count_threads(), count_files()
    for _ in range(50):
        one()
    gc.collect()
    until(lambda: signed_out(sim) and count_threads() <= threads and count_files() <= files)


def engine_threads():
    names = []
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/comm") as comm:
                names.append(comm.read().strip())
        except FileNotFoundError:
            pass
    return [name for name in names if name in ("ucwa", "ucwa-end")]


def test_the_warning_shows_without_harm(sim):
    """`-X dev` shows it; as an error it still signs out."""
    run(
        """
import io
session = new().open()
sys.stderr = io.StringIO()
del session
text, sys.stderr = sys.stderr.getvalue(), sys.__stderr__
assert "ResourceWarning" in text and "lene@contoso.com" in text and PASSWORD not in text, text
warnings.simplefilter("error")
failed = []
sys.unraisablehook = lambda what: failed.append(what.exc_type)
session = new().open()
del session
assert failed == [ResourceWarning]
""",
        sim.connection,
        options=("-X", "dev"),
    )
    assert signed_out(sim)


def test_asyncio(sim):
    run(
        """
import weakref

async def use(told):
    session = await anew().open()
    session.on_state(lambda event: (session, told.append(event.new)))
    session.events(["state"])
    return weakref.ref(session)

async def main():
    warnings.simplefilter("ignore")
    told = []
    gone = await use(told)
    while gone() is not None or told != ["Closing", "Closed"]:
        gc.collect()
        await asyncio.sleep(0.01)

asyncio.run(main())
""",
        sim.connection,
    )
