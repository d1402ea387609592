"""A session belongs to the process that made it: children of a fork say so, have sessions of their own and harm nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from programs import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

_IN_CHILD = """
warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads

def in_child(work):
    "Forks; the child works and ends as a program does; its failure is the parent's."
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        work()
        sys.exit()
    _, status = os.waitpid(pid, 0)
    assert status == 0, status

def raises(call, *arguments):
    try:
        call(*arguments)
    except ucwa.ForkedError:
        return
    raise AssertionError(f"{call} raised nothing")
"""


def test_everything_of_the_parents_says_so(sim):
    run(
        _IN_CHILD
        + """
session = new()
subscription = session.on_event(lambda event: None)
session.open()
meeting = session.start_meeting(timeout=30)
invitation, ended = meeting.add_participant(INES, timeout=30), meeting.add_participant(DAN, timeout=30)
ended.wait(30)
events, filled = session.events(timeout=600), session.events(["participant"])
meeting.add_participant(ANA).wait(30)
filled.get(30)
roster = meeting.roster

async def open_one():
    return await anew().open(), anew()

asession, anewly = asyncio.run(open_one())
aevents = asession.events()

def child():
    for call in (
        session.open, session.start_meeting, lambda: session.join_meeting("sip:x"), session.events, lambda: session.state,
        lambda: session.failure, lambda: session.conversations, lambda: session.conversation(meeting.id),
        lambda: session.invitation(invitation.id), lambda: session.on_event(print), lambda: session.on_state(print),
        lambda: session.supply_password(1, "a", "b"), lambda: session.supply_token(1, "a"),
        lambda: session.refuse_credentials(1), session.__enter__, lambda: iter(session),
        lambda: meeting.state, lambda: meeting.roster, lambda: meeting.add_participant(ANA), meeting.leave,
        lambda: meeting.eject(1), lambda: invitation.outcome, invitation.wait, invitation.cancel,
        lambda: next(events), events.get, lambda: next(filled), filled.get, lambda: list(events),
        lambda: asession.state, lambda: asession.events(), lambda: asession.on_event(print),
    ):
        raises(call)
    for coroutine in (asession.open(), asession.start_meeting(), aevents.get(), aevents.__anext__()):
        raises(asyncio.run, coroutine)
    # What ends something does nothing, as it has ended here.
    session.close()
    session.__exit__(None, None, None)
    subscription.cancel()
    assert not subscription.active
    events.close()
    aevents.close()
    asyncio.run(asession.close())
    for thing in (session, asession, anewly, subscription, events, aevents, meeting, invitation, roster, filled):
        assert "object at 0x" not in repr(thing).split(" to <function")[0], thing
    assert "another process" in repr(session)
    # What is known for good stays known.
    assert ended.outcome == ended.wait() == "declined" and len(roster) == 2
    for name in list(globals()):
        if name in ("session", "asession", "anewly", "meeting", "invitation", "events", "aevents", "filled", "subscription"):
            del globals()[name]
    gc.collect()

in_child(child)
assert subscription.active and session.state == "Online"
assert meeting.add_participant(DAN, timeout=30).wait(30) == "declined"
assert next(events).seq
session.close()
asession._engine.close()
""",
        sim.connection,
        options=("-W", "ignore::ResourceWarning"),
    )


def test_a_childs_end_is_not_the_parents(sim):
    run(
        _IN_CHILD
        + """
session = new()
session.on_event(lambda event: None)
with session:
    meeting = session.start_meeting(timeout=30)
    for work in (lambda: None, session.close, lambda: new().open(30).close(), lambda: sys.exit(0)):
        in_child(work)
        assert meeting.add_participant(DAN, timeout=30).wait(30) == "declined"
""",
        sim.connection,
    )
    requests = sim.requests()
    assert sum(request["method"] == "DELETE" for request in requests) == 2, "the parent's, and that of the child's own"


def test_locks_may_be_held_at_the_fork(sim):
    """By the threads for callbacks and for records, which fill handlers and take locks all the time here."""
    run(
        _IN_CHILD
        + """
class Formats(logging.Handler):
    "Into no file: Python's own lock of a file would be held in the child."
    def emit(self, record):
        self.format(record)

logging.basicConfig(level=5, handlers=[Formats()])
session = new().open(30)
subscriptions = [session.on_event(lambda event: logging.getLogger("ucwa.mine").error("%r", event)) for _ in range(3)]
meeting = session.start_meeting(timeout=30)
over = False

def churn():
    while not over:
        with session.on_event(lambda event: time.sleep(0.001)):
            session.conversations, session.events().close()

threads = [threading.Thread(target=churn) for _ in range(2)]
for thread in threads:
    thread.start()

def child():
    subscriptions[0].cancel()
    raises(session.on_event, print)
    session.close()
    logging.getLogger("ucwa").error("from the child")
    new()

for _ in range(15):
    invitation = meeting.add_participant(DAN, timeout=30)
    in_child(child)
    assert invitation.wait(30) == "declined"
over = True
for thread in threads:
    thread.join()
session.close()
""",
        sim.connection,
    )


def test_a_callback_may_fork(sim):
    lines = run(
        _IN_CHILD
        + """
def forks(event):
    if event.new == "Online":
        pid = os.fork()
        if pid:
            say("child", os.waitpid(pid, 0)[1])
        # The child returns into the thread that called it, which has nothing more to do there.

session = new()
session.on_state(forks)
session.on_state(lambda event: say(event.new))
with session:
    pass
""",
        sim.connection,
    )
    assert lines == ["Discovering", "Authenticating", "child 0", "Online", "Closing", "Closed"]


_POOL = """
import json, multiprocessing, os, sys
import ucwa

CONNECTION = json.loads(os.environ["UCWA_TEST_CONNECTION"])
inherited = None

def new():
    return ucwa.Session("sip:lene@contoso.com", password="Pa55w.rd!", **CONNECTION)

def work(number):
    if inherited is not None:
        try:
            inherited.state
        except ucwa.ForkedError:
            inherited.close()
        else:
            raise AssertionError("the parent's session works in the child")
    with new() as session:
        meeting = session.start_meeting(f"{number}", timeout=30)
        return meeting.subject, meeting.add_participant("sip:dan@contoso.com", timeout=30).wait(30)

def fails(number):
    with new() as session:
        session.start_meeting("x" * 251)

def refused(number):
    with new() as session:
        session.start_meeting(timeout=30).add_participant("sip:dan@contoso.com", subject="x" * 251)

if __name__ == "__main__":
    method = sys.argv[1]
    context = multiprocessing.get_context(method)
    with new() as session:
        if method == "fork":
            inherited = session
        with context.Pool(2) as pool:
            assert pool.map(work, range(4)) == [(str(n), "declined") for n in range(4)]
            for failing in (fails, refused):
                try:
                    pool.apply(failing, (1,))
                except ucwa.InvalidArgumentError as error:
                    assert error.tried and error.came and "250" in str(error), error
                else:
                    raise AssertionError("no error came")
            inherited = None
            pool.close()
            pool.join()
        assert session.state == "Online" and session.start_meeting(timeout=30).state == "Conferenced"
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools(sim, tmp_path, method):
    import json

    program = tmp_path / "pool.py"
    program.write_text(textwrap.dedent(_POOL))
    environment = {**os.environ, "UCWA_TEST_CONNECTION": json.dumps(sim.connection)}
    ended = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(program), method],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sim.truth()["applications"] == []
