"""A live table of who is in the room, below the lines of text. Needs `rich`."""

from __future__ import annotations

import contextlib
import time

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .. import _ucwa
from .._conversation import Conversation
from .._errors import Error
from .._session import Session
from . import text

_REFRESH = 0.25


class Rooms:
    """Shows events as lines that scroll, and below them the rosters of now."""

    def __init__(self, session: Session, console: Console) -> None:
        self._session = session
        self._console = console
        self._live = Live(console=console, auto_refresh=False)
        self._live.start()
        self._shown_at = 0.0

    def show(self, event: _ucwa.Event) -> None:
        if text.is_for_people(event):
            # As Text: square brackets in a name are no markup.
            self._console.print(Text(text.line(event)))
        if isinstance(event, (_ucwa.ConversationEvent, _ucwa.ParticipantEvent, _ucwa.OverflowEvent)):
            # Not for each of thousands at once.
            if time.monotonic() - self._shown_at > _REFRESH:
                self.caught_up()

    def caught_up(self) -> None:
        """There is nothing to show before something happens."""
        self._live.update(Group(*(room(conversation) for conversation in _conversations(self._session))), refresh=True)
        self._shown_at = time.monotonic()

    def close(self) -> None:
        """Leaves the last table where it stands."""
        self._live.stop()


def _conversations(session: Session) -> tuple[Conversation, ...]:
    with contextlib.suppress(Error):  # one went between two looks
        return session.conversations
    return ()


def room(conversation: Conversation) -> Table:
    """One conversation and its people."""
    roster = conversation.roster
    many = "1 person" if len(roster) == 1 else f"{len(roster)} people"
    about = [f"conversation {conversation.id}", conversation.state or "", conversation.subject, many]
    if not roster.complete:
        about.append("not all are known yet")
    table = Table(title=Text(text.printable(", ".join(part for part in about if part))), title_justify="left")
    for heading in ("name", "address", "role", "takes part in", ""):
        table.add_column(heading)
    for person in roster:
        table.add_row(*(Text(text.printable(cell)) for cell in _cells(person)))
    return table


def _cells(person: _ucwa.Participant) -> tuple[str, ...]:
    marks = {
        "you": person.local,
        "organizer": person.organizer,
        "in the lobby": person.in_lobby,
        "guest": person.anonymous,
        "typing": person.typing,
        "details follow": person.partial,
    }
    return (
        person.name,
        person.uri,
        person.role or "",
        ", ".join(person.modalities),
        ", ".join(mark for mark, is_so in marks.items() if is_so),
    )
