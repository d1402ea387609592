//! Everything that the simulator does can be left out by name, and it tells whether that made a difference.

use serde_json::{Value, json};
use ucwa_sim::{AccessLevel, Outcome, Settings, Simulator, StartError, StoryAction};

use crate::common::{PATIENCE, Session, happen, has_link, href, participant, request, start, start_with};

fn without(names: &[&str]) -> Simulator {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    start_with(|settings| settings.switches.without = names)
}

const BO: &str = "sip:bo@contoso.com";

#[test]
fn events_links_properties_and_operations_can_be_missing() {
    let sim = without(&[
        "event participant added",
        "event participant deleted in lobby",
        "link participant.promote",
        "property participantCount",
        "property event.in",
        "embedded acceptedByParticipant",
        "operation eject",
    ]);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let invite = json!({"to": BO, "operationId": "op"});
    lene.post(href(&conversation, "addParticipant"), &invite).expect(201);
    let done = events.until("communication: participantInvitation completed Success");
    assert!(
        done.body().get("_embedded").is_none_or(|embedded| embedded.get("acceptedByParticipant").is_none())
    );
    assert!(events.seen.iter().all(|seen| seen.within.is_none()), "nothing says where it belongs");
    let added = events.seen.iter().filter(|seen| seen.rel == "participant" && seen.kind == "added");
    assert_eq!(added.count(), 1, "the membership in attendees alone");
    let him = participant(&lene, &conversation, "bo");
    assert!(!has_link(&him, "promote") && has_link(&him, "eject"));
    assert_eq!(lene.act(href(&him, "eject")).status, 409);
    assert!(conversation.get("participantCount").is_none());
    let hits: Vec<_> = sim.control().left_out().into_iter().map(|left| (left.name, left.hits > 0)).collect();
    let hit = |name: &str| hits.iter().find(|(known, _)| known == name).map(|(_, hit)| *hit);
    assert_eq!(hit("event participant added"), Some(true));
    assert_eq!(hit("event participant deleted in lobby"), Some(false), "nobody was in the lobby");
    assert_eq!(hit("operation eject"), Some(true));
}

#[test]
fn effects_can_be_missing() {
    let sim =
        without(&["effect lobby", "effect leaders_only", "effect mute_lock_holds", "effect roster_first"]);
    sim.control().change_switches(|switches| switches.adhoc_access_level = AccessLevel::Locked);
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    let (his, _) = events.join_meeting(&uri);
    assert!(has_link(&participant(&tosh, &his, "lene"), "self") && has_link(&his, "enableAudienceMuteLock"));
    host.until("conversation: participant added in attendees");
    let skip = host.seen.len();
    lene.post(href(&hers, "addParticipant"), &json!({"to": BO, "operationId": "op"})).expect(201);
    host.until_after(skip, "conversation: participant added in attendees");
    let lines = host.lines();
    let at = |line: &str| lines.iter().rposition(|seen| seen.starts_with(line)).expect(line);
    assert!(at("communication: participantInvitation completed") < at("conversation: participant added in"));
    assert!(
        sim.control()
            .left_out()
            .iter()
            .filter(|left| left.name != "effect mute_lock_holds")
            .all(|l| l.hits > 0)
    );

    let sim =
        without(&["effect answer_timeout", "effect withdrawal", "effect decline", "effect ejection_ends"]);
    sim.control().change_switches(|switches| switches.answer_timeout_ms = 20);
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    tosh.make_available();
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    let invite = json!({"to": "sip:tosh@contoso.com", "operationId": "op"});
    let made = lene.post(href(&hers, "addParticipant"), &invite).expect(201);
    let asked = events.until("communication: onlineMeetingInvitation started");
    let passed = |_: &ucwa_sim::Truth| sim_hits(&sim, "effect answer_timeout");
    sim.control().wait_until(PATIENCE, passed).expect("the time has passed");
    let invitation = lene.get(made.header("Location").expect("Location"));
    lene.act(href(&invitation, "cancel")).expect(204);
    tosh.act(href(asked.body(), "accept")).expect(204);
    events.until("communication: onlineMeetingInvitation completed Success");
    assert_eq!(sim.control().truth().invitation("op").expect("it").outcome, Some(Outcome::Cancelled));
    happen(&sim, &uri, StoryAction::Eject, "sip:tosh@contoso.com");
    host.until("conversation: participant deleted");
    assert_eq!(tosh.get(href(asked.body(), "conversation"))["state"], "Conferenced", "he never learns");
}

#[test]
fn the_server_can_overlook_what_it_is_sent() {
    let sim = without(&["input addParticipant.subject", "input importance"]);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    assert_eq!(conversation["subject"], "Tests", "that of another operation is seen");
    let body = json!({"to": BO, "operationId": "op", "Subject": "x", "importance": "Urgent"});
    let made = lene.post(href(&conversation, "addParticipant"), &body).expect(201);
    let invitation = lene.get(made.header("Location").expect("Location"));
    assert_eq!((&invitation["subject"], &invitation["importance"]), (&json!(""), &json!("Normal")));
    assert_eq!(invitation["operationId"], "op");
    assert!(sim.control().left_out().iter().all(|left| left.hits == 1));
}

fn sim_hits(sim: &Simulator, name: &str) -> bool {
    sim.control().left_out().iter().any(|left| left.name == name && left.hits > 0)
}

#[test]
fn names_are_checked_wherever_they_come_from() {
    let mut settings = Settings::default();
    settings.switches.without = vec!["effect gravity".into()];
    assert!(matches!(Simulator::start(settings), Err(StartError::Settings(why)) if why.contains("gravity")));
    let sim = start();
    let post = |names: Value| {
        let body = json!({"without": names}).to_string();
        request(sim.address(), "POST", "/sim/switches", &[], body.as_bytes()).status
    };
    assert_eq!(post(json!(["effect gravity"])), 400);
    assert_eq!(post(json!(["effect lobby"])), 204);
    let told = request(sim.address(), "GET", "/sim/without", &[], b"").json();
    assert_eq!(told["left_out"], json!([{"name": "effect lobby", "hits": 0}]));
    assert!(told["effects"].as_object().expect("effects").len() > 15);
    assert_eq!(post(json!([])), 204);
}
