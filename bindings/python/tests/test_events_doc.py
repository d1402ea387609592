"""Each example of docs/EVENTS.md is an event that the engine made of what the simulator said.

What differs from run to run (numbers, times, addresses of this run) is replaced by what the page shows. With
UCWA_EVENTS_WRITE=1 the page is written.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

import ucwa
from conftest import PASSWORD, ROOT, USER

PAGE = ROOT / "docs/EVENTS.md"
BLOCK = re.compile(r"(?<=^```json\n)\{.*?\}\n(?=```)", re.M | re.S)
ANA, DAN = "sip:ana@contoso.com", "sip:dan@contoso.com"

# By the name of the field, wherever it stands.
SHOWN: dict[str, Any] = {
    "seq": 17,
    "unix_ms": 1795290000123,
    "conversation": 2,
    "operation": 7,
    "result": 2,
    "request_id": 1,
    "revision": 5,
    "accepted_by": [9],
    "operation_id": "74cb7404e0a247d5",
    "thread_id": "AdE",
    "conference_id": "168958",
    "expiration_time": 1795328800123,
    "retry_in_ms": 490,
    "diagnostics": "pool.contoso.com",
}
IN_TEXTS = [
    (r"127\.0\.0\.1:\d+", "pool.contoso.com"),
    (r"(focus:id:|meet\.contoso\.com/\w+/)\w+", r"\g<1>5VK"),
    (r"applications/\d+", "applications/101"),
    (r"conversations/c\d+", "conversations/c3"),
    (r"Invitations/i\d+", "Invitations/i9"),
    (r"the connection broke before an answer.*", "the connection broke before an answer"),
]


def as_shown(value: Any, name: str = "") -> Any:
    # Links are called as other fields are.
    is_link = isinstance(value, str) and "://" in value
    if name in SHOWN and value is not None and not is_link:
        return SHOWN[name]
    if isinstance(value, dict):
        return {key: as_shown(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [as_shown(part) for part in value]
    if name == "id":
        return 9 if isinstance(value, int) else "5VK"
    if isinstance(value, str):
        for pattern, shown in IN_TEXTS:
            value = re.sub(pattern, shown, value)
    return value


def broken_into_lines(document: Any, width: int = 124) -> str:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    pieces = re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^",])+,?', text)
    lines = [""]
    for piece in pieces:
        if len(lines[-1]) + len(piece) > width:
            lines.append(" ")
        lines[-1] += piece
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def examples(request: pytest.FixtureRequest) -> list[Any]:
    """The examples, as the simulator makes them now, in the order of the page."""
    from conftest import Simulator

    sim = Simulator()
    try:
        return [as_shown(json.loads(event.to_json())) for event in happenings(sim)]
    finally:
        sim.stop()


def first(events: Iterable[ucwa.Event], is_it: Callable[[Any], bool]) -> ucwa.Event:
    return next(event for event in events if is_it(event))


def happenings(sim: Any) -> list[ucwa.Event]:
    def new_session(**changed: Any) -> ucwa.Session:
        return ucwa.Session(USER, **{"password": PASSWORD, **sim.connection, **changed})

    asked: list[ucwa.Event] = []
    with new_session(password=None, credentials=lambda question: asked.append(question) or (USER[4:], PASSWORD)):
        pass
    session = new_session()
    everything = session.events()
    with session:
        throttled = {"status": 429, "body": "json", "code": "TooManyRequests", "headers": [["Retry-After", "30"]]}
        sim.fault(method="POST", path="/onlineMeetingInvitations", count=1, does={"status": throttled})
        with pytest.raises(ucwa.ThrottledError):
            session.start_meeting(timeout=30)
        meeting = session.start_meeting("Planning", timeout=30)
        slow = session.events(["participant"], capacity=2)
        assert meeting.add_participant(ANA).wait(30) == "accepted"
        assert meeting.add_participant(DAN).wait(30) == "declined"
        sim.fault(method="GET", path="/events", count=1, does={"drop": {"carried_out": False}})
        assert meeting.add_participant("sip:bo@contoso.com").wait(30) == "accepted"
    events = list(everything)
    return [
        first(events, lambda e: e.type == "state" and e.new == "Online"),
        first(events, lambda e: e.type == "state" and e.new == "Recovering"),
        asked[0],
        first(events, lambda e: e.type == "operation_done" and e.result),
        first(events, lambda e: e.type == "operation_done" and e.error),
        first(events, lambda e: e.type == "invitation" and e.phase == "started" and e.to == ANA),
        first(events, lambda e: e.type == "invitation" and e.outcome == "declined"),
        first(events, lambda e: e.type == "conversation" and e.meeting and e.meeting.join_url),
        first(events, lambda e: e.type == "participant" and e.participant.uri == ANA),
        first(slow, lambda e: e.type == "overflow"),
    ]


def test_the_examples_are_what_the_simulator_leads_to(examples: list[Any]) -> None:
    page = PAGE.read_text()
    if os.environ.get("UCWA_EVENTS_WRITE"):
        written = iter(examples)
        PAGE.write_text(BLOCK.sub(lambda _: broken_into_lines(next(written)), page))
        return
    # The order of the fields counts as well.
    printed = [broken_into_lines(json.loads(block)) for block in BLOCK.findall(page)]
    assert printed == [broken_into_lines(example) for example in examples]


def test_every_kind_has_an_example(examples: list[Any]) -> None:
    from ucwa import _kinds

    assert {example["type"] for example in examples} == set(_kinds.CLASSES)
