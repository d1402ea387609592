"""The end of an interpreter with work in flight: it ends, soon, with the status that the program means, and without a crash.

UCWA_EXITS is how many interpreters end (100).
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os

import pytest

from conftest import Simulator
from programs import UGLY, Program

COUNT = int(os.environ.get("UCWA_EXITS", "100"))

# name: what it does, the status it ends with
ENDS = {
    "waits for nothing": ("session.start_meeting(timeout=30)", 0),
    "closed": ("session.start_meeting(timeout=30); session.close()", 0),
    "with": ("\nwith new() as other:\n    other.on_event(print)\n    other.start_meeting()", 0),
    "operations in flight": ("[session._engine.start_meeting(None, None) for _ in range(20)]", 0),
    "new": ("other = new(); other.on_event(print); third = anew()", 0),
    "opening": ("other = new(); other._engine.open()", 0),
    "an unhandled exception": ("session.start_meeting(timeout=30); raise RuntimeError('of the program')", 1),
    "sys.exit": ("session.on_event(print); session.start_meeting(timeout=30); sys.exit(7)", 7),
    "sys.exit in with": ("\nwith new() as other:\n    other.start_meeting()\n    sys.exit(7)", 7),
    "os._exit": ("session.on_event(print); session._engine.start_meeting(None, None); os._exit(9)", 9),
    "SIGTERM": ("session.start_meeting(timeout=30); signal.raise_signal(signal.SIGTERM)", -15),
    "a callback that sleeps": ("during(lambda event: (runs.set(), time.sleep(600)))", 0),
    "a callback that spins": ("during(lambda event: (runs.set(), [None for _ in iter(int, 1)]))", 0),
    "a callback that calls": (
        "during(lambda event: (runs.set(), [(session.state, session.conversations, time.sleep(0)) for _ in iter(int, 1)]))",
        0,
    ),
    "a callback that waits": ("during(lambda event: (runs.set(), list(session.events())))", 0),
    "a callback that closes": ("during(lambda event: (runs.set(), session.close()))", 0),
    "a callback that raises": (
        """
def fails(event):
    raise RuntimeError
def hook(what):
    runs.set()
    while True:
        time.sleep(0.0005)
sys.unraisablehook = hook
during(fails)
""",
        0,
    ),
    "a callback that compares": (
        """
class Odd:
    def __eq__(self, other):
        runs.set()
        time.sleep(0.0005)
        return False
def compares(event):
    roster = session.conversations[0].roster
    while True:
        Odd() in roster, Odd() == event, event == Odd()
during(compares)
""",
        0,
    ),
    "a thread iterates": (
        "threading.Thread(target=lambda: list(session.events()), daemon=True).start(); session.start_meeting(timeout=30)",
        0,
    ),
    "a thread that is no daemon iterates": (
        "threading.Thread(target=lambda: list(session.events())).start(); session.start_meeting(timeout=30); session.close()",
        0,
    ),
    "a thread that is no daemon goes on": (
        """
def goes_on():
    threading.main_thread().join()
    session.start_meeting(timeout=30).add_participant(ANA, timeout=30).wait(30)
    say("went on")
threading.Thread(target=goes_on).start()
""",
        0,
    ),
    "many threads wait": (
        """
for _ in range(8):
    threading.Thread(target=lambda: session.start_meeting(), daemon=True).start()
    threading.Thread(target=lambda: session.events().get(), daemon=True).start()
""",
        0,
    ),
    "credentials that never come": (
        """
asked = threading.Event()
other = new(password=None, credentials=lambda question: (asked.set(), time.sleep(600)))
threading.Thread(target=other.open, daemon=True).start()
asked.wait(30)
""",
        0,
    ),
    "credentials that wait for the session": (
        """
asked = threading.Event()
other = new(password=None, credentials=lambda question: (asked.set(), other.start_meeting()))
threading.Thread(target=other.open, daemon=True).start()
asked.wait(30)
""",
        0,
    ),
    "a loop left behind": (
        """
async def main():
    global other
    other = await anew().open()
    other.on_event(lambda event: None)
    asyncio.create_task(other.events().get())
    await asyncio.sleep(0)
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
""",
        0,
    ),
    "a loop in a thread": (
        """
async def main():
    async with anew() as other:
        await other.start_meeting()
        runs.set()
        async for event in other.events():
            pass
threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
runs.wait(30)
""",
        0,
    ),
    "asyncio without close": (
        """
async def main():
    other = await anew().open()
    await other.start_meeting()
asyncio.run(main())
""",
        0,
    ),
    "sys.exit in asyncio": (
        """
async def main():
    async with anew() as other:
        other.on_conversation(lambda event: sys.exit(7))
        await other.start_meeting()
        await asyncio.sleep(600)
asyncio.run(main())
""",
        7,
    ),
    "every log record": (
        """
logging.basicConfig(level=5, stream=open(os.devnull, "w"))
other = new()
other.open()
other.on_event(lambda event: None)
other.start_meeting()
""",
        0,
    ),
    "a log handler that sleeps": (
        """
class Slow(logging.Handler):
    def emit(self, record):
        time.sleep(0.2)
logging.getLogger("ucwa").addHandler(Slow())
logging.getLogger("ucwa").setLevel(5)
other = new().open()
other.start_meeting()
""",
        0,
    ),
    "a log handler that raises": (
        """
class Broken(logging.Handler):
    def emit(self, record):
        raise RuntimeError("of the handler")
sys.unraisablehook = lambda what: None
logging.getLogger("ucwa").addHandler(Broken())
logging.getLogger("ucwa").setLevel(5)
other = new().open()
other.start_meeting()
""",
        0,
    ),
    "garbage in cycles": (
        """
class Slow:
    def __init__(self):
        self.me, self.session = self, session
    def __del__(self):
        time.sleep(0)
gc.set_threshold(1)
def litters(event):
    runs.set()
    while True:
        Slow()
        session.conversations, session._engine.conversations()
during(litters)
""",
        0,
    ),
}

_BEGIN = """
warnings.simplefilter("ignore")
session, runs = new(), threading.Event()
session.open()

def during(callback):
    session.on_conversation(callback)
    session._engine.start_meeting(None, None)
    assert runs.wait(30)

"""


@pytest.fixture(scope="module")
def one_sim():
    simulator = Simulator()
    yield simulator
    simulator.stop()


def test_interpreters_end(one_sim):
    def end(name: str) -> list[str]:
        source, wanted = ENDS[name]
        status, _, errors = Program(_BEGIN + source, one_sim.connection).end()
        wrong = [] if status == wanted else [f"status {status}"]
        return wrong + [word for word in UGLY if word in errors] and [name, f"status {status}", errors]

    names = list(itertools.islice(itertools.cycle(ENDS), COUNT))
    with concurrent.futures.ThreadPoolExecutor(2) as two_at_a_time:
        ended = list(two_at_a_time.map(end, names))
    assert len(ended) == COUNT
    assert [wrong for wrong in ended if wrong] == []


@pytest.mark.parametrize("how", ["", "session.on_event(print)", "session.on_state(lambda event: event.new == 'Closed' and say('told'))"])
def test_the_end_signs_out(sim, how):
    lines = Program(f"session = new().open()\n{how}\nsession.start_meeting(timeout=30)", sim.connection).end_well()
    assert sim.truth()["applications"] == []
    if "told" in how:
        assert lines == ["told"]
