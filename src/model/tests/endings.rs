//! Whatever the order of events, answers and repeats: every invitation ends exactly once, ours and those of others.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{InvitationChange, InvitationId, InvitationKind, Inviting, Outcome};
use crate::wire::{Direction, EventStatus, InvitationBody, InvitationState, Target};

/// One event of an invitation, as a server may send it.
#[derive(Debug, Clone)]
struct Said {
    which: usize,
    kind: EventType,
    embed: bool,
    named: bool,
}

/// What the client learns, in any order: events, answers to its POSTs, time.
#[derive(Debug, Clone)]
enum Heard {
    Event(Said),
    Answer(usize),
    /// The server took our request to cancel it.
    Asked(usize),
    /// Somebody calls, and his call goes on and ends.
    Ring {
        kind: EventType,
        embed: bool,
    },
    Time,
}

fn heard(invitations: usize) -> impl Strategy<Value = Vec<Heard>> {
    let kind = prop_oneof![
        Just(EventType::Started),
        Just(EventType::Updated),
        Just(EventType::Completed),
        Just(EventType::Other("renamed".into())),
    ];
    let event = (0..invitations, kind.clone(), any::<bool>(), any::<bool>())
        .prop_map(|(which, kind, embed, named)| Heard::Event(Said { which, kind, embed, named }));
    let other = prop_oneof![
        (0..invitations).prop_map(Heard::Answer),
        (0..invitations).prop_map(Heard::Asked),
        (kind, any::<bool>()).prop_map(|(kind, embed)| Heard::Ring { kind, embed }),
        Just(Heard::Time)
    ];
    prop::collection::vec(prop_oneof![3 => event, 1 => other], 0..40)
}

/// The truth about each invitation: its subcode, and the outcome that follows.
const TRUTH: [(&str, Outcome); 3] =
    [("", Outcome::Accepted), ("Declined", Outcome::Declined), ("Missed", Outcome::NoAnswer)];

fn address(which: usize) -> String {
    format!("/ucwa/v1/applications/1/communication/invitations/{which}")
}

fn said_event(said: &Said) -> Event {
    let mut event = event(said.kind.clone(), Rel::ParticipantInvitation, &address(said.which));
    let (subcode, _) = TRUTH[said.which];
    let over = said.kind == EventType::Completed;
    if over {
        event.status = Some(if subcode.is_empty() { EventStatus::Success } else { EventStatus::Failure });
        event.reason = (!subcode.is_empty())
            .then(|| crate::wire::Reason { subcode: subcode.into(), ..Default::default() });
    }
    if said.embed {
        event.body = Some(Body::Invitation(Box::new(InvitationBody {
            operation_id: said.named.then(|| format!("op{}", said.which)),
            state: Some(if over { InvitationState::Connected } else { InvitationState::Connecting }),
            ..InvitationBody::default()
        })));
    }
    event
}

/// An incoming call that its caller takes back in the end.
fn ringing(kind: EventType, embed: bool) -> Event {
    let mut event = event(kind, Rel::OnlineMeetingInvitation, &address(99));
    if event.kind == EventType::Completed {
        event.status = Some(EventStatus::Failure);
        event.reason = Some(crate::wire::Reason { subcode: "Canceled".into(), ..Default::default() });
    }
    if embed {
        event.body = Some(Body::Invitation(Box::new(InvitationBody {
            direction: Some(Direction::Incoming),
            state: Some(InvitationState::Connecting),
            ..InvitationBody::default()
        })));
    }
    event
}

proptest! {
    #[test]
    fn every_invitation_ends_exactly_once_in_any_order(heard in heard(TRUTH.len())) {
        let mut world = World::new();
        let ids: Vec<InvitationId> = (0..TRUTH.len())
            .map(|n| world.invite(Duration::ZERO, Inviting {
                kind: InvitationKind::Participant,
                conversation: None,
                to: String::new(),
                subject: String::new(),
                on_behalf_of: String::new(),
                meeting_uri: String::new(),
                operation_id: format!("op{n}"),
            }))
            .collect();
        let mut ends: BTreeMap<InvitationId, Vec<Outcome>> = BTreeMap::new();
        let mut completed = [false; TRUTH.len()];
        let mut answered = [false; TRUTH.len()];
        let mut asked = [false; TRUTH.len()];
        let (mut rang, mut stopped) = (false, false);
        let mut now = Duration::ZERO;
        let mut inputs: Vec<Input> = Vec::new();
        for heard in heard {
            inputs.push(match heard {
                Heard::Event(said) => {
                    completed[said.which] |= said.kind == EventType::Completed;
                    page(vec![from_communication(vec![said_event(&said)])])
                }
                Heard::Answer(which) if !answered[which] => {
                    answered[which] = true;
                    let location = Some(Target::new(Link::new(&address(which)).href, base()));
                    Input::Answered { invitation: ids[which], location }
                }
                Heard::Asked(which) => {
                    asked[which] |= !completed[which];
                    let deadline = Duration::from_secs(3600);
                    Input::Asked { invitation: ids[which], outcome: Outcome::Cancelled, deadline }
                }
                Heard::Ring { kind, embed } => {
                    rang = true;
                    stopped |= kind == EventType::Completed;
                    page(vec![from_communication(vec![ringing(kind, embed)])])
                }
                Heard::Answer(_) | Heard::Time => Input::Tick,
            });
        }
        for (which, answered) in answered.iter().enumerate() {
            if !answered {
                let location = Some(Target::new(Link::new(&address(which)).href, base()));
                inputs.push(Input::Answered { invitation: ids[which], location });
            }
        }
        inputs.push(Input::Silence);
        for input in inputs {
            now += Duration::from_millis(10);
            let output = world.apply(now, input);
            for change in output.changes {
                if let Change::Invitation(InvitationChange { phase: Phase::Completed, invitation }) = change {
                    let outcome = invitation.outcome.expect("completed has an outcome");
                    ends.entry(invitation.id).or_default().push(outcome);
                }
            }
        }
        for (which, id) in ids.iter().enumerate() {
            let expected = match (completed[which], asked[which]) {
                (true, _) => TRUTH[which].1,
                (false, true) => Outcome::Cancelled,
                (false, false) => Outcome::Lost,
            };
            prop_assert_eq!(ends.remove(id), Some(vec![expected]), "invitation {}", which);
        }
        let call = if stopped { Outcome::Cancelled } else { Outcome::Lost };
        let left: Vec<Vec<Outcome>> = ends.into_values().collect();
        let expected: Vec<Vec<Outcome>> = rang.then(|| vec![call]).into_iter().collect();
        prop_assert_eq!(left, expected, "the call, and nothing from nowhere");
    }
}
