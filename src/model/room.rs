//! One conversation: its own properties, its meeting, its people, and the reading of the collections on joining.

use std::collections::HashSet;
use std::sync::Arc;

use super::entry::Place;
use super::fetch::{Collection, Stamp, Subject};
use super::people::People;
use super::step::Step;
use super::{AudienceAction, Change, Conversation, ConversationChange, ConversationId, Meeting, Phase};
use crate::wire::{
    Base, CollectionBody, ConversationBody, ConversationState, Link, Links, OnlineMeetingBody, Reason, Rel,
    ResourceId, Target,
};

#[derive(Debug)]
pub(super) struct Room {
    pub(super) people: People,
    draft: Conversation,
    /// What the host was told; `None` before the first conversation event.
    shown: Option<Arc<Conversation>>,
    target: Target,
    links: Links,
    base: Base,
    touched: Stamp,
    meeting_touched: Stamp,
    /// The full onlineMeeting was asked for already.
    meeting_read: bool,
    reading: Option<Reading>,
    due: Due,
    /// Events may have been missed, and the conversation itself was not read since.
    comparing: bool,
    /// It is, or was until now, one of two people.
    is_call: bool,
    /// The user is in it no more; its end follows.
    is_out: bool,
    /// The user has been in the meeting.
    was_in: bool,
    /// The user is leaving.
    unwanted: bool,
    /// The application is gone, and the conversation was not found again.
    away: bool,
    /// Joined again: the user is in the meeting once more.
    arrived: bool,
}

/// Whether the collections have to be read for this joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    No,
    /// As soon as a body shows their links.
    Yes,
    /// The first body had no such links: the conversation itself was asked for them, once.
    Asked,
}

/// The collections are being read, to compare the roster with them (no page promises that somebody who joins is told
/// of everybody already there).
#[derive(Debug)]
struct Reading {
    waiting: HashSet<Collection>,
    /// Those that could be read.
    read: HashSet<Collection>,
    /// When the first GET left: events after it win over the collections.
    since: Option<Stamp>,
    listed: HashSet<ResourceId>,
    /// Something was missed meanwhile: read once more.
    again: bool,
}

const COLLECTIONS: [(Collection, Rel, Place); 3] = [
    (Collection::Leaders, Rel::Leaders, Place::Leader),
    (Collection::Attendees, Rel::Attendees, Place::Attendee),
    (Collection::Lobby, Rel::Lobby, Place::Lobby),
];

impl Room {
    pub(super) fn new(id: ConversationId, target: Target) -> Self {
        let draft = Conversation::new(id);
        let base = target.base.clone();
        Room {
            people: People::new(id),
            draft,
            shown: None,
            target,
            links: Links::default(),
            base,
            touched: 0,
            meeting_touched: 0,
            meeting_read: false,
            reading: None,
            due: Due::No,
            comparing: false,
            is_call: false,
            is_out: false,
            was_in: false,
            unwanted: false,
            away: false,
            arrived: false,
        }
    }

    pub(super) fn id(&self) -> ConversationId {
        self.draft.id
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// What the host was told; `None` when it was told nothing yet.
    pub(super) fn shown(&self) -> Option<&Arc<Conversation>> {
        self.shown.as_ref()
    }

    /// Waits to be joined again.
    pub(super) fn is_away(&self) -> bool {
        self.away
    }

    /// The meeting's URI; may be empty.
    pub(super) fn uri(&self) -> &str {
        self.draft.meeting.as_ref().map_or("", |meeting| &meeting.uri)
    }

    /// Whether the user wants to be in it.
    pub(super) fn want(&mut self, wanted: bool) {
        self.unwanted = !wanted;
    }

    /// A meeting that the user was in, and did not leave.
    pub(super) fn can_be_joined_again(&self) -> bool {
        self.was_in && !self.is_out && !self.unwanted && !self.has_ended() && !self.uri().is_empty()
    }

    /// Its address is void, and what is known of it is of before.
    pub(super) fn lose_application(&mut self, step: &mut Step<'_>) {
        (self.away, self.arrived, self.comparing, self.meeting_read) = (true, false, false, false);
        (self.due, self.reading, self.links, self.is_call) = (Due::No, None, Links::default(), false);
        (self.draft.state, self.draft.can_add_participant) = (None, false);
        self.draft.can.clear();
        self.people.lose_application();
        if self.shown.is_some() {
            self.show(step);
        }
    }

    /// It was joined again, and is here now.
    pub(super) fn joined_again_at(&mut self, step: &mut Step<'_>, target: &Target) {
        if std::mem::take(&mut self.away) {
            self.touched = step.stamp;
        }
        self.target = target.clone();
    }

    /// The user is in the meeting once more. Who else is comes with the collections; when none are being read, the
    /// conversation itself says whether there are any.
    pub(super) fn arrived(&mut self, step: &mut Step<'_>) {
        self.arrived = true;
        if self.people.has_former() && self.reading.is_none() {
            step.fetches.want(Subject::Conversation(self.id()), self.target.clone());
        }
    }

    /// There are no collections that would tell who is there: the events have.
    fn told_without_collections(&mut self, step: &mut Step<'_>) {
        if self.arrived && self.reading.is_none() {
            self.people.told_all(step);
        }
    }

    /// A capability link. None on an ended conversation, whatever its body still shows (trap T-46).
    pub(super) fn capability(&self, rel: &Rel) -> Option<Target> {
        if self.has_ended() {
            return None;
        }
        self.links.get(rel).map(|link| Target::new(link.href.clone(), self.base.clone()))
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.draft.state, Some(ConversationState::Disconnected))
    }

    /// `added` or `updated` of the conversation itself.
    pub(super) fn upsert(
        &mut self,
        step: &mut Step<'_>,
        base: &Base,
        body: Option<&ConversationBody>,
        reason: Option<&Reason>,
    ) {
        self.touched = step.stamp;
        self.because(reason);
        match body {
            Some(body) => {
                step.fetches.drop_waiting(&Subject::Conversation(self.id()));
                self.apply(step, body, base);
            }
            None => step.fetches.want(Subject::Conversation(self.id()), self.target.clone()),
        }
        self.show(step);
    }

    /// The body of a GET on the conversation.
    pub(super) fn fetched(&mut self, step: &mut Step<'_>, sent: Stamp, base: &Base, body: &ConversationBody) {
        if self.touched > sent {
            step.fetches.want(Subject::Conversation(self.id()), self.target.clone());
            return;
        }
        self.comparing = false;
        self.apply(step, body, base);
        if self.shown.is_some() {
            self.show(step);
        }
        self.told_without_collections(step);
    }

    /// An event of somebody in this conversation came, but nothing of the conversation itself yet.
    pub(super) fn announce(&mut self, step: &mut Step<'_>) {
        if self.shown.is_none() {
            step.fetches.want(Subject::Conversation(self.id()), self.target.clone());
            self.show(step);
        }
    }

    /// The reason of the last change: one that goes on for another reason, or for none, does not keep an older one. At the
    /// end the last one said stays.
    fn because(&mut self, reason: Option<&Reason>) {
        let is_ending = self.is_out
            || matches!(
                self.draft.state,
                Some(ConversationState::Disconnecting | ConversationState::Disconnected)
            );
        if reason.is_some() || !is_ending {
            self.draft.reason = reason.cloned();
        }
    }

    /// The server said why something became of the user himself: ejected, demoted, admitted.
    pub(super) fn of_oneself(&mut self, step: &mut Step<'_>, is_out: bool, reason: Option<&Reason>) {
        self.is_out |= is_out;
        if reason.is_some() {
            self.because(reason);
            self.show(step);
        }
    }

    /// The conversation is gone: the last word on it.
    pub(super) fn delete(&mut self, step: &mut Step<'_>, reason: Option<&Reason>) {
        self.because(reason);
        self.draft.state = Some(ConversationState::Disconnected);
        self.draft.can_add_participant = false;
        self.draft.can.clear();
        if self.shown.take().is_some() {
            self.emit(step, Phase::Deleted);
        }
    }

    /// The meeting's address is known from the invitation before the meeting itself.
    pub(super) fn meeting_uri(&mut self, step: &mut Step<'_>, uri: &str) {
        let meeting = self.draft.meeting.get_or_insert_with(Meeting::default);
        if meeting.uri.is_empty() {
            meeting.uri = uri.to_owned();
            if self.shown.is_some() {
                self.show(step);
            }
        }
    }

    /// `added` or `updated` of the conversation's onlineMeeting.
    pub(super) fn meeting(&mut self, step: &mut Step<'_>, target: Target, body: Option<&OnlineMeetingBody>) {
        self.meeting_touched = step.stamp;
        if let Some(body) = body {
            self.apply_meeting(body);
        }
        // On the wire it starts with little more than its address (PROTOCOL 8.4): read the whole once.
        if body.is_none() || !self.meeting_read {
            self.meeting_read = true;
            step.fetches.want(Subject::Meeting(self.id()), target);
        }
        self.show(step);
    }

    /// The body of a GET on the onlineMeeting.
    pub(super) fn meeting_fetched(
        &mut self,
        step: &mut Step<'_>,
        sent: Stamp,
        target: Target,
        body: &OnlineMeetingBody,
    ) {
        if self.meeting_touched > sent {
            step.fetches.want(Subject::Meeting(self.id()), target);
            return;
        }
        self.apply_meeting(body);
        if self.shown.is_some() {
            self.show(step);
        }
    }

    /// A collection could be read.
    pub(super) fn collected(
        &mut self,
        step: &mut Step<'_>,
        collection: Collection,
        sent: Stamp,
        base: &Base,
        body: &CollectionBody,
    ) {
        let Some((_, _, place)) = COLLECTIONS.into_iter().find(|(known, _, _)| *known == collection) else {
            return;
        };
        let mut listed = HashSet::new();
        for member in &body.members {
            if let Some(link) = member.links.get(&Rel::SelfLink) {
                listed.insert(self.people.listed(step, place, sent, link, base, Some(member)));
            }
        }
        let embedded: HashSet<ResourceId> =
            body.members.iter().filter_map(|m| own_id(&m.links, base)).collect();
        for link in body.links.all(&Rel::Participant) {
            if !embedded.contains(&Target::new(link.href.clone(), base.clone()).id()) {
                listed.insert(self.people.listed(step, place, sent, link, base, None));
            }
        }
        if let Some(reading) = &mut self.reading {
            reading.listed.extend(listed);
            reading.read.insert(collection);
            reading.since = Some(reading.since.map_or(sent, |since| since.min(sent)));
        }
        self.collection_done(step, collection);
    }

    /// Something of this room could not be read. What is known stays as it is, partial if it was; but a failure from
    /// before the last event says nothing about after it, so then it is asked for again. True when the room itself is
    /// gone: events may have been missed, and the server says that there is no such conversation.
    pub(super) fn fetch_failed(
        &mut self,
        step: &mut Step<'_>,
        subject: &Subject,
        sent: Stamp,
        target: Target,
        gone: bool,
    ) -> bool {
        let touched = match subject {
            Subject::Participant(_, key) => {
                self.people.fetch_failed(step, key, sent);
                return false;
            }
            Subject::Modality(_, key, modality) => {
                self.people.modality_failed(step, key, modality, sent);
                return false;
            }
            Subject::Collection(_, collection) => {
                self.collection_done(step, *collection);
                return false;
            }
            Subject::Meeting(_) => self.meeting_touched,
            _ => self.touched,
        };
        if touched > sent {
            step.fetches.want(subject.clone(), target);
            return false;
        }
        if matches!(subject, Subject::Conversation(_)) {
            self.told_without_collections(step);
            return gone && self.comparing;
        }
        false
    }

    /// Events may have been missed: read everything again.
    pub(super) fn compare(&mut self, step: &mut Step<'_>) {
        if self.away {
            return;
        }
        self.comparing = true;
        // What is being read now was asked for before.
        self.touched = step.stamp;
        step.fetches.want(Subject::Conversation(self.id()), self.target.clone());
        if self.draft.state == Some(ConversationState::Conferenced) {
            self.people.set_complete(false);
            self.read_collections(step);
        }
    }

    /// Starts to read the collections that the server offers. False when it offers none.
    pub(super) fn read_collections(&mut self, step: &mut Step<'_>) -> bool {
        if let Some(reading) = &mut self.reading {
            reading.again = true;
            return true;
        }
        let mut offered = HashSet::new();
        for (collection, rel, _) in &COLLECTIONS {
            if let Some(target) = self.capability(rel) {
                offered.insert(*collection);
                step.fetches.want(Subject::Collection(self.id(), *collection), target);
            }
        }
        if offered.is_empty() {
            return false;
        }
        self.people.watch();
        self.reading = Some(Reading {
            waiting: offered,
            read: HashSet::new(),
            since: None,
            listed: HashSet::new(),
            again: false,
        });
        true
    }

    fn collection_done(&mut self, step: &mut Step<'_>, collection: Collection) {
        let Some(reading) = &mut self.reading else { return };
        reading.waiting.remove(&collection);
        if !reading.waiting.is_empty() {
            return;
        }
        let Some(reading) = self.reading.take() else {
            return;
        };
        // The lobby may be none of the user's business: he who may not admit may not be shown it.
        let complete = [Collection::Leaders, Collection::Attendees].iter().all(|c| reading.read.contains(c));
        if let Some(since) = reading.since.filter(|_| complete) {
            let lobby_read = reading.read.contains(&Collection::Lobby);
            self.people.keep_only(step, &reading.listed, since, lobby_read);
        }
        self.people.set_complete(complete);
        self.people.stop_watching();
        if !(reading.again && self.read_collections(step)) {
            self.people.told_all(step);
        }
    }

    fn apply(&mut self, step: &mut Step<'_>, body: &ConversationBody, base: &Base) {
        let draft = &mut self.draft;
        let before = draft.state.clone();
        draft.state = body.state.clone().or(draft.state.take());
        keep(&mut draft.subject, body.subject.as_ref());
        keep(&mut draft.thread_id, body.thread_id.as_ref());
        keep(&mut draft.active_modalities, body.active_modalities.as_ref());
        draft.importance = body.importance.clone().or(draft.importance.take());
        draft.participant_count = body.participant_count.or(draft.participant_count);
        draft.recording = body.recording.or(draft.recording);
        draft.audience_mute = body.audience_mute.clone().or(draft.audience_mute.take());
        draft.audience_messaging = body.audience_messaging.clone().or(draft.audience_messaging.take());
        self.links = body.links.clone();
        self.base = base.clone();
        self.draft.can_add_participant = self.capability(&Rel::AddParticipant).is_some();
        let offered = |action: &AudienceAction| self.capability(&Rel::from_word(action.as_str())).is_some();
        self.draft.can = AudienceAction::ALL.into_iter().filter(offered).collect();
        if self.draft.state != before {
            self.entered(step);
        }
        self.read_if_due(step);
    }

    /// The conversation went to another state.
    fn entered(&mut self, step: &mut Step<'_>) {
        match self.draft.state {
            Some(ConversationState::Conferenced) => {
                self.people.set_complete(false);
                self.due = Due::Yes;
                if std::mem::take(&mut self.is_call) {
                    // Who talked to each other have roles now, and one is the organizer; no event need say so.
                    self.people.reread(step);
                }
                self.was_in = true;
            }
            // Two people, and the events name them: there is no collection to compare with.
            Some(ConversationState::Connected) => {
                self.people.set_complete(true);
                self.is_call = true;
            }
            _ => self.due = Due::No,
        }
    }

    fn read_if_due(&mut self, step: &mut Step<'_>) {
        if self.due == Due::No {
            return;
        }
        if self.read_collections(step) {
            self.due = Due::No;
        } else if self.due == Due::Yes {
            self.due = Due::Asked;
            step.fetches.want(Subject::Conversation(self.id()), self.target.clone());
        }
    }

    fn apply_meeting(&mut self, body: &OnlineMeetingBody) {
        let meeting = self.draft.meeting.get_or_insert_with(Meeting::default);
        keep(&mut meeting.uri, body.online_meeting_uri.as_ref());
        keep(&mut meeting.id, body.online_meeting_id.as_ref());
        keep(&mut meeting.join_url, body.join_url.as_ref());
        keep(&mut meeting.subject, body.subject.as_ref());
        keep(&mut meeting.organizer_uri, body.organizer_uri.as_ref());
        keep(&mut meeting.organizer_name, body.organizer_name.as_ref());
        keep(&mut meeting.conference_id, body.conference_id.as_ref());
        keep(&mut meeting.description, body.description.as_ref());
        keep(&mut meeting.disclaimer_title, body.disclaimer_title.as_ref());
        keep(&mut meeting.disclaimer_body, body.disclaimer_body.as_ref());
        keep(&mut meeting.hosting_network, body.hosting_network.as_ref());
        keep(&mut meeting.leaders, body.leaders.as_ref());
        keep(&mut meeting.attendees, body.attendees.as_ref());
        keep(&mut meeting.automatic_leader_assignment, body.automatic_leader_assignment.as_ref());
        keep(&mut meeting.entry_exit_announcement, body.entry_exit_announcement.as_ref());
        keep(&mut meeting.large_meeting, body.large_meeting.as_ref());
        keep(&mut meeting.lobby_bypass_for_phone_users, body.lobby_bypass_for_phone_users.as_ref());
        keep(&mut meeting.phone_user_admission, body.phone_user_admission.as_ref());
        meeting.expiration_time = body.expiration_time.or(meeting.expiration_time);
        meeting.access_level = body.access_level.clone().or(meeting.access_level.take());
    }

    /// Tells the host what differs from what it was told last.
    fn show(&mut self, step: &mut Step<'_>) {
        match &self.shown {
            None => self.emit(step, Phase::Added),
            Some(shown) if **shown != self.draft => self.emit(step, Phase::Updated),
            Some(_) => {}
        }
    }

    fn emit(&mut self, step: &mut Step<'_>, phase: Phase) {
        let conversation = Arc::new(self.draft.clone());
        if phase != Phase::Deleted {
            self.shown = Some(conversation.clone());
        }
        step.changes.push(Change::Conversation(ConversationChange { phase, conversation }));
    }
}

fn keep<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

fn own_id(links: &Links, base: &Base) -> Option<ResourceId> {
    let link: &Link = links.get(&Rel::SelfLink)?;
    Some(Target::new(link.href.clone(), base.clone()).id())
}
