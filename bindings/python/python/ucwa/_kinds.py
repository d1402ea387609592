"""Kinds of events: a class, or the word of docs/EVENTS.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional, Union

from . import _ucwa

Kind = Union[str, type[_ucwa.Event]]

CLASSES: dict[str, type[_ucwa.Event]] = {
    "operation_done": _ucwa.OperationDoneEvent,
    "state": _ucwa.StateEvent,
    "credentials_needed": _ucwa.CredentialsNeededEvent,
    "overflow": _ucwa.OverflowEvent,
    "invitation": _ucwa.InvitationEvent,
    "conversation": _ucwa.ConversationEvent,
    "participant": _ucwa.ParticipantEvent,
}
_WORDS = {cls: word for word, cls in CLASSES.items()}
_QUESTIONS = "credentials_needed"


def words(kinds: Optional[Iterable[Kind]]) -> frozenset[str]:
    """The words of these kinds. None: all but questions for credentials, since who takes those has to answer them."""
    if kinds is None:
        return frozenset(CLASSES) - {_QUESTIONS}
    if isinstance(kinds, (str, type)):
        kinds = (kinds,)
    found: set[str] = set()
    for kind in kinds:
        word = _WORDS.get(kind) if isinstance(kind, type) else kind
        if kind is _ucwa.Event:
            found |= words(None)
        elif word in CLASSES:
            found.add(word)
        else:
            raise ValueError(f"{kind!r} is no kind of event; there are {', '.join(CLASSES)}")
    if "participant" in found:
        # Without it the roster would be wrong in silence.
        found.add("overflow")
    return frozenset(found)


def mask(of: Iterable[str]) -> int:
    bits = 0
    for word in of:
        bits |= _ucwa.kind_bits(word)
    return bits
