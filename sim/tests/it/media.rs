//! Audio and video of people, and what a leader does with the whole audience.

use serde_json::json;
use ucwa_sim::StoryAction;

use crate::common::{Session, happen, has_link, href, participant, start};

const COUNT: &str = "communication: conversation updated Conferenced";

/// Audio and video of simulated people are seen, and can be muted by a leader.
#[test]
fn people_are_heard_seen_and_muted() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let bo = "sip:bo@contoso.com";
    happen(&sim, &uri, StoryAction::Join, bo);
    happen(&sim, &uri, StoryAction::JoinAudio, bo);
    happen(&sim, &uri, StoryAction::JoinVideo, bo);
    let added = events.until("conversation: participantAudio added in participant");
    events.until("conversation: participantVideo added in participant");
    let audio = lene.get(&added.href);
    assert_eq!((&audio["audioMuted"], &audio["audioDirection"]), (&json!(false), &json!("SendReceive")));
    assert_eq!(added.event["link"]["title"], audio["audioSourceId"]);
    lene.act(href(&audio, "muteAudio")).expect(204);
    events.until("conversation: participantAudio updated in participant");
    let audio = lene.get(&added.href);
    assert!(audio["audioMuted"] == true && has_link(&audio, "unmuteAudio") && !has_link(&audio, "muteAudio"));
    let his = participant(&lene, &conversation, "bo");
    assert!(has_link(&his, "participantVideo") && has_link(&his, "participantAudio"));
    let roster = sim.control().truth().meetings[0].roster.clone();
    assert!(roster[1].audio && roster[1].video && !roster[0].audio);

    let skip = events.seen.len();
    happen(&sim, &uri, StoryAction::LeaveVideo, bo);
    happen(&sim, &uri, StoryAction::Leave, bo);
    events.until_after(skip, COUNT);
    assert_eq!(
        events.lines_after(skip),
        [
            "conversation: participantVideo deleted in participant",
            "conversation: participantAudio deleted in participant",
            "conversation: participant deleted in attendees",
            "conversation: participant deleted",
            COUNT,
        ]
    );
}

/// What a leader does with all attendees at once, and what it means for one of them.
#[test]
fn the_audience_is_muted_and_silenced() {
    let sim = start();
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    let (his, _) = events.join_meeting(&uri);
    happen(&sim, &uri, StoryAction::Join, "sip:bo@contoso.com");
    happen(&sim, &uri, StoryAction::JoinAudio, "sip:bo@contoso.com");
    let messaging = tosh.get(href(&his, "messaging"));
    tosh.post(href(&messaging, "addMessaging"), &json!({})).expect(201);
    events.until("communication: messagingInvitation completed Success");
    let send = href(&tosh.get(href(&his, "messaging")), "sendMessage").to_owned();

    assert!(!has_link(&tosh.get(href(&his, "self")), "disableAudienceMessaging"), "for leaders only");
    let off = href(&hers, "disableAudienceMessaging");
    assert_eq!(tosh.act(&off.replace(href(&hers, "self"), href(&his, "self"))).status, 403);
    lene.act(off).expect(204);
    let conversation = lene.get(href(&hers, "self"));
    assert_eq!(conversation["audienceMessaging"], "Disabled");
    assert!(
        has_link(&conversation, "enableAudienceMessaging")
            && !has_link(&conversation, "disableAudienceMessaging")
    );
    assert!(!has_link(&tosh.get(href(&his, "messaging")), "sendMessage"));
    let plain = [("Content-Type", "text/plain")];
    assert_eq!(tosh.send("POST", &send, &plain, b"x").status, 403);
    lene.act(href(&conversation, "enableAudienceMessaging")).expect(204);
    tosh.send("POST", &send, &plain, b"x").expect(201);

    lene.act(href(&hers, "enableAudienceMuteLock")).expect(204);
    host.until("conversation: participantAudio updated in participant");
    let audio = format!("{}/participantAudio", href(&participant(&lene, &hers, "bo"), "self"));
    assert_eq!(lene.get(&audio)["audioMuted"], true);
    assert_eq!(lene.get(href(&hers, "self"))["audienceMute"], "Enabled");
}
