"""A hundred thousand events on each way out of the engine leave nothing behind."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from programs import run

COUNT = int(os.environ.get("UCWA_EVENTS", "100000"))

_MEASURE = """
import resource, urllib.request
WARM, COUNT = %d, %d
session_of = {"allow_http": True, "password": None}
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

def flood(count):
    opener.open(_connection["root_url"] + f"flood/{count}", data=b"", timeout=30).read()

def kib():
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() // 1024

def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

def report(before, used):
    say(json.dumps({"kib": kib() - before, "us": (cpu() - used) / COUNT * 1e6}))

def check(event, last):
    "What a program reads of an event."
    assert event.seq > last
    event.phase, event.participant.name, event.participant.id, event.revision
    return event.seq
"""

_WAYS = {
    "callback": """
session = new(**session_of)
seen, last, reached, wanted = 0, 0, threading.Event(), WARM
def told(event):
    global seen, last
    last = check(event, last)
    seen += 1
    if seen == wanted:
        reached.set()
def until(total):
    global wanted
    reached.clear()
    wanted = total
    if seen < total:
        reached.wait()
session.on_participant(told)
session.open(30)
wanted = 50
until(50)
flood(WARM)
until(50 + WARM)
before, used = kib(), cpu()
for part in range(10):
    flood(COUNT // 10)
    until(50 + WARM + COUNT // 10 * (part + 1))
report(before, used)
session.close()
""",
    "iteration": """
session = new(**session_of)
events = session.events(["participant"])
session.open(30)
last = 0
def take(count):
    global last
    for _ in range(count):
        last = check(next(events), last)
take(50)
flood(WARM)
take(WARM)
before, used = kib(), cpu()
for part in range(10):
    flood(COUNT // 10)
    take(COUNT // 10)
report(before, used)
session.close()
""",
    "aio": """
async def main():
    async with anew(**session_of) as session:
        events, last = session.events(["participant"]), 0
        first = session.conversations
        session.on_participant(lambda event: None)
        async def take(count):
            nonlocal last
            for _ in range(count):
                last = check(await events.get(), last)
        async def floods(count):
            await asyncio.get_running_loop().run_in_executor(None, flood, count)
        await floods(WARM)
        await take(WARM)
        before, used = kib(), cpu()
        for part in range(10):
            await floods(COUNT // 10)
            await take(COUNT // 10)
        report(before, used)
asyncio.run(main())
""",
}


@pytest.fixture
def quick_server():
    program = pathlib.Path(__file__).with_name("quick_server.py")
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield json.loads(server.stdout.readline())["root_url"]
        server.stdin.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads /proc")
@pytest.mark.parametrize("way", _WAYS)
def test_events_leave_nothing_behind(quick_server, way, record_property):
    """Nothing overflows either: each event comes, in order. The growth allowed is that of allocators at rest."""
    source = _MEASURE % (COUNT // 10, COUNT) + _WAYS[way]
    (line,) = run(source, {"root_url": quick_server, "proxy": ""})
    measured = json.loads(line)
    record_property("measured", measured)
    print(way, measured)
    assert measured["kib"] * 1024 < 2**21 + 20 * COUNT, "a little once, and next to nothing for each event"
