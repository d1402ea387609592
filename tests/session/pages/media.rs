//! What people take part in, muting, and the audience.

use ucwa::model::{AudienceAction, Capability, Media};
use ucwa::wire::{AudienceSetting, MediaDirection, Modality};
use ucwa_sim::StoryAction;

use super::{JOE, Stage};

/// Joe joins like this, and his part in it is so.
fn takes_part(actions: &[(StoryAction, Option<&str>)], modality: &Modality, is: impl Fn(&Media) -> bool) {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    for (action, text) in actions {
        stage.happens(*action, Some(JOE), *text);
    }
    stage.until_joe(|joe| joe.media.iter().any(|part| part.modality == *modality && is(part)));
}

fn direction(part: &Media) -> bool {
    part.direction == Some(MediaDirection::ReceiveOnly)
}

fn muted(part: &Media) -> bool {
    part.muted == Some(true)
}

fn source(part: &Media) -> bool {
    !part.source_id.is_empty()
}

const ONE_WAY: Option<&str> = Some("ReceiveOnly");

#[test]
fn audio_direction() {
    let actions = [(StoryAction::JoinAudio, None), (StoryAction::AudioDirection, ONE_WAY)];
    takes_part(&actions, &Modality::Audio, direction);
}

#[test]
fn audio_muted() {
    let actions = [(StoryAction::JoinAudio, None), (StoryAction::MuteAudio, None)];
    takes_part(&actions, &Modality::Audio, muted);
}

#[test]
fn audio_source() {
    takes_part(&[(StoryAction::JoinAudio, None)], &Modality::Audio, source);
}

#[test]
fn video_direction() {
    let actions = [(StoryAction::JoinVideo, None), (StoryAction::VideoDirection, ONE_WAY)];
    takes_part(&actions, &Modality::Video, direction);
}

#[test]
fn video_muted() {
    let actions = [(StoryAction::JoinVideo, None), (StoryAction::MuteVideo, None)];
    takes_part(&actions, &Modality::Video, muted);
}

#[test]
fn video_source() {
    takes_part(&[(StoryAction::JoinVideo, None)], &Modality::Video, source);
}

#[test]
fn panoramic_video() {
    let actions = [
        (StoryAction::JoinPanoramicVideo, None),
        (StoryAction::PanoramicVideoDirection, ONE_WAY),
        (StoryAction::MutePanoramicVideo, None),
    ];
    takes_part(&actions, &Modality::PanoramicVideo, |part| direction(part) && muted(part) && source(part));
}

#[test]
fn application_sharing() {
    let actions =
        [(StoryAction::JoinApplicationSharing, None), (StoryAction::ApplicationSharingDirection, ONE_WAY)];
    takes_part(&actions, &Modality::ApplicationSharing, |part| direction(part) && source(part));
}

/// What changes after it was read is told by `updated`.
#[test]
fn updated() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.joe(StoryAction::JoinAudio);
    stage.until_joe(|joe| joe.media.iter().any(|part| part.muted == Some(false)));
    stage.joe(StoryAction::MuteAudio);
    stage.until_joe(|joe| joe.media.iter().any(muted));
}

/// Muted by us, and unmuted.
fn mute(joins: StoryAction, modality: &Modality, mute: Capability, unmute: Capability) {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.joe(joins);
    for (capability, muted) in [(mute, true), (unmute, false)] {
        let joe = stage.until_joe(|joe| joe.can.has(capability));
        let acted = stage.host.session.act_on_participant(stage.id, joe.id, capability).expect("allowed");
        stage.host.done(acted).expect("done");
        let mut was_muted = false;
        stage.until_joe(|joe| {
            let part = joe.media.iter().find(|part| part.modality == *modality);
            let now = part.and_then(|part| part.muted);
            was_muted |= now == Some(true);
            now == Some(muted) && was_muted
        });
    }
}

#[test]
fn mute_audio() {
    mute(StoryAction::JoinAudio, &Modality::Audio, Capability::MuteAudio, Capability::UnmuteAudio);
}

#[test]
fn mute_video() {
    mute(StoryAction::JoinVideo, &Modality::Video, Capability::MuteVideo, Capability::UnmuteVideo);
}

/// Done by us, and told; then the opposite is offered.
fn audience(
    action: AudienceAction,
    opposite: AudienceAction,
    is: impl Fn(&ucwa::model::Conversation) -> bool,
) {
    let mut stage = Stage::plain();
    stage.until_conversation(|it| it.can.contains(&action));
    let acted = stage.host.session.act_on_audience(stage.id, action).expect("allowed");
    stage.host.done(acted).expect("done");
    stage.until_conversation(|it| is(it) && it.can.contains(&opposite) && !it.can.contains(&action));
    let acted = stage.host.session.act_on_audience(stage.id, opposite).expect("allowed");
    stage.host.done(acted).expect("done");
}

#[test]
fn audience_mute_lock() {
    audience(AudienceAction::EnableMuteLock, AudienceAction::DisableMuteLock, |it| {
        it.audience_mute == Some(AudienceSetting::Enabled)
    });
}

#[test]
fn audience_messaging() {
    audience(AudienceAction::DisableMessaging, AudienceAction::EnableMessaging, |it| {
        it.audience_messaging == Some(AudienceSetting::Disabled)
    });
}

#[test]
fn contact() {
    let mut stage = Stage::plain();
    stage.joe(StoryAction::Join);
    stage.until_joe(|joe| {
        let whole = |address: &str| address.starts_with("http") && address.contains("joe");
        whole(&joe.contact) && whole(&joe.contact_photo) && whole(&joe.contact_presence)
    });
}
