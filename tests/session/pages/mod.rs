//! Facts of the three pages as the simulator lives them: each of these tests fails when it leaves the fact out
//! (docs/PROTOCOL-COVERAGE.md, `make mutants`). The words themselves are looked at in tests/other_server/pages.

mod add_participant;
mod conversation;
mod invitation;
mod local_participant;
mod media;
mod participant;

use std::sync::Arc;
use std::time::Instant;

use ucwa::delivery::EventBody;
use ucwa::model::{Conversation, ConversationId, Invitation, InvitationId, Participant, Phase};
use ucwa::session::AddParticipant;
use ucwa::wire::Direction;
use ucwa_sim::{Person, Settings, Simulator, StoryAction, StoryStep};

use crate::host::{Host, PATIENCE, config, simulator};

const JOE: &str = "sip:joe@contoso.com";

struct Stage {
    simulator: Simulator,
    host: Host,
    id: ConversationId,
}

/// The collections are read once, on joining: what comes after that is known from events alone.
fn until_read(host: &Host, id: ConversationId) {
    let deadline = Instant::now() + PATIENCE;
    while !host.session.roster(id).unwrap().is_complete() {
        assert!(Instant::now() < deadline, "never complete");
        std::thread::yield_now();
    }
}

impl Stage {
    /// In a meeting, and Joe may come.
    fn new(change: impl FnOnce(&mut Settings, &mut Person)) -> Stage {
        let simulator = simulator(|settings| {
            let mut joe = Person { uri: JOE.into(), name: "Joe Smith".into(), ..Person::default() };
            change(settings, &mut joe);
            settings.people.push(joe);
        });
        let (host, id) = Host::in_a_meeting(&config(&simulator));
        until_read(&host, id);
        Stage { simulator, host, id }
    }

    fn plain() -> Stage {
        Stage::new(|_, _| {})
    }

    fn joe(&self, action: StoryAction) {
        self.happens(action, Some(JOE), None);
    }

    /// Somebody as the host was told of him when he was so for the first time.
    fn until(
        &mut self,
        who: impl Fn(&Participant) -> bool,
        mut is: impl FnMut(&Participant) -> bool,
    ) -> Arc<Participant> {
        self.host.until("a person as expected", |event| match &event.body {
            EventBody::Participant(change) if change.phase != Phase::Deleted => {
                let person = &change.participant;
                (who(person) && is(person)).then(|| person.clone())
            }
            _ => None,
        })
    }

    fn until_joe(&mut self, is: impl FnMut(&Participant) -> bool) -> Arc<Participant> {
        self.until(|person| person.uri == JOE, is)
    }

    fn until_gone(&mut self) {
        self.host.until("that he is gone", |event| match &event.body {
            EventBody::Participant(change) => {
                (change.phase == Phase::Deleted && change.participant.name == "Joe Smith").then_some(())
            }
            _ => None,
        });
    }

    fn invite(&self, to: &str) -> InvitationId {
        let (id, operation) =
            self.host.session.add_participant(self.id, to, &AddParticipant::default()).expect("may invite");
        self.host.done(operation).expect("taken");
        id
    }

    fn until_told(&mut self, id: InvitationId, is: impl Fn(Phase, &Invitation) -> bool) -> Arc<Invitation> {
        self.host.until("an invitation as expected", |event| match &event.body {
            EventBody::Invitation(change) if change.invitation.id == id => {
                is(change.phase, &change.invitation).then(|| change.invitation.clone())
            }
            _ => None,
        })
    }
}

const TOSH: &str = "sip:tosh@contoso.com";

/// Tosh, who can be called.
fn tosh(simulator: &Simulator) -> Host {
    let mut config = config(simulator);
    config.password("tosh@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    config.set("available.modalities", "Messaging").unwrap();
    Host::online(&config)
}

/// A call that comes in and is so.
fn until_called(host: &mut Host, is: impl Fn(&Invitation) -> bool) -> InvitationId {
    host.until("a call as expected", |event| match &event.body {
        EventBody::Invitation(change) if change.invitation.direction == Direction::Incoming => {
            is(&change.invitation).then_some(change.invitation.id)
        }
        _ => None,
    })
}

fn patient(settings: &mut Settings) {
    settings.switches.answer_timeout_ms = 30_000;
}

impl Stage {
    fn happens(&self, action: StoryAction, uri: Option<&str>, text: Option<&str>) {
        let control = self.simulator.control();
        let meeting = control.truth().meetings.first().expect("a meeting").uri.clone();
        let step =
            StoryStep { at_ms: 0, action, uri: uri.map(Into::into), name: None, text: text.map(Into::into) };
        control.happen(&meeting, &step).expect("it happens");
    }

    fn until_conversation(&mut self, is: impl Fn(&Conversation) -> bool) {
        let id = self.id;
        self.host.until("a conversation as expected", |event| match &event.body {
            EventBody::Conversation(change) if change.conversation.id == id => {
                is(&change.conversation).then_some(())
            }
            _ => None,
        });
    }
}
