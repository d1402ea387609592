//! participant: its properties, operations, events and modalities.

use ucwa::delivery::EventBody;
use ucwa::model::{Capability, Participant};
use ucwa::wire::{Modality, Role, SourceNetwork};
use ucwa_sim::{Person, Settings, StoryAction};

use super::{JOE, Stage};

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
