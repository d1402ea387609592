"""Events as lines of text for people."""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from collections.abc import Iterator
from typing import Optional, TextIO

from .. import _ucwa
from . import options


def printable(text: str) -> str:
    """Without what a terminal obeys, or what turns the order of letters around: names come from other people."""
    return "".join("\ufffd" if _is_command(character) else character for character in text)


_COMMANDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _is_command(character: str) -> bool:
    return character in _TURNS or unicodedata.category(character) in _COMMANDS


def clock(event: _ucwa.Event) -> str:
    return time.strftime("%H:%M:%S", time.localtime(event.unix_ms / 1000))


def line(event: _ucwa.Event) -> str:
    """One line without its end, whatever the event holds."""
    return printable(f"{clock(event)} {words(event)}")


def words(event: _ucwa.Event) -> str:
    """What the event says."""
    if isinstance(event, _ucwa.StateEvent):
        return _state(event)
    if isinstance(event, _ucwa.ConversationEvent):
        return f"conversation {event.id} {event.phase}: " + ", ".join(_conversation(event))
    if isinstance(event, _ucwa.InvitationEvent):
        return f"invitation {event.id} {_parties(event)}: " + ", ".join(_invitation(event))
    if isinstance(event, _ucwa.ParticipantEvent):
        return f"conversation {event.conversation}: {_participant(event)}"
    if isinstance(event, _ucwa.OverflowEvent):
        return f"conversation {event.conversation}: changes of the roster up to revision {event.revision} were dropped"
    if isinstance(event, _ucwa.CredentialsNeededEvent):
        again = f", try {event.attempt}" if event.attempt > 1 else ""
        return f"{event.resource} asks for a {'token' if event.kind == 'bearer' else 'password'}{again}"
    return event.to_json()


def _state(event: _ucwa.StateEvent) -> str:
    text = f"{event.old} -> {event.new}"
    if event.retry_in is not None:
        text += f": connecting again in {event.retry_in:.1f} s, try {event.attempt}"
    return f"{text}: {options.said(event.reason)}" if event.reason else text


def _conversation(event: _ucwa.ConversationEvent) -> Iterator[str]:
    yield event.state or "state unknown"
    if event.subject:
        yield f'"{event.subject}"'
    if event.participant_count is not None:
        yield f"{event.participant_count} in the meeting"
    if event.active_modalities:
        yield " and ".join(event.active_modalities)
    if event.recording:
        yield "recorded"
    if event.meeting is not None:
        yield " ".join(("meeting", event.meeting.uri, event.meeting.join_url)).rstrip()
    yield from _because(event.reason)


def _parties(event: _ucwa.InvitationEvent) -> str:
    if event.direction == "Incoming":
        return f"from {event.from_name or event.from_uri or 'somebody'}"
    return f"to {event.to}" if event.to else f"({event.kind})"


def _invitation(event: _ucwa.InvitationEvent) -> Iterator[str]:
    yield event.outcome or event.state or event.phase
    if event.outcome is None and event.subject:
        yield f'"{event.subject}"'
    if event.message:
        yield f"says: {event.message}"
    yield from _because(event.reason)


def _because(reason: Optional[_ucwa.Reason]) -> Iterator[str]:
    if reason is not None:
        code = "/".join(part for part in (reason.code, reason.subcode) if part)
        yield f"{reason.message} ({code})" if reason.message else code


def _participant(event: _ucwa.ParticipantEvent) -> str:
    person = event.participant
    name = name_of(person)
    if event.phase == "added":
        return f"{name} is in the {'lobby' if person.in_lobby else 'room'}" + (f", {person.role}" if person.role else "")
    if event.phase == "deleted":
        return f"{name} is gone"
    return f"{name}: " + ", ".join(f"{field} {_value(person, field)}" for field in event.changed)


def _value(person: _ucwa.Participant, field: str) -> str:
    """A field by its name in docs/EVENTS.md, as text."""
    if field == "phones":
        return " and ".join(phone for phone in (person.work_phone, person.other_phone) if phone) or "none"
    value = getattr(person, field, None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " and ".join(value) or "none"
    return str(value) if value else "unknown"


def name_of(person: _ucwa.Participant) -> str:
    return f"{person.name} ({person.uri})" if person.uri and person.uri != person.name else person.name or "somebody"


def is_for_people(event: _ucwa.Event) -> bool:
    """Results of operations are seen by what they change, and those that failed are told on stderr."""
    return not isinstance(event, _ucwa.OperationDoneEvent)


def nobody_reads() -> None:
    """After a BrokenPipeError: what is still buffered goes nowhere, so that it does not fail again at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class Lines:
    """Shows events as lines of text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, event: _ucwa.Event) -> None:
        if is_for_people(event):
            print(line(event), file=self._stream, flush=True)

    def caught_up(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is left."""


class JsonLines:
    """Shows events as docs/EVENTS.md says, one document a line, in UTF-8 wherever it goes."""

    def __init__(self, stream: TextIO) -> None:
        self._bytes = stream.buffer

    def show(self, event: _ucwa.Event) -> None:
        self._bytes.write(event.to_json().encode() + b"\n")
        self._bytes.flush()

    def caught_up(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is left."""
