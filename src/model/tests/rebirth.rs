//! A lost application: what ends, what is joined again, and that whoever is still there keeps the id.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{
    Collection, ConversationId, Fetched, InvitationId, InvitationKind, Inviting, Outcome, ParticipantId,
    Subject, Want,
};
use crate::wire::{CollectionBody, EventStatus, InvitationBody, InvitationState, OnlineMeetingBody, Reason};

const MEETING: &str = "sip:lene@contoso.com;gruu;opaque=app:conf:focus:id:ABCDE";

fn room(application: u32) -> String {
    format!("/ucwa/v1/applications/{application}/communication/conversations/7")
}

fn invitation(application: u32) -> String {
    format!("/ucwa/v1/applications/{application}/communication/onlineMeetingInvitations/1")
}

fn within_room(application: u32, events: Vec<Event>) -> Input {
    let sender = Sender { rel: Rel::Conversation, href: Some(Link::new(&room(application)).href), events };
    page(vec![sender])
}

fn outside(events: Vec<Event>) -> Input {
    page(vec![from_communication(events)])
}

fn conversation_of(
    application: u32,
    kind: EventType,
    state: Option<ConversationState>,
    listed: bool,
) -> Event {
    let own = room(application);
    let rels = if listed { &[Rel::Leaders, Rel::Attendees][..] } else { &[] };
    let links = rels.iter().map(|rel| (rel.clone(), Link::new(&format!("{own}/{rel}")))).collect();
    let bare = event(kind, Rel::Conversation, &own);
    match state {
        Some(state) => {
            let body = ConversationBody { state: Some(state), links, ..ConversationBody::default() };
            with_body(bare, Body::Conversation(Box::new(body)))
        }
        None => bare,
    }
}

fn meeting_of(application: u32) -> Event {
    let body = OnlineMeetingBody { online_meeting_uri: Some(MEETING.into()), ..OnlineMeetingBody::default() };
    let event = event(EventType::Added, Rel::OnlineMeeting, &format!("{}/onlineMeeting", room(application)));
    with_body(event, Body::OnlineMeeting(Box::new(body)))
}

fn said(application: u32, kind: EventType, operation_id: &str) -> Event {
    let over = kind == EventType::Completed;
    let mut event = event(kind, Rel::OnlineMeetingInvitation, &invitation(application));
    event.status = over.then_some(EventStatus::Success);
    let state = if over { InvitationState::Connected } else { InvitationState::Connecting };
    let body = InvitationBody {
        operation_id: Some(operation_id.into()),
        state: Some(state),
        links: [(Rel::Conversation, Link::new(&room(application)))].into_iter().collect(),
        ..InvitationBody::default()
    };
    with_body(event, Body::Invitation(Box::new(body)))
}

/// Somebody in the meeting, as the server knows him.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Somebody {
    uri: String,
    leads: bool,
    local: bool,
}

/// How a server tells who is there.
#[derive(Debug, Clone, Copy)]
struct Style {
    /// Events with the body.
    embeds: bool,
    /// Collections are offered.
    collections: bool,
    /// With the bodies.
    embeds_members: bool,
    /// Each is told of by events, too.
    events: bool,
    /// The conversation's events come before that of the invitation.
    late_invitation: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(embeds, collections, embeds_members, events, late_invitation)| Style {
            embeds,
            collections,
            embeds_members,
            // Whoever is in no collection has to be told of by an event.
            events: events || !collections,
            late_invitation,
        },
    )
}

/// One application of a server with one meeting.
struct Server {
    application: u32,
    people: Vec<Somebody>,
    style: Style,
}

impl Server {
    fn href(&self, which: usize) -> String {
        format!("{}/participants/{which}", room(self.application))
    }

    fn body(&self, which: usize) -> ParticipantBody {
        let somebody = &self.people[which];
        ParticipantBody {
            uri: Some(somebody.uri.clone()),
            name: Some(somebody.uri.to_uppercase()),
            role: Some(if somebody.leads { Role::Leader } else { Role::Attendee }),
            local: Some(somebody.local),
            links: [(Rel::SelfLink, Link::new(&self.href(which)))].into_iter().collect(),
            ..ParticipantBody::default()
        }
    }

    fn told(&self, which: usize) -> Event {
        let local = self.people[which].local;
        let rel = if local { Rel::LocalParticipant } else { Rel::Participant };
        let bare = event(EventType::Added, rel, &self.href(which));
        if self.style.embeds || local { embedded(bare, self.body(which)) } else { bare }
    }

    /// What the event channel brings when the user has come in, page by page.
    fn pages(&self, operation_id: &str) -> Vec<Input> {
        let here = self.application;
        let state = |state| Some(state);
        let begins = outside(vec![said(here, EventType::Started, operation_id)]);
        let added = outside(vec![conversation_of(
            here,
            EventType::Added,
            state(ConversationState::Connecting),
            false,
        )]);
        let mut pages = if self.style.late_invitation { vec![added, begins] } else { vec![begins, added] };
        let own = (0..self.people.len()).filter(|which| self.people[*which].local);
        pages.push(within_room(here, own.map(|which| self.told(which)).collect()));
        let joined = state(ConversationState::Conferenced);
        let collections = self.style.collections;
        pages.push(outside(vec![conversation_of(here, EventType::Updated, joined, collections)]));
        pages.push(within_room(here, vec![meeting_of(here)]));
        if self.style.events {
            let others = (0..self.people.len()).filter(|which| !self.people[*which].local);
            pages.push(within_room(here, others.map(|which| self.told(which)).collect()));
        }
        pages.push(outside(vec![said(here, EventType::Completed, operation_id)]));
        pages
    }

    fn answer(&self, want: &Want) -> Option<Fetched> {
        Some(match &want.subject {
            Subject::Participant(..) => {
                let which =
                    (0..self.people.len()).find(|which| want.target.href.as_str() == self.href(*which))?;
                Fetched::Participant(Box::new(self.body(which)))
            }
            Subject::Collection(_, collection) => {
                let leads = *collection == Collection::Leaders;
                let listed = (0..self.people.len()).filter(|which| self.people[*which].leads == leads);
                let mut body = CollectionBody::default();
                if self.style.embeds_members {
                    body.members = listed.map(|which| self.body(which)).collect();
                } else {
                    let link = |which| (Rel::Participant, Link::new(&self.href(which)));
                    body.links = listed.map(link).collect();
                }
                Fetched::Collection(Box::new(body))
            }
            Subject::Conversation(_) => {
                let state = Some(ConversationState::Conferenced);
                let event =
                    conversation_of(self.application, EventType::Updated, state, self.style.collections);
                match event.body {
                    Some(Body::Conversation(body)) => Fetched::Conversation(body),
                    _ => return None,
                }
            }
            Subject::Meeting(_) => {
                let uri = Some(MEETING.into());
                Fetched::Meeting(Box::new(OnlineMeetingBody {
                    online_meeting_uri: uri,
                    ..OnlineMeetingBody::default()
                }))
            }
            _ => return None,
        })
    }
}

/// A host that only follows deltas.
#[derive(Default)]
struct Host {
    people: BTreeMap<ConversationId, BTreeMap<ParticipantId, Arc<Participant>>>,
    revisions: BTreeMap<ConversationId, u64>,
    conversations: BTreeMap<ConversationId, Phase>,
    ends: BTreeMap<InvitationId, Vec<Outcome>>,
    /// Phases of the deltas since the last loss.
    deltas: Vec<(Phase, ParticipantId)>,
}

struct Client {
    world: World,
    waiting: Vec<Want>,
    host: Host,
}

impl Client {
    fn take(&mut self, input: Input) {
        let output = apply(&mut self.world, input);
        self.waiting.extend(output.wants);
        for change in output.changes {
            self.host.hear(change);
        }
    }

    fn serve(&mut self, server: &Server) {
        while let Some(want) = self.waiting.pop() {
            if self.world.begin_fetch(&want.subject).is_none() {
                continue;
            }
            let subject = want.subject.clone();
            self.take(match server.answer(&want) {
                Some(body) => Input::Fetched { subject, base: base(), body },
                None => Input::FetchFailed { subject, gone: true },
            });
        }
    }

    fn lose(&mut self) {
        self.waiting.clear();
        self.host.deltas.clear();
        self.take(Input::ApplicationLost { reason: None });
    }

    fn invite(&mut self, again: Option<ConversationId>, operation_id: &str) -> InvitationId {
        let inviting = Inviting {
            kind: InvitationKind::OnlineMeeting,
            conversation: again,
            to: String::new(),
            subject: String::new(),
            on_behalf_of: String::new(),
            meeting_uri: MEETING.into(),
            operation_id: operation_id.into(),
        };
        self.world.invite(Duration::ZERO, inviting)
    }

    /// Comes into the meeting, with the answers to its GETs after `late` pages of events.
    fn join(&mut self, server: &Server, operation_id: &str, pages: usize, late: usize) {
        for (number, page) in server.pages(operation_id).into_iter().take(pages).enumerate() {
            self.take(page);
            if number >= late {
                self.serve(server);
            }
        }
    }
}

impl Host {
    fn hear(&mut self, change: Change) {
        match change {
            Change::Participant(change) => {
                let revision = self.revisions.entry(change.conversation).or_default();
                assert_eq!(change.revision, *revision + 1, "a revision was skipped");
                *revision = change.revision;
                let id = change.participant.id;
                self.deltas.push((change.phase, id));
                let people = self.people.entry(change.conversation).or_default();
                match change.phase {
                    Phase::Added => assert!(people.insert(id, change.participant).is_none(), "added twice"),
                    Phase::Updated => {
                        assert!(people.insert(id, change.participant).is_some(), "updated before added");
                    }
                    _ => assert!(people.remove(&id).is_some(), "deleted before added"),
                }
            }
            Change::Conversation(change) => {
                let before = self.conversations.insert(change.conversation.id, change.phase);
                assert_ne!(before, Some(Phase::Deleted), "a conversation came back");
                assert_eq!(before.is_none(), change.phase == Phase::Added);
            }
            Change::Invitation(change) => {
                if let Some(outcome) = change.invitation.outcome {
                    self.ends.entry(change.invitation.id).or_default().push(outcome);
                }
            }
        }
    }
}

fn me() -> Somebody {
    Somebody { uri: "sip:lene@contoso.com".into(), leads: true, local: true }
}

/// Three addresses for up to six people: some stand there more than once.
fn people() -> impl Strategy<Value = Vec<Somebody>> {
    let somebody = (0..3_usize, any::<bool>(), any::<bool>()).prop_map(|(who, leads, loud)| {
        let uri = ["sip:ana@contoso.com", "sip:bo@contoso.com", "tel:+431"][who];
        Somebody { uri: if loud { uri.to_uppercase() } else { uri.into() }, leads, local: false }
    });
    prop::collection::vec(somebody, 0..6).prop_map(|others| [vec![me()], others].concat())
}

fn in_meeting(server: &Server) -> (Client, ConversationId) {
    let mut client = Client { world: World::new(), waiting: Vec::new(), host: Host::default() };
    client.invite(None, "first");
    client.join(server, "first", usize::MAX, 0);
    let id = only_room(&client.world);
    (client, id)
}

fn by_uri(people: &[Somebody]) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for somebody in people {
        *count.entry(somebody.uri.to_lowercase()).or_default() += 1;
    }
    count
}

proptest! {
    #[test]
    fn from_any_roster_to_any_other_by_deltas_and_whoever_stays_keeps_the_id(
        before in people(), between in people(), after in people(),
        styles in (style(), style(), style()), cut in 0..8_usize, late in 0..8_usize,
    ) {
        let first = Server { application: 1, people: before.clone(), style: Style { late_invitation: false, ..styles.0 } };
        let (mut client, id) = in_meeting(&first);
        let was: Vec<Arc<Participant>> = client.world.roster(id).unwrap().iter().cloned().collect();
        prop_assert_eq!(was.len(), before.len());
        // The second application is lost, too, somewhere on the way in.
        client.lose();
        prop_assert_eq!(client.world.to_join_again(), vec![(id, MEETING.to_owned())]);
        let second = Server { application: 2, people: between, style: styles.1 };
        let again = client.invite(Some(id), "second");
        client.join(&second, "second", cut, late);
        let halfway: Vec<Arc<Participant>> = client.world.roster(id).unwrap().iter().cloned().collect();
        client.lose();
        let others: Vec<ConversationId> = client.world.to_join_again().into_iter().map(|(id, _)| id).collect();
        prop_assert_eq!(others, vec![id]);
        let third = Server { application: 3, people: after.clone(), style: styles.2 };
        let last = client.invite(Some(id), "third");
        client.join(&third, "third", usize::MAX, late);
        client.serve(&third);

        let roster = client.world.roster(id).unwrap();
        prop_assert_eq!(&roster.iter().map(|p| (p.id, p.clone())).collect::<BTreeMap<_, _>>(), &client.host.people[&id]);
        prop_assert_eq!(roster.is_complete(), third.style.collections);
        let mut now: Vec<Somebody> = roster.iter().map(|p| Somebody {
            uri: p.uri.clone(), leads: p.role == Some(Role::Leader), local: p.local,
        }).collect();
        let mut truth = after.clone();
        now.sort();
        truth.sort();
        prop_assert_eq!(now, truth);
        // As many of each address as were there and are there have the ids that they had.
        let had: Vec<Somebody> = halfway.iter().map(|p| Somebody { uri: p.uri.clone(), leads: false, local: p.local }).collect();
        let kept: Vec<Somebody> = roster.iter()
            .filter(|p| halfway.iter().any(|was| was.id == p.id))
            .map(|p| Somebody { uri: p.uri.clone(), leads: false, local: p.local }).collect();
        for (uri, count) in by_uri(&had) {
            let stays = count.min(by_uri(&after).get(&uri).copied().unwrap_or(0));
            prop_assert_eq!(by_uri(&kept).get(&uri).copied().unwrap_or(0), stays, "{}", uri);
        }
        for person in roster.iter().filter(|p| halfway.iter().any(|was| was.id == p.id)) {
            let was = halfway.iter().find(|was| was.id == person.id).unwrap();
            prop_assert!(was.uri.eq_ignore_ascii_case(&person.uri));
            prop_assert_eq!(was.local, person.local);
        }
        // Nobody is told more than once, and nothing of who is as he was.
        let mut told: Vec<ParticipantId> = client.host.deltas.iter().map(|(_, id)| *id).collect();
        told.sort_unstable();
        let all = told.len();
        told.dedup();
        if third.style.embeds && third.style.embeds_members && !third.style.late_invitation {
            prop_assert_eq!(all, told.len(), "{:?}", client.host.deltas);
        }
        // Its end is told once, as an invitation's own.
        prop_assert_eq!(client.host.ends[&last].as_slice(), [Outcome::Accepted]);
        prop_assert_eq!(client.host.ends[&again].len(), 1);
        prop_assert_eq!(client.world.conversations().count(), 1);
    }
}

fn ana() -> Somebody {
    Somebody { uri: "sip:ana@contoso.com".into(), leads: false, local: false }
}

const PLAIN: Style =
    Style { embeds: true, collections: true, embeds_members: true, events: true, late_invitation: false };

#[test]
fn nothing_is_told_of_people_who_are_as_they_were() {
    let server = |application| Server { application, people: vec![me(), ana()], style: PLAIN };
    let (mut client, id) = in_meeting(&server(1));
    client.lose();
    assert!(!client.world.roster(id).unwrap().is_complete(), "what is shown is of before");
    client.invite(Some(id), "again");
    client.join(&server(2), "again", usize::MAX, 0);
    assert_eq!(client.host.deltas, []);
    assert!(client.world.roster(id).unwrap().is_complete());
}

#[test]
fn what_cannot_be_joined_again_ends_with_the_application() {
    let server = Server { application: 1, people: vec![me(), ana()], style: PLAIN };
    let reason = Reason { subcode: "ApplicationNotFound".into(), ..Reason::default() };
    // A conversation of two; a meeting in whose lobby the user waits; one that he is leaving; one without an address.
    let states = [
        (ConversationState::Connected, true, true),
        (ConversationState::InLobby, true, true),
        (ConversationState::Conferenced, false, true),
        (ConversationState::Conferenced, true, false),
    ];
    for (state, wanted, has_uri) in states {
        let mut client = Client { world: World::new(), waiting: Vec::new(), host: Host::default() };
        client.take(outside(vec![conversation_of(1, EventType::Added, Some(state.clone()), false)]));
        let id = only_room(&client.world);
        if has_uri {
            client.take(within_room(1, vec![meeting_of(1)]));
        }
        client.world.want(id, wanted);
        client.take(Input::ApplicationLost { reason: Some(reason.clone()) });
        assert_eq!(client.host.conversations[&id], Phase::Deleted, "{state:?}");
        assert!(client.world.to_join_again().is_empty());
    }
    let (mut client, id) = in_meeting(&server);
    client.take(Input::ApplicationLost { reason: Some(reason) });
    assert_eq!(client.host.conversations[&id], Phase::Updated);
    let conversation = client.world.conversation(id).unwrap();
    assert_eq!((conversation.state.clone(), conversation.can_add_participant), (None, false));
}

#[test]
fn a_meeting_that_cannot_be_joined_again_ends_with_the_reason() {
    let server = Server { application: 1, people: vec![me(), ana()], style: PLAIN };
    let reason = Reason { subcode: "DestinationNotFound".into(), ..Reason::default() };
    let (mut client, id) = in_meeting(&server);
    client.lose();
    let again = client.invite(Some(id), "again");
    let output = apply(&mut client.world, Input::Refused { invitation: again, reason: Some(reason.clone()) });
    let ended = output.changes.iter().find_map(|change| match change {
        Change::Conversation(change) => Some((change.phase, change.conversation.clone())),
        _ => None,
    });
    let (phase, conversation) = ended.unwrap();
    assert_eq!((phase, conversation.id, &conversation.reason), (Phase::Deleted, id, &Some(reason)));
    assert!(client.world.roster(id).is_none());
}

#[test]
fn somebody_whose_body_cannot_be_read_is_shown_as_somebody_else() {
    let bare = Style { embeds: false, embeds_members: false, ..PLAIN };
    let (mut client, id) = in_meeting(&Server { application: 1, people: vec![me(), ana()], style: PLAIN });
    client.lose();
    client.invite(Some(id), "again");
    let server = Server { application: 2, people: vec![me(), ana()], style: bare };
    for page in server.pages("again") {
        client.take(page);
    }
    let key = server.href(1);
    while let Some(want) = client.waiting.pop() {
        if client.world.begin_fetch(&want.subject).is_none() {
            continue;
        }
        let answer = server.answer(&want).filter(|_| want.target.href.as_str() != key);
        let subject = want.subject;
        client.take(match answer {
            Some(body) => Input::Fetched { subject, base: base(), body },
            None => Input::FetchFailed { subject, gone: false },
        });
    }
    let phases = client.host.deltas.iter().map(|(phase, _)| *phase);
    let phases: Vec<Phase> = phases.filter(|phase| *phase != Phase::Updated).collect();
    assert_eq!(phases, [Phase::Added, Phase::Deleted], "he is somebody, and who was there is not");
    assert_eq!(client.world.roster(id).unwrap().len(), 2);
}
