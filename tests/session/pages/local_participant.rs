//! localParticipant: the user himself.

use ucwa::delivery::EventBody;
use ucwa::model::{ConversationId, Participant, Phase};
use ucwa::session::{Meeting, StartConversation};
use ucwa::wire::{Modality, Role};
use ucwa_sim::{AccessLevel, PlannedMeeting, Simulator, StoryAction, StoryStep};

use super::until_read;
use crate::host::{Host, config, simulator};

/// The user's own part in the messaging of a conversation between two.
#[test]
fn messaging() {
    let simulator = simulator(|_| {});
    let mut host = Host::online(&config(&simulator));
    let called =
        host.session.start_conversation("sip:ana@contoso.com", &StartConversation::default()).unwrap();
    host.done(called).expect("she answers");
    host.until("his own messaging", |event| match &event.body {
        EventBody::Participant(change) if change.participant.local => {
            (change.participant.modalities == [Modality::Messaging]).then_some(())
        }
        _ => None,
    });
}

#[test]
fn role() {
    let (simulator, mut host, id) = guest_of_a_meeting();
    happen_to_lene(&simulator, StoryAction::Promote);
    until_own(&mut host, id, |me| me.role == Some(Role::Leader));
    happen_to_lene(&simulator, StoryAction::Demote);
    let mut led = false;
    host.until("that he leads no more", |event| match &event.body {
        EventBody::Participant(change) if change.participant.local => {
            led |= change.participant.role == Some(Role::Leader);
            (led && change.participant.role == Some(Role::Attendee)).then_some(())
        }
        _ => None,
    });
}

#[test]
fn end() {
    let (simulator, mut host, id) = guest_of_a_meeting();
    until_own(&mut host, id, |_| true);
    happen_to_lene(&simulator, StoryAction::Eject);
    host.until("that he is out of the roster", |event| match &event.body {
        EventBody::Participant(change) if change.participant.local => {
            (change.phase == Phase::Deleted).then_some(())
        }
        _ => None,
    });
}

fn guest_of_a_meeting() -> (Simulator, Host, ConversationId) {
    let simulator = simulator(|settings| {
        settings.meetings = vec![PlannedMeeting {
            id: "AB12CD".into(),
            organizer: "sip:tosh@contoso.com".into(),
            subject: "Weekly".into(),
            access_level: AccessLevel::Everyone,
            leaders: vec!["sip:ana@contoso.com".into()],
            attendees: Vec::new(),
        }];
    });
    let uri = simulator.control().truth().meetings.first().expect("a meeting").uri.clone();
    let host = Host::online(&config(&simulator));
    let joined = host.session.join_meeting(&uri, &Meeting::default()).unwrap();
    let id = ConversationId::new(host.done(joined).expect("joins")).unwrap();
    until_read(&host, id);
    (simulator, host, id)
}

fn happen_to_lene(simulator: &Simulator, action: StoryAction) {
    let control = simulator.control();
    let meeting = control.truth().meetings.first().expect("a meeting").uri.clone();
    let uri = Some("sip:lene@contoso.com".into());
    control
        .happen(&meeting, &StoryStep { at_ms: 0, action, uri, name: None, text: None })
        .expect("it happens");
}

fn until_own(host: &mut Host, id: ConversationId, is: impl Fn(&Participant) -> bool) {
    host.until("the user himself", |event| match &event.body {
        EventBody::Participant(change) if change.conversation == id && change.participant.local => {
            is(&change.participant).then_some(())
        }
        _ => None,
    });
}
