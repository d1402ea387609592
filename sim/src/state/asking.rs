//! What simulated people ask users for by themselves.

use super::conversation::Wish;
use super::ids::RoomId;
use super::reasons;
use super::room::Place;
use super::world::{Action, World};
use crate::truth::Outcome;

impl World {
    /// A simulated person asks a user into a meeting, without `room` into one of his own; none when the user cannot
    /// be reached.
    pub(crate) fn invite_from_person(
        &mut self,
        from: &str,
        to: &str,
        room: Option<RoomId>,
        wish: &Wish,
    ) -> Option<()> {
        let endpoints = self.endpoints(to);
        if endpoints.is_empty() {
            return None;
        }
        let room = room.unwrap_or_else(|| self.meeting_of_person(from, &wish.subject));
        let there = self.rooms.get(&room)?.by_uri(from).map(|member| member.id);
        let inviter = there.unwrap_or_else(|| {
            let member = self.bring(room, from);
            self.come_in(room, member, Place::Inside);
            member
        });
        let inviter = self.member(room, inviter)?.clone();
        let meeting = self.rooms.get(&room)?.meeting.clone()?;
        let call = self.number();
        let mut asked = None;
        for app in endpoints {
            if !self.is_in(app, &meeting) {
                let made = self.open_meeting(app, &meeting, wish.clone(), Some((call, inviter.clone())));
                let (id, _) = made?;
                self.after(self.switches.answer_timeout_ms, Action::NoAnswer(id));
                asked = Some(());
            }
        }
        asked
    }

    fn meeting_of_person(&mut self, organizer: &str, subject: &str) -> RoomId {
        let room = self.new_room(None);
        let key = crate::random::conference_key();
        self.make_meeting(organizer, key.clone(), room);
        if let Some(meeting) = self.meetings.get_mut(&key) {
            meeting.subject = subject.to_owned();
        }
        if let Some(room) = self.rooms.get_mut(&room) {
            room.meeting = Some(key);
        }
        room
    }

    /// He takes back what was not answered yet; says how much.
    pub(crate) fn withdraw_from_person(&mut self, from: &str, to: &str) -> usize {
        let same = |uri: Option<&str>, wanted: &str| uri.is_some_and(|uri| crate::uri::same(uri, wanted));
        let open = self.invitations.iter().filter(|(_, i)| {
            i.incoming
                && i.is_pending()
                && same(i.from.as_ref().map(|from| from.uri.as_str()), from)
                && same(i.to.as_deref(), to)
        });
        let open: Vec<_> = open.map(|(id, _)| *id).collect();
        for id in &open {
            self.withdraw(*id, reasons::CANCELED.with_code("RemoteFailure"), Outcome::Cancelled);
        }
        open.len()
    }
}
