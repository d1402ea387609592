"""A front desk: starts an online meeting, invites everybody it is told to, shows who is in the room and how each
invitation goes, and leaves when its input ends (Ctrl-D).

python front_desk.py --user sip:lene@contoso.com --password-env PASSWORD --invite sip:bo@contoso.com
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import threading

import ucwa


class Desk:
    """What happened so far."""

    def __init__(self, session: ucwa.Session, meeting: ucwa.Conversation) -> None:
        self.session = session
        self.meeting = meeting
        self.invitations: list[ucwa.Invitation] = []

    def invite(self, address: str) -> None:
        try:
            self.invitations.append(self.meeting.add_participant(address))
        except ucwa.Error as error:
            print(f"{address} could not be invited: {error}")
            if error.invitation is not None:
                self.invitations.append(self.session.invitation(error.invitation))

    def hear(self, event: ucwa.Event) -> None:
        match event:
            case ucwa.StateEvent(old, new, reason):
                print(f"session: {old} -> {new}" + (f" ({reason})" if reason else ""))
            case ucwa.InvitationEvent(phase, to, outcome) if to:
                why = f" ({event.reason.code}/{event.reason.subcode})" if event.reason else ""
                print(f"invitation {phase:9} {to:32} {event.state or '-':11} {outcome or 'under way'}{why}")
            case ucwa.ParticipantEvent(phase, person):
                print(f"{phase:9} {person.name} {notes(person)}")

    def is_done(self) -> bool:
        """Every invitation has its outcome, and everybody's name is known."""
        decided = all(invitation.outcome for invitation in self.invitations)
        return decided and not any(person.partial for person in self.meeting.roster)

    def report(self) -> dict[str, object]:
        people = [
            {
                "uri": person.uri,
                "name": person.name,
                "role": person.role,
                "in_lobby": person.in_lobby,
                "organizer": person.organizer,
                "anonymous": person.anonymous,
            }
            for person in self.meeting.roster
        ]
        invitations = [
            {
                "to": invitation.to,
                "operation_id": invitation.operation_id,
                "outcome": invitation.outcome,
                "code": invitation.reason and invitation.reason.code,
                "subcode": invitation.reason and invitation.reason.subcode,
            }
            for invitation in self.invitations
        ]
        return {"roster": people, "invitations": invitations}


def notes(person: ucwa.Participant) -> str:
    """"(Leader, me, organizer)"."""
    flags = {
        "me": person.local,
        "organizer": person.organizer,
        "in the lobby": person.in_lobby,
        "typing": person.typing,
        "guest": person.anonymous,
        "...": person.partial,
    }
    return "(" + ", ".join([person.role or "?", *(note for note, is_so in flags.items() if is_so)]) + ")"


def main() -> int:
    options = arguments()
    watching_input = threading.Thread(target=sys.stdin.read, daemon=True)
    watching_input.start()
    session = ucwa.Session(
        options.user,
        root_url=options.root_url,
        username=options.username,
        password=os.environ[options.password_env],
        ca_file=options.ca,
        settings=dict(setting.split("=", 1) for setting in options.set),
    )
    events = session.events()
    with session:
        desk = Desk(session, session.start_meeting(options.subject))
        for address in options.invite:
            desk.invite(address)
        while watching_input.is_alive() or not desk.is_done():
            try:
                desk.hear(events.get(timeout=0.1))
            except TimeoutError:
                pass
        report = desk.report()
        desk.meeting.leave()
    for event in events:
        desk.hear(event)
    if options.report:
        options.report.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--user", metavar="SIP", help="who signs in; autodiscovery begins at its domain")
    parser.add_argument("--root-url", metavar="URL", help="begin here instead of autodiscovery")
    parser.add_argument("--username", help="the name to sign in with, if it is not the user's address")
    parser.add_argument("--password-env", metavar="VAR", required=True, help="the variable that holds the password")
    parser.add_argument("--ca", metavar="FILE", help="trust these certificates (PEM) besides those of the system")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="any key of docs/CONFIG.md")
    parser.add_argument("--subject", help="of the meeting")
    parser.add_argument("--invite", metavar="SIP", action="append", default=[], help="may be given many times")
    parser.add_argument("--report", metavar="FILE", type=pathlib.Path, help="write the last roster and all outcomes there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
