//! What people take part in: the resources of every modality, muting, the audience, and what the conversation tells.

use serde_json::{Value, json};
use ucwa_sim::{ActiveModalities, Medium, Person, Simulator, StoryAction, StoryStep};

use crate::common::{Channel, Session, happen, has_link, href, participant, start, start_with};

const BO: &str = "sip:bo@contoso.com";
const TOSH: &str = "sip:tosh@contoso.com";
const COUNT: &str = "communication: conversation updated Conferenced";

fn with_text(sim: &Simulator, meeting: &str, action: StoryAction, uri: &str, text: &str) -> bool {
    let step = StoryStep { text: Some(text.into()), ..StoryStep::new(0, action, uri) };
    sim.control().happen(meeting, &step).is_ok()
}

fn next(events: &mut Channel<'_>, last: &str) -> Vec<String> {
    let skip = events.seen.len();
    events.until_after(skip, last);
    events.lines_after(skip)
}

#[test]
fn each_modality_comes_changes_and_goes() {
    use StoryAction as A;
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    happen(&sim, &uri, A::Join, BO);
    // rel, beginning of its properties, can be muted, links to mute, joining, changing, leaving
    let table = [
        ("participantAudio", Some("audio"), true, true, A::JoinAudio, A::MuteAudio, A::LeaveAudio),
        ("participantVideo", Some("video"), true, true, A::JoinVideo, A::MuteVideo, A::LeaveVideo),
        (
            "participantPanoramicVideo",
            Some("panoramicVideo"),
            true,
            false,
            A::JoinPanoramicVideo,
            A::MutePanoramicVideo,
            A::LeavePanoramicVideo,
        ),
        (
            "participantApplicationSharing",
            Some("applicationSharing"),
            false,
            false,
            A::JoinApplicationSharing,
            A::ApplicationSharingDirection,
            A::LeaveApplicationSharing,
        ),
        (
            "participantDataCollaboration",
            None,
            false,
            false,
            A::JoinDataCollaboration,
            A::JoinDataCollaboration,
            A::LeaveDataCollaboration,
        ),
    ];
    for (rel, prefix, mutable, links, join, change, leave) in table {
        happen(&sim, &uri, join, BO);
        let added = events.until(&format!("conversation: {rel} added in participant"));
        assert!(added.event.get("_embedded").is_none());
        let own = lene.get(&added.href);
        assert_eq!(own["rel"], rel);
        assert_eq!(href(&own, "participant"), added.event["in"]["href"].as_str().expect("in"));
        assert_eq!(has_link(&own, "muteAudio") || has_link(&own, "muteVideo"), links, "{rel}");
        let him = participant(&lene, &conversation, "bo");
        assert_eq!(href(&him, rel), added.href);
        let Some(prefix) = prefix else {
            assert_eq!(own.as_object().expect("an object").len(), 2, "no properties: {own}");
            happen(&sim, &uri, leave, BO);
            events.until(&format!("conversation: {rel} deleted in participant"));
            continue;
        };
        assert_eq!(own[format!("{prefix}Direction")], "SendReceive");
        assert_eq!(own[format!("{prefix}SourceId")], added.event["link"]["title"]);
        assert_eq!(own.get(format!("{prefix}Muted")).is_some(), mutable, "{rel}");
        assert!(with_text(&sim, &uri, change, BO, "SendOnly"));
        events.until(&format!("conversation: {rel} updated in participant"));
        let own = lene.get(&added.href);
        if mutable {
            assert_eq!(own[format!("{prefix}Muted")], true, "{rel}");
        } else {
            assert_eq!(own[format!("{prefix}Direction")], "SendOnly");
        }
        happen(&sim, &uri, leave, BO);
        events.until(&format!("conversation: {rel} deleted in participant"));
        assert_eq!(lene.status_of(&added.href), 404);
        assert!(!has_link(&participant(&lene, &conversation, "bo"), rel));
    }
    for action in [A::AudioDirection, A::VideoDirection] {
        happen(&sim, &uri, if action == A::AudioDirection { A::JoinAudio } else { A::JoinVideo }, BO);
        assert!(with_text(&sim, &uri, action, BO, "ReceiveOnly"));
        assert!(!with_text(&sim, &uri, action, BO, "ReceiveOnly"), "nothing changes");
        assert!(!with_text(&sim, &uri, action, BO, "Sideways"), "no direction");
    }
    let audio = lene.get(href(&participant(&lene, &conversation, "bo"), "participantAudio"));
    assert_eq!(audio["audioDirection"], "ReceiveOnly");
    let truth = &sim.control().truth().meetings[0].roster[1];
    assert!(truth.audio && truth.video && !truth.panoramic_video && !truth.audio_muted);
}

/// What the user himself takes part in lies in localParticipant, and his conversation and its modalities tell it.
#[test]
fn active_modalities_follow_the_user_or_everybody() {
    for whose in [ActiveModalities::Own, ActiveModalities::Anybody] {
        let sim = start_with(|settings| {
            settings.switches.active_modalities = whose;
            settings.switches.embed_modalities = true;
        });
        let lene = Session::sign_in(&sim, "lene");
        let mut events = lene.channel();
        let (conversation, uri) = events.start_meeting();
        let active = || lene.get(href(&conversation, "self"))["activeModalities"].clone();
        happen(&sim, &uri, StoryAction::JoinAudio, "sip:lene@contoso.com");
        assert_eq!(
            next(&mut events, COUNT),
            [
                "conversation: participantAudio added in localParticipant",
                "conversation: audioVideo updated Connected",
                COUNT,
            ]
        );
        let added = events.until("conversation: participantAudio added");
        assert_eq!(added.body()["audioMuted"], false, "embedded");
        assert_eq!(active(), json!(["Audio"]));
        happen(&sim, &uri, StoryAction::Join, BO);
        happen(&sim, &uri, StoryAction::JoinVideo, BO);
        happen(&sim, &uri, StoryAction::JoinMessaging, BO);
        let everybody = json!(["Messaging", "Audio", "Video"]);
        assert_eq!(
            active(),
            if whose == ActiveModalities::Own { json!(["Audio"]) } else { everybody.clone() }
        );
        assert_eq!(json!(sim.control().truth().conversations[0].active_modalities), active());
        if whose == ActiveModalities::Anybody {
            let told = |seen: &&crate::common::Seen| seen.body()["activeModalities"] == everybody;
            while !events.seen.iter().any(|seen| told(&seen)) {
                events.page();
            }
        }
        assert_eq!(lene.get(href(&conversation, "audioVideo"))["state"], "Connected");
        happen(&sim, &uri, StoryAction::LeaveAudio, "sip:lene@contoso.com");
        events.until("conversation: audioVideo updated Disconnected");
    }
}

/// The user's own audio: he mutes himself, unless the audience is locked.
#[test]
fn the_mute_lock_holds_attendees() {
    let sim = start();
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    let (his, _) = events.join_meeting(&uri);
    happen(&sim, &uri, StoryAction::JoinAudio, TOSH);
    let added = events.until("conversation: participantAudio added in localParticipant");
    let own = || tosh.get(&added.href);
    tosh.act(href(&own(), "muteAudio")).expect(204);
    assert_eq!(own()["audioMuted"], true);
    tosh.act(href(&own(), "unmuteAudio")).expect(204);

    lene.act(href(&hers, "enableAudienceMuteLock")).expect(204);
    assert_eq!(own()["audioMuted"], true, "muted by the lock");
    assert!(!has_link(&own(), "unmuteAudio"), "and kept so");
    assert_eq!(tosh.act(&format!("{}/unmuteAudio", added.href)).status, 403);
    let in_her_eyes = lene.get(href(&participant(&lene, &hers, "tosh"), "participantAudio"));
    assert!(has_link(&in_her_eyes, "unmuteAudio"), "a leader can");
    happen(&sim, &uri, StoryAction::Join, BO);
    happen(&sim, &uri, StoryAction::JoinAudio, BO);
    let truth = sim.control().truth().meetings[0].clone();
    assert!(
        truth.audience_mute_lock && truth.roster.iter().all(|r| r.audio_muted == r.audio),
        "who comes too"
    );
    assert_eq!(tosh.get(href(&his, "self"))["audienceMute"], "Enabled");

    let skip = events.seen.len();
    lene.act(href(&lene.get(href(&hers, "self")), "disableAudienceMuteLock")).expect(204);
    events.until_after(skip, "conversation: participantAudio updated in localParticipant");
    assert_eq!(own()["audioMuted"], true, "unlocking does not unmute");
    tosh.act(href(&own(), "unmuteAudio")).expect(204);
    host.until("conversation: participantAudio updated in participant");
    assert!(!sim.control().truth().meetings[0].audience_mute_lock);
}

#[test]
fn recording_sharing_and_locked_video_are_told() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    assert_eq!(conversation["recording"], false);
    happen(&sim, &uri, StoryAction::StartRecording, "");
    let skip = events.seen.len();
    assert_eq!(events.until_after(skip, COUNT).body()["recording"], true);
    assert!(sim.control().truth().meetings[0].recording);
    happen(&sim, &uri, StoryAction::StopRecording, "");

    happen(&sim, &uri, StoryAction::Join, BO);
    happen(&sim, &uri, StoryAction::Join, "sip:zoe@contoso.com");
    for (rel, modality, light, dark) in [
        ("applicationSharer", "applicationSharing", StoryAction::Share, StoryAction::StopSharing),
        ("videoLockedOnParticipant", "audioVideo", StoryAction::LockVideo, StoryAction::UnlockVideo),
    ] {
        let modality_now = || lene.get(href(&conversation, modality));
        assert!(!has_link(&modality_now(), rel));
        happen(&sim, &uri, light, BO);
        let added = events.until(&format!("conversation: {rel} added in {modality}"));
        assert_eq!(lene.get(&added.href)["uri"], BO);
        assert_eq!(href(&modality_now(), rel), added.href);
        happen(&sim, &uri, light, "sip:zoe@contoso.com");
        events.until(&format!("conversation: {rel} updated in {modality}"));
        assert_eq!(lene.get(&added.href)["uri"], "sip:zoe@contoso.com");
        happen(&sim, &uri, dark, "");
        events.until(&format!("conversation: {rel} deleted in {modality}"));
        assert_eq!(lene.status_of(&added.href), 404);
    }
    happen(&sim, &uri, StoryAction::Share, BO);
    assert_eq!(sim.control().truth().meetings[0].sharer.as_deref(), Some(BO));
    let skip = events.seen.len();
    happen(&sim, &uri, StoryAction::Leave, BO);
    events.until_after(skip, "conversation: applicationSharer deleted");
}

#[test]
fn the_server_can_remove_somebody_from_the_messaging() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let messaging = lene.get(href(&conversation, "messaging"));
    lene.post(href(&messaging, "addMessaging"), &json!({"operationId": "im"})).expect(201);
    events.until("communication: messagingInvitation completed Success");
    happen(&sim, &uri, StoryAction::RemoveMessaging, "sip:lene@contoso.com");
    let lines = next(&mut events, COUNT);
    assert_eq!(
        lines,
        [
            "conversation: messaging updated Disconnected",
            "conversation: participantMessaging deleted in localParticipant",
            COUNT,
        ]
    );
    let removed = &events.seen[events.seen.len() - 3];
    assert_eq!(removed.event["reason"]["subcode"], "Removed");
    assert_eq!(lene.get(href(&conversation, "self"))["activeModalities"], json!([]));
    assert!(has_link(&lene.get(href(&conversation, "messaging")), "addMessaging"), "there is a way back");
}

/// Who types is told of it himself too, by the repeated `added` of localParticipant's page.
#[test]
fn the_one_who_types_is_told() {
    for told in [true, false] {
        let sim = start_with(|settings| {
            settings.switches.typing_ms = 5;
            settings.switches.local_repeated_events = told;
        });
        let lene = Session::sign_in(&sim, "lene");
        let mut events = lene.channel();
        let (_, uri) = events.start_meeting();
        happen(&sim, &uri, StoryAction::Typing, "sip:lene@contoso.com");
        let ended = |truth: &ucwa_sim::Truth| !truth.meetings[0].roster[0].typing;
        sim.control().wait_until(crate::common::PATIENCE, ended).expect("it ends");
        happen(&sim, &uri, StoryAction::Join, BO);
        events.until("conversation: participant added");
        let typing = |seen: &&crate::common::Seen| seen.within.as_deref() == Some("typingParticipants");
        let lines: Vec<String> = events.seen.iter().filter(typing).map(crate::common::Seen::line).collect();
        let wanted: &[&str] = if told {
            &[
                "conversation: localParticipant added in typingParticipants",
                "conversation: localParticipant deleted in typingParticipants",
            ]
        } else {
            &[]
        };
        assert_eq!(lines, wanted);
    }
}

/// People who join modalities on entering, and everything of theirs that goes with them.
#[test]
fn people_bring_their_modalities_along() {
    let sim = start();
    let cam = Person {
        uri: "sip:cam@contoso.com".into(),
        joins_messaging: true,
        joins: vec![Medium::Audio, Medium::DataCollaboration],
        ..Person::default()
    };
    sim.control().add_person(cam).expect("added");
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    happen(&sim, &uri, StoryAction::Lobby, "sip:cam@contoso.com");
    events.until("conversation: participant added in lobby");
    let him = participant(&lene, &conversation, "cam");
    assert!(!has_link(&him, "participantAudio"), "nobody takes part from the lobby");
    lene.act(href(&him, "admit")).expect(204);
    next(&mut events, COUNT);
    happen(&sim, &uri, StoryAction::Leave, "sip:cam@contoso.com");
    assert_eq!(
        next(&mut events, COUNT),
        [
            "conversation: participantMessaging deleted in participant",
            "conversation: participantAudio deleted in participant",
            "conversation: participantDataCollaboration deleted in participant",
            "conversation: participant deleted in attendees",
            "conversation: participant deleted",
            COUNT,
        ]
    );
    let modal: Vec<Value> = events.seen.iter().filter_map(|s| s.event.get("in").cloned()).collect();
    assert!(modal.iter().all(|within| within["href"].is_string()));
}
