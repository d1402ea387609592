//! Facts of the three pages as the simulator lives them: each of these tests fails when it leaves the fact out
//! (docs/PROTOCOL-COVERAGE.md, `make mutants`). The words themselves are looked at in tests/other_server/pages.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use ucwa::delivery::EventBody;
use ucwa::model::{Capability, ConversationId, Invitation, InvitationId, Outcome, Participant, Phase};
use ucwa::session::{AddParticipant, StartConversation};
use ucwa::wire::{
    ConversationState, DeclineReason, Direction, Importance, InvitationState, Modality, Role, SourceNetwork,
};
use ucwa_sim::{Escalation, Person, Settings, Simulator, StoryAction, StoryStep};

use crate::host::{Host, PATIENCE, config, simulator};

const JOE: &str = "sip:joe@contoso.com";

struct Stage {
    simulator: Simulator,
    host: Host,
    id: ConversationId,
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
        // The collections are read once, on joining: what comes after that is known from events alone.
        let deadline = Instant::now() + PATIENCE;
        while !host.session.roster(id).unwrap().is_complete() {
            assert!(Instant::now() < deadline, "never complete");
            std::thread::yield_now();
        }
        Stage { simulator, host, id }
    }

    fn plain() -> Stage {
        Stage::new(|_, _| {})
    }

    fn joe(&self, action: StoryAction) {
        let control = self.simulator.control();
        let meeting = control.truth().meetings.first().expect("a meeting").uri.clone();
        let step = StoryStep { at_ms: 0, action, uri: Some(JOE.into()), name: None, text: None };
        control.happen(&meeting, &step).expect("it happens");
    }

    /// Somebody as the host is told of him, once he is so. Deltas only: what was told before does not count.
    fn until(
        &mut self,
        who: impl Fn(&Participant) -> bool,
        is: impl Fn(&Participant) -> bool,
    ) -> Arc<Participant> {
        self.host.until("a person as expected", |event| match &event.body {
            EventBody::Participant(change) if change.phase != Phase::Deleted => {
                let person = &change.participant;
                (who(person) && is(person)).then(|| person.clone())
            }
            _ => None,
        })
    }

    fn until_joe(&mut self, is: impl Fn(&Participant) -> bool) -> Arc<Participant> {
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

/// Joe joins, and is told as this.
fn joins_as(change: impl FnOnce(&mut Settings, &mut Person), is: impl Fn(&Participant) -> bool) {
    let mut stage = Stage::new(change);
    stage.joe(StoryAction::Join);
    stage.until_joe(is);
}

#[test]
fn anonymous() {
    joins_as(|_, joe| joe.anonymous = true, |joe| joe.anonymous);
}

#[test]
fn other_phone_number() {
    joins_as(|_, joe| joe.other_phone = Some("tel:+1425".into()), |joe| joe.other_phone == "tel:+1425");
}

#[test]
fn work_phone_number() {
    joins_as(|_, joe| joe.work_phone = Some("tel:+1426".into()), |joe| joe.work_phone == "tel:+1426");
}

#[test]
fn source_network() {
    let cloud = Some(SourceNetwork::PublicCloud);
    joins_as(|_, joe| joe.source_network = Some("PublicCloud".into()), |joe| joe.source_network == cloud);
}

#[test]
fn uri() {
    joins_as(|_, _| {}, |joe| joe.name == "Joe Smith" && joe.uri == JOE);
}

#[test]
fn organizer() {
    let mut stage = Stage::plain();
    stage.until(|person| person.local, |me| me.organizer);
}

#[test]
fn local() {
    let mut stage = Stage::plain();
    stage.until(|person| person.uri == "sip:lene@contoso.com", |me| me.local);
}

#[test]
fn role() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.until_joe(|joe| joe.role == Some(Role::Attendee));
    stage.joe(StoryAction::Promote);
    stage.until_joe(|joe| joe.role == Some(Role::Leader));
}

#[test]
fn in_lobby() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Lobby);
    let joe = stage.until_joe(|joe| joe.in_lobby);
    stage.joe(StoryAction::Admit);
    stage.until_joe(|now| now.id == joe.id && !now.in_lobby && now.role == Some(Role::Attendee));
}

#[test]
fn added_and_deleted() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.until_joe(|_| true);
    stage.joe(StoryAction::Leave);
    stage.until_gone();
}

#[test]
fn typing() {
    let mut stage = Stage::new(|settings, _| settings.switches.typing_ms = 50);
    stage.joe(StoryAction::Join);
    stage.until_joe(|_| true);
    stage.joe(StoryAction::Typing);
    stage.until_joe(|joe| joe.typing);
    let mut typed = false;
    stage.host.until("that he stops", |event| match &event.body {
        EventBody::Participant(change) if change.participant.uri == JOE => {
            typed |= change.participant.typing;
            (typed && !change.participant.typing).then_some(())
        }
        _ => None,
    });
}

/// Allowed, done, and what comes of it.
fn act(stage: &mut Stage, capability: Capability) {
    let joe = stage.until_joe(|joe| joe.can.has(capability));
    let acted = stage.host.session.act_on_participant(stage.id, joe.id, capability).expect("allowed");
    stage.host.done(acted).expect("done");
}

#[test]
fn admit() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Lobby);
    act(&mut stage, Capability::Admit);
    stage.until_joe(|joe| {
        !joe.in_lobby && joe.role == Some(Role::Attendee) && !joe.can.has(Capability::Admit)
    });
}

#[test]
fn reject() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Lobby);
    act(&mut stage, Capability::Reject);
    stage.until_gone();
}

#[test]
fn promote() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    act(&mut stage, Capability::Promote);
    stage.until_joe(|joe| joe.role == Some(Role::Leader) && !joe.can.has(Capability::Promote));
}

#[test]
fn demote() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::JoinAsLeader);
    act(&mut stage, Capability::Demote);
    stage.until_joe(|joe| joe.role == Some(Role::Attendee) && !joe.can.has(Capability::Demote));
}

#[test]
fn eject() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    act(&mut stage, Capability::Eject);
    stage.until_gone();
}

/// Joined and left again.
fn modality(expected: &Modality, joins: StoryAction, leaves: StoryAction) {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.joe(joins);
    stage.until_joe(|joe| joe.modalities.contains(expected));
    stage.joe(leaves);
    let mut joined = false;
    stage.host.until("that it is over", |event| match &event.body {
        EventBody::Participant(change) if change.participant.uri == JOE => {
            joined |= change.participant.modalities.contains(expected);
            (joined && !change.participant.modalities.contains(expected)).then_some(())
        }
        _ => None,
    });
}

#[test]
fn participant_messaging() {
    modality(&Modality::Messaging, StoryAction::JoinMessaging, StoryAction::LeaveMessaging);
}

#[test]
fn participant_audio() {
    modality(&Modality::Audio, StoryAction::JoinAudio, StoryAction::LeaveAudio);
}

#[test]
fn participant_video() {
    modality(&Modality::Video, StoryAction::JoinVideo, StoryAction::LeaveVideo);
}

#[test]
fn participant_panoramic_video() {
    modality(&Modality::PanoramicVideo, StoryAction::JoinPanoramicVideo, StoryAction::LeavePanoramicVideo);
}

#[test]
fn participant_application_sharing() {
    let leaves = StoryAction::LeaveApplicationSharing;
    modality(&Modality::ApplicationSharing, StoryAction::JoinApplicationSharing, leaves);
}

#[test]
fn participant_data_collaboration() {
    let leaves = StoryAction::LeaveDataCollaboration;
    modality(&Modality::DataCollaboration, StoryAction::JoinDataCollaboration, leaves);
}

// ---- participantInvitation

#[test]
fn an_invitation_starts_rings_and_ends() {
    let mut stage = Stage::new(|_, joe| joe.steps = vec!["Alerting".into(), "TeamRing".into()]);
    let id = stage.invite(JOE);
    stage
        .until_told(id, |phase, it| phase == Phase::Started && it.state == Some(InvitationState::Connecting));
    stage.until_told(id, |phase, it| phase == Phase::Updated && it.state == Some(InvitationState::Alerting));
    stage.until_told(id, |phase, it| phase == Phase::Updated && it.state == Some(InvitationState::TeamRing));
    stage.until_told(id, |phase, it| phase == Phase::Completed && it.outcome == Some(Outcome::Accepted));
}

#[test]
fn what_an_invitation_says() {
    let mut stage = Stage::plain();
    let id = stage.invite(JOE);
    let said =
        stage.until_told(id, |_, it| it.importance == Some(Importance::Normal) && !it.thread_id.is_empty());
    assert_eq!((said.conversation, said.to.as_str()), (Some(stage.id), JOE));
}

#[test]
fn who_accepted() {
    let mut stage = Stage::plain();
    let id = stage.invite(JOE);
    let ended = stage.until_told(id, |phase, _| phase == Phase::Completed);
    let joe = stage.until_joe(|_| true);
    assert_eq!(ended.accepted_by, [joe.id]);
}
#[test]
fn who_invites() {
    let mut stage = Stage::plain();
    let id = stage.invite(JOE);
    stage.until_told(id, |_, it| it.from_uri == "sip:lene@contoso.com");
}

// ---- addParticipant, as the one who is asked sees it

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

/// Tosh is invited like this, and has a call that is so.
fn called(how: AddParticipant, is: impl Fn(&Invitation) -> bool) {
    let stage = Stage::new(|settings, _| patient(settings));
    let mut tosh = tosh(&stage.simulator);
    stage.host.session.add_participant(stage.id, TOSH, &how).expect("may invite");
    until_called(&mut tosh, is);
}

#[test]
fn the_subject_arrives() {
    let how = AddParticipant { subject: Some("Grüße".into()), ..AddParticipant::default() };
    called(how, |call| call.subject == "Grüße");
}

#[test]
fn on_behalf_of_arrives() {
    let how = AddParticipant { on_behalf_of: Some("Dana Birkby".into()), ..AddParticipant::default() };
    called(how, |call| call.on_behalf_of == "Dana Birkby");
}

#[test]
fn the_modalities_arrive() {
    let modalities = vec![Modality::Messaging, Modality::Audio];
    let how = AddParticipant { modalities: modalities.clone(), ..AddParticipant::default() };
    called(how, |call| call.available_modalities == modalities);
}

#[test]
fn the_operation_id_arrives() {
    let stage = Stage::plain();
    let how = AddParticipant { operation_id: Some("of our own".into()), ..AddParticipant::default() };
    let (_, operation) = stage.host.session.add_participant(stage.id, JOE, &how).expect("may invite");
    stage.host.done(operation).expect("taken");
    assert!(stage.simulator.control().truth().invitation("of our own").is_some());
}

/// A conversation between two, and a third who is invited into it.
fn third(change: impl FnOnce(&mut Settings)) -> (Simulator, Host, ConversationId, InvitationId) {
    let simulator = simulator(change);
    let host = Host::online(&config(&simulator));
    let called =
        host.session.start_conversation("sip:ana@contoso.com", &StartConversation::default()).unwrap();
    let id = ConversationId::new(host.done(called).expect("she answers")).unwrap();
    let (third, _) = host
        .session
        .add_participant(id, "sip:bo@contoso.com", &AddParticipant::default())
        .expect("offered between two as well");
    (simulator, host, id, third)
}

#[test]
fn escalation() {
    let (simulator, mut host, id, third) = third(|_| {});
    assert_eq!(host.outcome(third).outcome, Some(Outcome::Accepted));
    host.until_the_truth(&simulator, id);
    let now = host.session.conversation(id).expect("the same conversation");
    assert_eq!(now.state, Some(ConversationState::Conferenced));
    let names: BTreeSet<String> = host.session.roster(id).unwrap().iter().map(|p| p.uri.clone()).collect();
    let expected = ["sip:ana@contoso.com", "sip:bo@contoso.com", "sip:lene@contoso.com"];
    assert_eq!(names, expected.map(str::to_owned).into());
}

#[test]
fn escalation_that_fails() {
    let (_simulator, mut host, id, third) =
        third(|settings| settings.switches.escalation = Escalation::Fails);
    let ended = host.outcome(third);
    assert_eq!(ended.outcome, Some(Outcome::Failed));
    assert_eq!(ended.reason.as_ref().map(|reason| reason.subcode.as_str()), Some("EscalationFailed"));
    let mut seen = Vec::new();
    host.until("that it goes on", |event| match &event.body {
        EventBody::Conversation(change) if change.conversation.id == id => {
            seen.push(change.conversation.state.clone());
            let back = [Some(ConversationState::Conferencing), Some(ConversationState::Connected)];
            seen.ends_with(&back).then_some(())
        }
        _ => None,
    });
    assert_eq!(host.session.roster(id).unwrap().len(), 2);
}

/// The one who was called is invited into the meeting that his conversation becomes, and goes there with it.
#[test]
fn the_partner_comes_along() {
    let simulator = simulator(patient);
    let mut tosh = tosh(&simulator);
    let lene = Host::online(&config(&simulator));
    let called = lene.session.start_conversation(TOSH, &StartConversation::default()).unwrap();
    let call = until_called(&mut tosh, |call| call.outcome.is_none());
    let accepted = tosh.session.accept_invitation(call).unwrap();
    let his = ConversationId::new(tosh.done(accepted).expect("accepted")).unwrap();
    let hers = ConversationId::new(lene.done(called).expect("taken")).unwrap();
    lene.session.add_participant(hers, "sip:bo@contoso.com", &AddParticipant::default()).unwrap();
    tosh.until("that it is a meeting", |event| match &event.body {
        EventBody::Conversation(change) if change.conversation.id == his => {
            (change.conversation.state == Some(ConversationState::Conferenced)).then_some(())
        }
        _ => None,
    });
    tosh.until("the third", |event| match &event.body {
        EventBody::Participant(change) if change.conversation == his => {
            (change.participant.uri == "sip:bo@contoso.com").then_some(())
        }
        _ => None,
    });
    assert_eq!(tosh.session.conversations().len(), 1);
}

/// Two endpoints of Tosh ring; one of them declines.
fn declined(reason: DeclineReason) -> (Stage, InvitationId, Host, InvitationId) {
    let stage = Stage::new(|settings, _| patient(settings));
    let (mut one, mut other) = (tosh(&stage.simulator), tosh(&stage.simulator));
    let invited = stage.invite(TOSH);
    let call = until_called(&mut one, |call| call.outcome.is_none());
    let rings_on = until_called(&mut other, |call| call.outcome.is_none());
    let declined = one.session.decline_invitation(call, reason).unwrap();
    one.done(declined).expect("taken");
    assert_eq!(one.outcome(call).outcome, Some(Outcome::Declined));
    (stage, invited, other, rings_on)
}

#[test]
fn decline_local() {
    let (mut stage, invited, other, rings_on) = declined(DeclineReason::Local);
    let accepted = other.session.accept_invitation(rings_on).expect("it rings on");
    other.done(accepted).expect("accepted");
    assert_eq!(stage.host.outcome(invited).outcome, Some(Outcome::Accepted));
}

#[test]
fn decline_global() {
    let (mut stage, invited, mut other, rings_on) = declined(DeclineReason::Global);
    assert_eq!(stage.host.outcome(invited).outcome, Some(Outcome::Declined));
    other.outcome(rings_on);
}
