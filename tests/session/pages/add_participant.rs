//! addParticipant, as the one who is asked sees it; and in a conversation between two.

use std::collections::BTreeSet;

use ucwa::delivery::EventBody;
use ucwa::model::{ConversationId, Invitation, InvitationId, Outcome};
use ucwa::session::{AddParticipant, StartConversation};
use ucwa::wire::{ConversationState, Modality};
use ucwa_sim::{Escalation, Settings, Simulator};

use super::{JOE, Stage, TOSH, patient, tosh, until_called};
use crate::host::{Host, config, simulator};

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
