//! A front desk: starts an online meeting, invites everybody it is told to, shows who is in the room and how each
//! invitation goes, and leaves when its input ends (Ctrl-D).
//!
//! cargo run --example front_desk -- --user sip:lene@contoso.com --password-env PASSWORD --invite sip:bo@contoso.com
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{IsTerminal, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use ucwa::ErrorKind;
use ucwa::delivery::{Event, EventBody, Mask, Next, Reader, SessionState};
use ucwa::model::{
    ConversationId, Invitation, InvitationChange, InvitationId, OperationId, Participant, ParticipantChange,
    ParticipantId, Phase,
};
use ucwa::session::{AddParticipant, Config, Meeting, Session};
use ucwa::wire::ConversationState;

type Failure = Box<dyn Error>;

const USAGE: &str = "\
usage: front_desk (--user SIP | --root-url URL) --username NAME --password-env VAR [--ca FILE]
                  [--set KEY=VALUE]... [--subject TEXT] [--invite SIP]... [--report FILE]

  --user SIP          who signs in; autodiscovery begins at its domain
  --root-url URL      begin here instead of autodiscovery
  --username NAME     the name to sign in with, if it is not the user's address
  --password-env VAR  the environment variable that holds the password
  --ca FILE           trust these certificates (PEM) besides those of the system
  --set KEY=VALUE     any key of docs/CONFIG.md, such as resolve.lyncdiscover.contoso.com=127.0.0.1:4443
  --invite SIP        invite this person; may be given many times
  --report FILE       write the last roster and all outcomes there, as JSON";

fn main() -> Result<(), Failure> {
    let options = Options::from_args(std::env::args().skip(1))?;
    let session = Session::new(&options.config)?;
    let events = Reader::new(Mask::ALL, 0);
    events.attach(session.events());
    session.open()?;
    let mut desk = Desk::new(&session, &options);
    loop {
        match events.next(Some(Duration::from_millis(100))) {
            Next::Event(event) => desk.hear(&event)?,
            Next::Empty => {
                desk.show_room();
                desk.leave_if_done()?;
            }
            Next::Closed => break,
        }
    }
    desk.show_room();
    desk.report()
}

/// What happened so far, as this program sees it from events alone.
struct Desk<'a> {
    session: &'a Session,
    options: &'a Options,
    meeting: Option<(OperationId, Option<ConversationId>)>,
    room: BTreeMap<ParticipantId, Arc<Participant>>,
    /// The room differs from what was shown last.
    changed: bool,
    invitations: BTreeMap<InvitationId, Option<Arc<Invitation>>>,
    invited: bool,
    /// The meeting is over for us: the roster stays as it was.
    over: bool,
    leaving: AtomicBool,
    input_ended: Arc<AtomicBool>,
}

impl<'a> Desk<'a> {
    fn new(session: &'a Session, options: &'a Options) -> Self {
        let input_ended = Arc::new(AtomicBool::new(false));
        let ended = input_ended.clone();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            ended.store(true, Ordering::Release);
        });
        Desk {
            session,
            options,
            meeting: None,
            room: BTreeMap::new(),
            changed: false,
            invitations: BTreeMap::new(),
            invited: false,
            over: false,
            leaving: AtomicBool::new(false),
            input_ended,
        }
    }

    fn hear(&mut self, event: &Event) -> Result<(), Failure> {
        match &event.body {
            EventBody::State(change) => {
                println!("session: {} -> {}", change.old.as_str(), change.new.as_str());
                match (change.new, &change.reason) {
                    (SessionState::Failed, Some(reason)) => return Err(reason.clone().into()),
                    (SessionState::Online, _) if self.meeting.is_none() => {
                        let meeting = Meeting { subject: self.options.subject.clone(), ..Meeting::default() };
                        self.meeting = Some((self.session.start_meeting(&meeting)?, None));
                    }
                    _ => {}
                }
            }
            EventBody::OperationDone(done) => {
                let result = match &done.result {
                    // Our own closing was faster than the answer to leaving.
                    Err(error) if error.kind() == ErrorKind::Closed => return Ok(()),
                    result => result.clone()?,
                };
                let started = self.meeting.as_mut().filter(|(operation, _)| *operation == done.operation);
                if let Some((_, conversation)) = started {
                    *conversation = ConversationId::new(result);
                    println!("the meeting is on");
                    self.invite_all()?;
                }
            }
            EventBody::Participant(change) if !self.over => self.somebody_moved(change),
            EventBody::Invitation(change) => self.invitation_moved(change),
            EventBody::Conversation(change) => {
                self.over |= change.conversation.state == Some(ConversationState::Disconnected);
                if change.phase == Phase::Deleted {
                    self.session.close();
                }
            }
            EventBody::CredentialsNeeded(needed) => {
                let why =
                    if needed.attempt > 1 { "the password was refused" } else { "no password was given" };
                self.session.refuse_credentials(needed.request_id, why)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn invite_all(&mut self) -> Result<(), Failure> {
        let Some((_, Some(conversation))) = self.meeting else { return Ok(()) };
        for to in &self.options.invite {
            let (invitation, _) =
                self.session.add_participant(conversation, to, &AddParticipant::default())?;
            self.invitations.insert(invitation, None);
        }
        self.invited = true;
        Ok(())
    }

    fn somebody_moved(&mut self, change: &ParticipantChange) {
        let person = &change.participant;
        match change.phase {
            Phase::Deleted => self.room.remove(&person.id),
            _ => self.room.insert(person.id, person.clone()),
        };
        self.changed = true;
    }

    fn invitation_moved(&mut self, change: &InvitationChange) {
        let invitation = &change.invitation;
        let Some(known) = self.invitations.get_mut(&invitation.id) else { return };
        let state = invitation.state.as_ref().map_or("-", |state| state.as_str());
        let outcome = invitation.outcome.map_or("under way", |outcome| outcome.as_str());
        let reason =
            invitation.reason.as_ref().map(|r| format!(" ({}/{}: {})", r.code, r.subcode, r.message));
        let phase = change.phase.as_str();
        println!(
            "invitation {phase:9} {:32} {state:11} {outcome}{}",
            invitation.to,
            reason.unwrap_or_default()
        );
        *known = Some(invitation.clone());
    }

    /// Leaves when nobody speaks to us any more, every invitation has its outcome and everybody's name is known.
    fn leave_if_done(&self) -> Result<(), Failure> {
        let decided = self.invitations.values().all(|i| i.as_ref().is_some_and(|i| i.outcome.is_some()));
        let known = self.room.values().all(|person| !person.partial);
        let Some((_, Some(conversation))) = self.meeting else { return Ok(()) };
        let done = self.invited && decided && known && self.input_ended.load(Ordering::Acquire);
        if done && !self.leaving.swap(true, Ordering::AcqRel) {
            self.session.leave(conversation)?;
        }
        Ok(())
    }

    /// The table of the room, when it changed.
    fn show_room(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        let (bold, plain) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        println!("{bold}  {:24} {:36} {:9} notes{plain}", "name", "address", "role");
        for person in self.room.values() {
            let notes = [
                (person.local, "me"),
                (person.organizer, "organizer"),
                (person.in_lobby, "in the lobby"),
                (person.typing, "typing"),
                (person.anonymous, "guest"),
                (person.partial, "..."),
            ];
            let notes: Vec<&str> = notes.iter().filter(|(is_so, _)| *is_so).map(|(_, note)| *note).collect();
            let role = person.role.as_ref().map_or("", |role| role.as_str());
            println!("  {:24} {:36} {role:9} {}", person.name, person.uri, notes.join(", "));
        }
    }

    fn report(&self) -> Result<(), Failure> {
        let Some(path) = &self.options.report else { return Ok(()) };
        let people = self.room.values().map(|person| {
            json!({
                "uri": person.uri, "name": person.name, "role": person.role.as_ref().map(|role| role.as_str()),
                "in_lobby": person.in_lobby, "organizer": person.organizer, "anonymous": person.anonymous,
            })
        });
        let invitations = self.invitations.values().flatten().map(|invitation| {
            let reason = invitation.reason.as_ref();
            json!({
                "to": invitation.to, "operation_id": invitation.operation_id,
                "outcome": invitation.outcome.map(|outcome| outcome.as_str()),
                "code": reason.map(|r| &r.code), "subcode": reason.map(|r| &r.subcode),
            })
        });
        let report = json!({
            "roster": people.collect::<Vec<Value>>(),
            "invitations": invitations.collect::<Vec<Value>>(),
        });
        std::fs::write(path, format!("{report:#}\n"))?;
        Ok(())
    }
}

/// The command line.
struct Options {
    config: Config,
    subject: Option<String>,
    invite: Vec<String>,
    report: Option<String>,
}

impl Options {
    fn from_args(args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Options { config: Config::new(), subject: None, invite: Vec::new(), report: None };
        let (mut username, mut password) = (None, None);
        let mut args = args;
        while let Some(flag) = args.next() {
            if flag == "--help" {
                println!("{USAGE}");
                std::process::exit(0);
            }
            let value = args.next().ok_or(USAGE)?;
            match flag.as_str() {
                "--user" => {
                    options.config.user(&value)?;
                    username.get_or_insert(value.trim_start_matches("sip:").to_owned());
                }
                "--root-url" => drop(options.config.root_url(&value)?),
                "--username" => username = Some(value),
                "--password-env" => password = Some(std::env::var(&value)?),
                "--ca" => drop(options.config.add_root_certs_pem(&std::fs::read(&value)?)?),
                "--set" => {
                    let (key, value) = value.split_once('=').ok_or("--set wants KEY=VALUE")?;
                    options.config.set(key, value)?;
                }
                "--subject" => options.subject = Some(value),
                "--invite" => options.invite.push(value),
                "--report" => options.report = Some(value),
                _ => return Err(USAGE.into()),
            }
        }
        if let (Some(username), Some(password)) = (username, password) {
            options.config.password(&username, password)?;
        }
        Ok(options)
    }
}
