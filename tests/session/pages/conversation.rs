//! The conversation around it.

use ucwa::delivery::EventBody;
use ucwa::model::Phase;
use ucwa::wire::{AudienceSetting, ConversationState, Importance, Modality};
use ucwa_sim::{ActiveModalities, StoryAction};

use super::Stage;

#[test]
fn active_modalities() {
    let mut stage = Stage::new(|settings, _| settings.switches.active_modalities = ActiveModalities::Anybody);
    stage.joe(StoryAction::Join);
    stage.joe(StoryAction::JoinAudio);
    stage.until_conversation(|it| it.active_modalities == [Modality::Audio]);
}

#[test]
fn audience() {
    let mut stage = Stage::plain();
    stage.happens(StoryAction::LockAudience, None, None);
    stage.until_conversation(|it| it.audience_mute == Some(AudienceSetting::Enabled));
    stage.happens(StoryAction::SilenceAudience, None, None);
    stage.until_conversation(|it| it.audience_messaging == Some(AudienceSetting::Disabled));
}

#[test]
fn participant_count() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.until_conversation(|it| it.participant_count == Some(2));
}

#[test]
fn recording() {
    let mut stage = Stage::plain();
    stage.happens(StoryAction::StartRecording, None, None);
    stage.until_conversation(|it| it.recording == Some(true));
}

#[test]
fn subject() {
    let mut stage = Stage::plain();
    stage.happens(StoryAction::Subject, None, Some("Budget"));
    stage.until_conversation(|it| it.subject == "Budget");
}

#[test]
fn words() {
    let mut stage = Stage::plain();
    stage.until_conversation(|it| it.importance == Some(Importance::Normal) && !it.thread_id.is_empty());
}

#[test]
fn that_ends() {
    let mut stage = Stage::plain();
    stage.happens(StoryAction::End, None, None);
    stage.until_conversation(|it| it.state == Some(ConversationState::Disconnected));
    stage.until_conversation(|it| it.reason.as_ref().is_some_and(|reason| reason.subcode == "Ended"));
    stage.host.until("the last word", |event| match &event.body {
        EventBody::Conversation(change) => (change.phase == Phase::Deleted).then_some(()),
        _ => None,
    });
}
