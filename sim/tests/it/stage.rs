//! Who comes, waits, leads and goes: the event orders as tables, on both sides.

use serde_json::{Value, json};
use ucwa_sim::{AccessLevel, Outcome, StoryAction, StoryStep};

use crate::common::{Channel, PATIENCE, Session, happen, has_link, href, participant, start, start_with};

/// The lines of the next events, up to one that begins so.
fn next(events: &mut Channel<'_>, last: &str) -> Vec<String> {
    let skip = events.seen.len();
    events.until_after(skip, last);
    events.lines_after(skip)
}

const COUNT: &str = "communication: conversation updated Conferenced";

fn hrefs(collection: &Value) -> Vec<String> {
    let links = collection["_links"]["participant"].as_array().expect("an array, even of one");
    links
        .iter()
        .map(|link| link["href"].as_str().expect("an href").rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[test]
fn somebody_joins_changes_his_role_and_leaves() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let ana = "sip:ana@contoso.com";

    happen(&sim, &uri, StoryAction::Join, ana);
    assert_eq!(
        next(&mut events, COUNT),
        [
            "conversation: participant added",
            "conversation: participant added in attendees",
            "conversation: participantMessaging added in participant",
            COUNT,
        ]
    );
    let added = events.until("conversation: participant added");
    assert_eq!(added.event["link"]["title"], "Ana Perez");
    assert!(added.event.get("_embedded").is_none());
    assert_eq!(events.seen.last().expect("an event").body()["participantCount"], 2);
    let her = lene.get(&added.href);
    assert_eq!(
        (&her["role"], &her["inLobby"], &her["organizer"]),
        (&json!("Attendee"), &json!(false), &json!(false))
    );
    assert!(has_link(&her, "promote") && has_link(&her, "eject") && !has_link(&her, "demote"));

    lene.act(href(&her, "promote")).expect(204);
    assert_eq!(
        next(&mut events, "conversation: participant updated"),
        [
            "conversation: participant deleted in attendees",
            "conversation: participant added in leaders",
            "conversation: participant updated",
        ]
    );
    let her = participant(&lene, &conversation, "ana");
    assert!(has_link(&her, "demote") && !has_link(&her, "promote"));
    assert_eq!(hrefs(&lene.get(href(&conversation, "leaders"))), ["lene@contoso.com", "ana@contoso.com"]);
    assert_eq!(hrefs(&lene.get(href(&conversation, "attendees"))), Vec::<String>::new());

    lene.act(href(&her, "demote")).expect(204);
    assert_eq!(
        next(&mut events, "conversation: participant updated"),
        [
            "conversation: participant deleted in leaders",
            "conversation: participant added in attendees",
            "conversation: participant updated",
        ]
    );

    happen(&sim, &uri, StoryAction::Leave, ana);
    assert_eq!(
        next(&mut events, COUNT),
        [
            "conversation: participantMessaging deleted in participant",
            "conversation: participant deleted in attendees",
            "conversation: participant deleted",
            COUNT,
        ]
    );
    assert_eq!(lene.status_of(href(&her, "self")), 404);
    assert!(sim.control().leave(&uri, ana).is_err(), "nobody leaves twice");
}

#[test]
fn the_lobby_is_left_by_admission_rejection_or_patience() {
    let sim = start_with(|settings| settings.switches.lobby_timeout_ms = Some(60_000));
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let into_lobby = ["conversation: participant added", "conversation: participant added in lobby"];

    happen(&sim, &uri, StoryAction::Lobby, "sip:bo@contoso.com");
    assert_eq!(next(&mut events, into_lobby[1]), into_lobby);
    let lobby = lene.get(href(&conversation, "lobby"));
    let waiting = &lobby["_embedded"]["participant"][0];
    assert_eq!(waiting["inLobby"], true);
    assert!(has_link(waiting, "admit") && has_link(waiting, "reject") && !has_link(waiting, "eject"));
    assert_eq!(lene.get(href(&conversation, "self"))["participantCount"], 1, "the lobby does not count");
    lene.act(href(waiting, "admit")).expect(204);
    assert_eq!(
        next(&mut events, COUNT),
        [
            "conversation: participant deleted in lobby",
            "conversation: participant added in attendees",
            "conversation: participant updated",
            COUNT,
        ]
    );
    assert_eq!(lene.act(href(waiting, "admit")).status, 403, "the link is gone");

    happen(&sim, &uri, StoryAction::Lobby, "sip:zoe@contoso.com");
    next(&mut events, into_lobby[1]);
    let waiting = participant(&lene, &conversation, "zoe");
    lene.act(href(&waiting, "reject")).expect(204);
    assert_eq!(
        next(&mut events, "conversation: participant deleted in lobby"),
        ["conversation: participant deleted in lobby", "conversation: participant deleted"]
    );

    sim.control().change_switches(|switches| switches.lobby_timeout_ms = Some(1));
    happen(&sim, &uri, StoryAction::Lobby, "sip:zoe@contoso.com");
    next(&mut events, "conversation: participant deleted in lobby");
    let roster = sim.control().truth().meeting(&uri).expect("it").roster.clone();
    assert_eq!(roster.iter().filter(|entry| entry.in_lobby).count(), 0);
}

/// The guest's own side: he waits in the lobby and his invitation stays open until he is let in or turned away.
#[test]
fn a_guest_waits_in_the_lobby() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut host = lene.channel();
    let (conversation, uri) = host.start_meeting();
    let outside = [
        "communication: onlineMeetingInvitation started Connecting",
        "communication: conversation added Connecting",
        "conversation: localParticipant added",
        "communication: conversation updated Conferencing",
        "communication: conversation updated InLobby",
    ];
    let enter = |name: &str| {
        let guest = Session::guest(&sim, &uri);
        let body = json!({"onlineMeetingUri": uri, "anonymousDisplayName": name, "operationId": name});
        guest.post(guest.communication("joinOnlineMeeting"), &body).expect(201);
        guest
    };

    let gus = enter("Gus");
    let mut events = gus.channel();
    assert_eq!(next(&mut events, outside[4]), outside);
    assert_eq!(sim.control().truth().invitation("Gus").expect("his").state, "Connecting");
    host.until("conversation: participant added in lobby");
    let lobby = lene.get(href(&conversation, "lobby"));
    let waiting = &lobby["_embedded"]["participant"][0];
    assert_eq!((&waiting["name"], &waiting["anonymous"]), (&json!("Gus"), &json!(true)));
    lene.act(href(waiting, "admit")).expect(204);
    assert_eq!(
        next(&mut events, "communication: onlineMeetingInvitation completed"),
        [
            "communication: conversation updated Conferenced",
            "conversation: onlineMeeting added in conversation",
            "conversation: participant added",
            "conversation: participant added in leaders",
            "conversation: localParticipant added in attendees",
            "conversation: messaging updated Disconnected",
            "communication: onlineMeetingInvitation completed Success Connected",
        ]
    );

    let ida = enter("Ida");
    let mut events = ida.channel();
    next(&mut events, outside[4]);
    let lobby = lene.get(href(&conversation, "lobby"));
    lene.act(href(&lobby["_embedded"]["participant"][0], "reject")).expect(204);
    let lines = next(&mut events, "communication: conversation deleted");
    assert_eq!(
        lines,
        [
            "communication: onlineMeetingInvitation completed Failure Failed",
            "communication: conversation updated Disconnected",
            "conversation: localParticipant deleted",
            "communication: conversation deleted",
        ]
    );
    let ended = events.until("communication: onlineMeetingInvitation completed");
    assert_eq!(
        (&ended.event["reason"]["code"], &ended.event["reason"]["subcode"]),
        (&json!("Forbidden"), &json!("Denied"))
    );
    assert_eq!(sim.control().truth().invitation("Ida").expect("hers").outcome, Some(Outcome::Failed));
}

#[test]
fn access_levels_decide_about_the_lobby() {
    // Whether a colleague, an invited colleague and a guest wait outside.
    let cases = [
        (AccessLevel::Everyone, [false, false, false]),
        (AccessLevel::SameEnterprise, [false, false, true]),
        (AccessLevel::Invited, [true, false, true]),
        (AccessLevel::Locked, [true, true, true]),
    ];
    for (level, outside) in cases {
        for (invited, wanted) in [(false, outside[0]), (true, outside[1])] {
            let sim = start();
            let lene = Session::sign_in(&sim, "lene");
            let tosh = Session::sign_in(&sim, "tosh");
            let mine = href(lene.part("onlineMeetings"), "myOnlineMeetings");
            let list = if invited { json!(["sip:Tosh@contoso.com"]) } else { json!([]) };
            let meeting =
                lene.post(mine, &json!({"accessLevel": level, "attendees": list})).expect(201).json();
            let uri = meeting["onlineMeetingUri"].as_str().expect("a URI");
            let body = json!({"onlineMeetingUri": uri});
            tosh.post(tosh.communication("joinOnlineMeeting"), &body).expect(201);
            let guest = Session::guest(&sim, uri);
            guest.post(guest.communication("joinOnlineMeeting"), &body).expect(201);
            let both = |truth: &ucwa_sim::Truth| truth.meetings[0].roster.len() == 2;
            let truth = sim.control().wait_until(PATIENCE, both).expect("both are there");
            let place = |guest: bool| {
                truth.meetings[0].roster.iter().find(|r| r.anonymous == guest).unwrap().in_lobby
            };
            assert_eq!((place(false), place(true)), (wanted, outside[2]), "{level:?}, invited: {invited}");
        }
    }
}

/// A user who is made a leader may do more with everybody, and is told so.
#[test]
fn the_promoted_one_learns_what_he_may_do_now() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let tosh = Session::sign_in(&sim, "tosh");
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    sim.control().join(&uri, "sip:bo@contoso.com").expect("he joins");
    let (his, _) = events.join_meeting(&uri);
    assert!(!has_link(&participant(&tosh, &his, "bo"), "eject"));
    host.until("conversation: participant added in attendees");
    let before = participant(&lene, &hers, "tosh");
    lene.act(href(&before, "promote")).expect(204);
    assert_eq!(
        next(&mut events, COUNT),
        [
            "conversation: localParticipant deleted in attendees",
            "conversation: localParticipant added in leaders",
            "conversation: localParticipant updated",
            "conversation: participant updated",
            "conversation: participant updated",
            COUNT,
        ]
    );
    assert!(has_link(&participant(&tosh, &his, "bo"), "eject"));
    let organizer = participant(&tosh, &his, "lene");
    assert!(!has_link(&organizer, "eject") && !has_link(&organizer, "demote"), "never the organizer");
    assert_eq!(tosh.act(&format!("{}/eject", href(&organizer, "self"))).status, 403);
}

#[test]
fn leaving_and_being_thrown_out_end_the_conversation() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let tosh = Session::sign_in(&sim, "tosh");
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    events.join_meeting(&uri);
    let end = [
        "communication: conversation updated Disconnected",
        "conversation: localParticipant deleted",
        "communication: conversation deleted",
    ];

    lene.act(href(&participant(&lene, &hers, "tosh"), "eject")).expect(204);
    assert_eq!(next(&mut events, end[2]), end);
    let reasons: Vec<_> = events.seen.iter().filter_map(|seen| seen.event.get("reason")).collect();
    assert!(
        !reasons.is_empty() && reasons.iter().all(|reason| reason["subcode"] == "Ejected"),
        "{reasons:?}"
    );

    events.join_meeting(&uri);
    let skip = events.seen.len();
    lene.delete(href(&hers, "self")).expect(204);
    let lines = next(&mut host, end[2]);
    assert_eq!(lines[lines.len() - 3..], end);
    assert!(host.seen.last().expect("an event").event.get("_embedded").is_none(), "deleted is a link only");
    events.until_after(skip, COUNT);
    assert_eq!(
        events.lines_after(skip),
        ["conversation: participant deleted in leaders", "conversation: participant deleted", COUNT],
        "the others stay"
    );
    assert_eq!(lene.send("GET", href(&hers, "self"), &[], b"").error().2, "ConversationNotFound");
    assert_eq!(lene.get(lene.communication("conversations"))["_links"]["conversation"], json!([]));
    let truth = sim.control().truth();
    let ended =
        truth.conversations.iter().find(|c| c.user == "sip:lene@contoso.com").expect("her conversation");
    assert!(ended.ended);
    let then: Vec<_> = ended.roster.iter().map(|entry| entry.uri.as_str()).collect();
    assert_eq!(then, ["sip:lene@contoso.com", "sip:tosh@contoso.com"], "as it was when she left");
}

#[test]
fn the_server_can_end_a_meeting() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (_, uri) = events.start_meeting();
    sim.control().join(&uri, "sip:bo@contoso.com").expect("he joins");
    happen(&sim, &uri, StoryAction::End, "");
    let last = events.until("communication: conversation deleted");
    assert_eq!(last.event["reason"]["subcode"], "Ended");
    assert!(sim.control().truth().meetings[0].roster.is_empty());
}

#[test]
fn deleting_the_application_is_leaving_too() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let tosh = Session::sign_in(&sim, "tosh");
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (_, uri) = host.start_meeting();
    events.join_meeting(&uri);
    tosh.delete(tosh.own_link()).expect(204);
    host.until("conversation: participant deleted");
    assert_eq!(sim.control().truth().meetings[0].roster.len(), 1);
}

/// Once with an ad hoc meeting and once with a scheduled one, from start to the end of the story.
#[test]
fn a_story_runs_to_its_end_and_then_it_is_quiet() {
    let step = |at_ms, action, who: &str| StoryStep::new(at_ms, action, &format!("sip:{who}@contoso.com"));
    let sim = start_with(|settings| {
        settings.story = vec![
            step(1, StoryAction::Join, "zoe"),
            step(5, StoryAction::Promote, "zoe"),
            step(10, StoryAction::Lobby, "yan"),
            step(15, StoryAction::Admit, "yan"),
            step(20, StoryAction::Join, "xia"),
            step(25, StoryAction::Leave, "xia"),
            step(30, StoryAction::Typing, "zoe"),
        ];
        settings.switches.typing_ms = 5;
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    assert!(!sim.control().truth().story_done, "it has not begun");
    let (conversation, _) = events.start_meeting();
    lene.post(href(&conversation, "addParticipant"), &json!({"to": "sip:bo@contoso.com"})).expect(201);
    assert!(!sim.control().truth().quiet);
    events.until("conversation: participant deleted in typingParticipants");
    events.until("communication: participantInvitation completed Success");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                events.page();
            }
        });
        let quiet = sim.control().wait_until(PATIENCE, |truth| truth.quiet);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        let truth = quiet.expect("quiet in the end");
        let mut there: Vec<_> =
            truth.meetings[0].roster.iter().map(|r| (r.uri.as_str(), r.role.as_str())).collect();
        there.sort_unstable();
        assert_eq!(
            there,
            [
                ("sip:bo@contoso.com", "Attendee"),
                ("sip:lene@contoso.com", "Leader"),
                ("sip:yan@contoso.com", "Attendee"),
                ("sip:zoe@contoso.com", "Leader"),
            ]
        );
    });
}
