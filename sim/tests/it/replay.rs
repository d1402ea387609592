//! A client that believes every event and asks nothing else must end up with the truth, whatever happens, in
//! whatever order, and however events are merged on the way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use ucwa_sim::{AccessLevel, Aggregation, Control, RosterEntry, StoryAction, StoryStep};

use crate::common::{Channel, PATIENCE, Seen, Session, href, start_with};

/// Made-up chance that is the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// What a simple client believes: who is there, and in which collections.
#[derive(Default)]
struct Belief {
    people: BTreeSet<String>,
    collections: BTreeMap<String, BTreeSet<String>>,
    /// By modality, who takes part in it: the user himself too.
    modalities: BTreeMap<String, BTreeSet<String>>,
}

impl Belief {
    fn believe(&mut self, seen: &Seen) {
        let change = |set: &mut BTreeSet<String>, key: String| match seen.kind.as_str() {
            "added" => {
                set.insert(key);
            }
            "deleted" => {
                set.remove(&key);
            }
            _ => {}
        };
        match (seen.rel.as_str(), seen.within.as_deref()) {
            ("participant", None) => change(&mut self.people, seen.href.clone()),
            ("participant", Some(collection)) => {
                change(self.collections.entry(collection.to_owned()).or_default(), seen.href.clone());
            }
            (modality, Some("participant" | "localParticipant")) => {
                let owner = seen.event["in"]["href"].as_str().expect("an href").to_owned();
                change(self.modalities.entry(modality.to_owned()).or_default(), owner);
            }
            _ => {}
        }
    }

    fn in_collection(&self, name: &str) -> BTreeSet<String> {
        self.collections.get(name).cloned().unwrap_or_default()
    }
}

const WHO: [&str; 6] = ["ana", "bo", "cy", "di", "ed", "flo"];
const ACTIONS: [StoryAction; 26] = [
    StoryAction::Join,
    StoryAction::Join,
    StoryAction::JoinAsLeader,
    StoryAction::Lobby,
    StoryAction::Admit,
    StoryAction::Reject,
    StoryAction::Promote,
    StoryAction::Demote,
    StoryAction::Leave,
    StoryAction::Eject,
    StoryAction::Typing,
    StoryAction::JoinMessaging,
    StoryAction::LeaveMessaging,
    StoryAction::JoinAudio,
    StoryAction::LeaveAudio,
    StoryAction::MuteAudio,
    StoryAction::JoinAgain,
    StoryAction::Arrive,
    StoryAction::JoinVideo,
    StoryAction::LeaveVideo,
    StoryAction::JoinApplicationSharing,
    StoryAction::LeaveApplicationSharing,
    StoryAction::JoinPanoramicVideo,
    StoryAction::JoinDataCollaboration,
    StoryAction::Share,
    StoryAction::LockAudience,
];
/// What the second user does to himself.
const OWN: [StoryAction; 6] = [
    StoryAction::Promote,
    StoryAction::Demote,
    StoryAction::JoinAudio,
    StoryAction::LeaveAudio,
    StoryAction::JoinVideo,
    StoryAction::Typing,
];

/// Lene and Tosh in one meeting, either because both joined it or because it was a conversation of theirs; gives
/// both conversations and the meeting's URI.
fn meet(
    control: &Control,
    (lene, events): (&Session, &mut Channel<'_>),
    (tosh, others): (&Session, &mut Channel<'_>),
    escalated: bool,
) -> (Value, Value, String) {
    if escalated {
        tosh.make_available();
        let call = json!({"to": "sip:tosh@contoso.com", "operationId": "call"});
        lene.post(lene.communication("startMessaging"), &call).expect(201);
        let asked = others.until("communication: messagingInvitation started");
        tosh.act(href(asked.body(), "accept")).expect(204);
        let called = events.until("communication: messagingInvitation completed Success");
        let conversation = lene.get(href(called.body(), "conversation"));
        let first = json!({"to": "sip:dan@contoso.com", "operationId": "first"});
        lene.post(href(&conversation, "addParticipant"), &first).expect(201);
        others.until("communication: onlineMeetingInvitation completed Success");
        let his = tosh.get(href(asked.body(), "conversation"));
        return (conversation, his, control.truth().meetings[0].uri.clone());
    }
    let (conversation, uri) = events.start_meeting();
    tosh.post(tosh.communication("joinOnlineMeeting"), &json!({"onlineMeetingUri": uri})).expect(201);
    let at_the_door = |truth: &ucwa_sim::Truth| truth.meetings[0].roster.len() == 2;
    control.wait_until(PATIENCE, at_the_door).expect("he comes");
    drop(control.happen(&uri, &StoryStep::new(0, StoryAction::Admit, "sip:tosh@contoso.com")));
    let joined = others.until("communication: onlineMeetingInvitation completed Success");
    (conversation, tosh.get(href(joined.body(), "conversation")), uri)
}

fn run(seed: u64, aggregation: Aggregation, vanish: bool) {
    let sim = start_with(|settings| {
        settings.switches.aggregation = aggregation;
        settings.switches.vanish = vanish;
        settings.switches.typing_ms = 3;
        settings.switches.adhoc_access_level =
            if seed.is_multiple_of(2) { AccessLevel::Locked } else { AccessLevel::SameEnterprise };
    });
    let control = sim.control();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let tosh = Session::sign_in(&sim, "tosh");
    let mut others = tosh.channel();
    let escalated = seed.is_multiple_of(3);
    let (conversation, his, uri) = meet(&control, (&lene, &mut events), (&tosh, &mut others), escalated);
    let mut chance = Chance(seed);
    for n in 0..120 {
        let who = format!("sip:{}@contoso.com", WHO[chance.below(WHO.len())]);
        match chance.below(12) {
            0 => {
                let body = json!({"to": who, "operationId": format!("op{n}")});
                lene.post(href(&conversation, "addParticipant"), &body).expect(201);
            }
            1 => {
                events.page();
            }
            2 => {
                others.page();
            }
            3 => {
                let action = OWN[chance.below(OWN.len())];
                drop(control.happen(&uri, &StoryStep::new(0, action, "sip:tosh@contoso.com")));
            }
            // Most of these are possible now and then only; what is not changes nothing.
            _ => drop(control.happen(&uri, &StoryStep::new(0, ACTIONS[chance.below(ACTIONS.len())], &who))),
        }
    }
    // Those who wait in the lobby of a locked meeting keep their invitations open: send them away.
    let settled = |truth: &ucwa_sim::Truth| {
        for entry in truth.meetings[0].roster.iter().filter(|entry| entry.in_lobby) {
            drop(control.happen(&uri, &StoryStep::new(0, StoryAction::Reject, &entry.uri)));
        }
        truth.applications[0].pending_invitations == 0
            && truth.meetings[0].roster.iter().all(|r| !r.in_lobby && !r.typing)
    };
    let truth = control.wait_until(PATIENCE, settled).expect("it settles");
    // One more, so that everything before it is read too.
    control.join(&uri, "sip:last@contoso.com").expect("the last one");
    let context = format!("seed {seed}, {aggregation:?}, vanish {vanish}");
    for (channel, own, user) in [(&mut events, &conversation, "lene"), (&mut others, &his, "tosh")] {
        let roster = &truth.meetings[0].roster;
        check(
            channel,
            href(own, "self"),
            &format!("sip:{user}@contoso.com"),
            roster,
            &format!("{context}, {user}"),
        );
    }

    // Every invitation ended once on the channel, and as the truth has it.
    for invitation in truth.invitations.iter().filter(|invitation| invitation.kind == "participantInvitation")
    {
        let of_it =
            |seen: &&Seen| seen.kind == "completed" && seen.href.ends_with(&format!("/{}", invitation.id));
        let ends: Vec<_> = events.seen.iter().filter(of_it).collect();
        assert_eq!(ends.len(), 1, "{context}: {invitation:?}");
        assert_eq!(ends[0].event["status"].as_str(), invitation.status.as_deref(), "{context}");
    }
}

/// Reads a channel to the end and compares what it says with who is there, but for the user himself.
fn check(
    channel: &mut Channel<'_>,
    conversation: &str,
    user: &str,
    everybody: &[RosterEntry],
    context: &str,
) {
    let last = format!("{conversation}/participants/last@contoso.com");
    while !channel.seen.iter().any(|seen| seen.href == last && seen.within.as_deref() == Some("attendees")) {
        channel.page();
    }
    let mut belief = Belief::default();
    for seen in channel.seen.iter().filter(|seen| seen.href != last) {
        belief.believe(seen);
    }
    let roster: Vec<&RosterEntry> = everybody.iter().filter(|entry| entry.uri != user).collect();
    let path = |entry: &&RosterEntry| format!("{conversation}/participants/{}", entry.path);
    let of = |wanted: &dyn Fn(&RosterEntry) -> bool| -> BTreeSet<String> {
        roster.iter().filter(|entry| wanted(entry)).map(path).collect()
    };
    assert_eq!(belief.people, of(&|_| true), "{context}");
    assert_eq!(belief.in_collection("leaders"), of(&|entry| entry.role == "Leader"), "{context}");
    assert_eq!(belief.in_collection("attendees"), of(&|entry| entry.role == "Attendee"), "{context}");
    assert_eq!(belief.in_collection("lobby"), BTreeSet::new(), "{context}");
    assert_eq!(belief.in_collection("typingParticipants"), BTreeSet::new(), "{context}");
    for rel in MODALITIES {
        let there = everybody.iter().filter(|entry| takes_part(entry, rel)).map(|entry| path(&entry));
        let there: BTreeSet<String> = there.collect();
        assert_eq!(belief.modalities.get(rel).cloned().unwrap_or_default(), there, "{context}, {rel}");
    }
}

const MODALITIES: [&str; 6] = [
    "participantMessaging",
    "participantAudio",
    "participantVideo",
    "participantPanoramicVideo",
    "participantApplicationSharing",
    "participantDataCollaboration",
];

fn takes_part(entry: &RosterEntry, rel: &str) -> bool {
    match rel {
        "participantMessaging" => entry.messaging,
        "participantAudio" => entry.audio,
        "participantVideo" => entry.video,
        "participantPanoramicVideo" => entry.panoramic_video,
        "participantApplicationSharing" => entry.application_sharing,
        _ => entry.data_collaboration,
    }
}

#[test]
fn who_believes_every_event_knows_the_truth() {
    for seed in 1..=4 {
        run(seed, Aggregation::SameState, false);
        run(seed, Aggregation::Off, false);
    }
}

#[test]
fn merging_loses_nothing() {
    for seed in 11..=14 {
        run(seed, Aggregation::Full, false);
        run(seed, Aggregation::Full, true);
    }
}
