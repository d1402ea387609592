//! A client that believes every event and asks nothing else must end up with the truth, whatever happens, in
//! whatever order, and however events are merged on the way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use ucwa_sim::{AccessLevel, Aggregation, RosterEntry, StoryAction, StoryStep};

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
    messaging: BTreeSet<String>,
    audio: BTreeSet<String>,
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
            ("participantMessaging" | "participantAudio", Some("participant")) => {
                let owner = seen.event["in"]["href"].as_str().expect("an href").to_owned();
                let audio = seen.rel == "participantAudio";
                change(if audio { &mut self.audio } else { &mut self.messaging }, owner);
            }
            _ => {}
        }
    }

    fn in_collection(&self, name: &str) -> BTreeSet<String> {
        self.collections.get(name).cloned().unwrap_or_default()
    }
}

const WHO: [&str; 6] = ["ana", "bo", "cy", "di", "ed", "flo"];
const ACTIONS: [StoryAction; 16] = [
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
];

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
    let (conversation, uri) = events.start_meeting();
    let tosh = Session::sign_in(&sim, "tosh");
    let mut others = tosh.channel();
    tosh.post(tosh.communication("joinOnlineMeeting"), &json!({"onlineMeetingUri": uri})).expect(201);
    let at_the_door = |truth: &ucwa_sim::Truth| truth.meetings[0].roster.len() == 2;
    control.wait_until(PATIENCE, at_the_door).expect("he comes");
    drop(control.happen(&uri, &StoryStep::new(0, StoryAction::Admit, "sip:tosh@contoso.com")));
    let joined = others.until("communication: onlineMeetingInvitation completed Success");
    let his = tosh.get(href(joined.body(), "conversation"));
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
                let role = [StoryAction::Promote, StoryAction::Demote][chance.below(2)];
                drop(control.happen(&uri, &StoryStep::new(0, role, "sip:tosh@contoso.com")));
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
fn check(channel: &mut Channel<'_>, conversation: &str, user: &str, roster: &[RosterEntry], context: &str) {
    let last = format!("{conversation}/participants/last@contoso.com");
    while !channel.seen.iter().any(|seen| seen.href == last && seen.within.as_deref() == Some("attendees")) {
        channel.page();
    }
    let mut belief = Belief::default();
    for seen in channel.seen.iter().filter(|seen| seen.href != last) {
        belief.believe(seen);
    }
    let roster: Vec<&RosterEntry> = roster.iter().filter(|entry| entry.uri != user).collect();
    let path = |entry: &&RosterEntry| {
        format!("{conversation}/participants/{}", entry.uri.trim_start_matches("sip:"))
    };
    let of = |wanted: &dyn Fn(&RosterEntry) -> bool| -> BTreeSet<String> {
        roster.iter().filter(|entry| wanted(entry)).map(path).collect()
    };
    assert_eq!(belief.people, of(&|_| true), "{context}");
    assert_eq!(belief.in_collection("leaders"), of(&|entry| entry.role == "Leader"), "{context}");
    assert_eq!(belief.in_collection("attendees"), of(&|entry| entry.role == "Attendee"), "{context}");
    assert_eq!(belief.in_collection("lobby"), BTreeSet::new(), "{context}");
    assert_eq!(belief.in_collection("typingParticipants"), BTreeSet::new(), "{context}");
    assert_eq!(belief.messaging, of(&|entry| entry.messaging), "{context}");
    assert_eq!(belief.audio, of(&|entry| entry.audio), "{context}");
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
